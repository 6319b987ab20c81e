// Jobs for one host, and the sessions with it that take them.
#include "gateway/delivery/session_pool.hpp"

#include "gateway/delivery/job_parts.hpp"
#include "gateway/delivery/xproto_outgoing.hpp"

#include <boost/asio/post.hpp>

#include <algorithm>
#include <utility>

namespace gateway::delivery {

void session_pool::deliver(job next)
{
    waiting_.push_back(std::move(next));
    feed_soon();
}

void session_pool::withdraw(spool::entry_id id)
{
    for (auto& one : take_out(waiting_, id)) one.finish_withdrawn();
    const auto sessions = sessions_; // one may leave while another is told
    for (auto* const one : sessions)
        if (std::find(sessions_.begin(), sessions_.end(), one) != sessions_.end()) one->withdraw(id);
}

void session_pool::part(xproto_outgoing& session)
{
    std::erase(sessions_, &session);
}

bool session_pool::has_other_session(const xproto_outgoing& than) const
{
    return std::any_of(sessions_.begin(), sessions_.end(), [&](const auto* one) { return one != &than; });
}

std::optional<job> session_pool::take()
{
    if (waiting_.empty()) return std::nullopt;
    auto next = std::move(waiting_.front());
    waiting_.pop_front();
    return next;
}

void session_pool::put_back(job next)
{
    if (next.is_withdrawn()) return next.finish_withdrawn();
    next.returned = true;
    waiting_.push_front(std::move(next));
    feed_soon();
}

void session_pool::feed_soon()
{
    if (feed_posted_) return;
    feed_posted_ = true;
    boost::asio::post(gateway_.context, [this, alive = std::weak_ptr<const bool>(alive_)] {
        if (!alive.expired()) feed();
    });
}

// Gives the sessions what waits, when all that is ready to run has had its turn: messages that were committed together
// are signed together.
void session_pool::feed()
{
    feed_posted_ = false;
    const auto sessions = sessions_; // one may leave while another is fed
    for (auto* const one : sessions) {
        if (waiting_.empty()) return;
        const bool here = std::find(sessions_.begin(), sessions_.end(), one) != sessions_.end();
        if (here && one->has_room()) one->feed();
    }
    if (stopped_) stop();
    if (!waiting_.empty()) more_needed();
}

void session_pool::stop()
{
    stopped_ = true;
    fail_waiting(mapping::verdict::deferred({4, 3, 2}, "the gateway is shutting down"), false);
}

void session_pool::fail_waiting(const mapping::verdict& why, bool unreachable)
{
    for (auto& one : std::exchange(waiting_, {})) {
        auto result = outcome::same(one.recipients.size(), why);
        result.unreachable = unreachable;
        one.done(std::move(result));
    }
}

} // namespace gateway::delivery
