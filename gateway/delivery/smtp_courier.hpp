// Delivers to one next hop by SMTP: a pool of connections that are opened when there is work, used again and again, and
// closed after a while without any.
#pragma once

#include "gateway/delivery/courier.hpp"
#include "gateway/runtime/runtime.hpp"

#include <deque>
#include <memory>
#include <optional>
#include <vector>

namespace gateway::delivery {

class smtp_link;

class smtp_courier final : public courier {
  public:
    smtp_courier(runtime& gateway, config::endpoint to);
    ~smtp_courier() override;

    void deliver(job next) override;
    void withdraw(spool::entry_id id) override;
    void drain() override;

  private:
    friend class smtp_link;

    void open_link();
    // A link has ended: jobs may be waiting for it that no other will take.
    void open_link_for_waiting();
    // The next job, or nothing; for a link that is ready.
    std::optional<job> take();
    // The rest of a job that has just begun: for whoever is free next.
    void put_next(job rest) { waiting_.push_front(std::move(rest)); }
    // A job that met a connection which the server had closed meanwhile: once more, on another one.
    void put_back(job again);
    // A handshake failed: for a while this next hop gets its mail in clear.
    void tls_failed();
    bool may_use_tls() const;
    void fail_waiting(const mapping::verdict& why);

    runtime& gateway_;
    config::endpoint to_;
    std::deque<job> waiting_;
    std::vector<std::shared_ptr<smtp_link>> links_; // live connections; each removes itself when it ends
    std::int64_t clear_until_ = 0;                  // Unix seconds
    std::size_t opening_ = 0;                       // of these: not ready for a job yet
};

} // namespace gateway::delivery
