// Delivers to a host that this gateway cannot or shall not call, in the sessions that it opens itself (docs/xproto.md,
// "Full duplex"). While there is none its mail waits in the queue.
#pragma once

#include "gateway/delivery/session_pool.hpp"

namespace gateway::delivery {

class guest_courier final : public session_pool {
  public:
    using session_pool::session_pool;

    // Has it nothing, and nobody to give it to?
    bool is_idle() const { return !has_session() && !any_waiting(); }
    // Its sessions come to an end by themselves.
    void drain() override { stop(); }
    void part(xproto_outgoing& session) override;
    bool waits_after(const xproto_outgoing& session) const override { return !has_other_session(session); }

  private:
    void more_needed() override;
};

} // namespace gateway::delivery
