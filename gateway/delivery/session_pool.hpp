// Jobs for one host, and the sessions with it that take them: what couriers of xproto have in common, whoever opens the
// sessions.
#pragma once

#include "gateway/delivery/courier.hpp"
#include "gateway/runtime/runtime.hpp"

#include <deque>
#include <memory>
#include <optional>
#include <vector>

namespace gateway::delivery {

class xproto_outgoing;

class session_pool : public courier {
  public:
    explicit session_pool(runtime& gateway) : gateway_(gateway) {}

    void deliver(job next) final;
    void withdraw(spool::entry_id id) final;

    // A session that may take jobs from now on, until it parts.
    void join(xproto_outgoing& session) { sessions_.push_back(&session); }
    virtual void part(xproto_outgoing& session);
    bool has_session() const { return !sessions_.empty(); }
    bool has_other_session(const xproto_outgoing& than) const;
    // The next job, or nothing; for a session that has room.
    std::optional<job> take();
    // A job that a session did not get rid of, because its peer is leaving: for another session.
    void put_back(job next);
    // Mail that was lost with this session: does it have to wait until there is another?
    virtual bool waits_after(const xproto_outgoing&) const { return false; }

  protected:
    // All sessions are full, or there is none, and jobs wait.
    virtual void more_needed() = 0;
    // No more is taken; what waits goes back.
    void stop();
    bool stopped() const { return stopped_; }
    bool any_waiting() const { return !waiting_.empty(); }
    // What waits goes back.
    void fail_waiting(const mapping::verdict& why, bool unreachable);

    runtime& gateway_;

  private:
    void feed_soon();
    void feed();

    std::deque<job> waiting_;
    std::vector<xproto_outgoing*> sessions_;
    bool stopped_ = false, feed_posted_ = false;
    std::shared_ptr<const bool> alive_ = std::make_shared<bool>(true);
};

} // namespace gateway::delivery
