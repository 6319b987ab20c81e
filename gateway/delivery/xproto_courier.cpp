// Delivers to one next hop over xproto.
#include "gateway/delivery/xproto_courier.hpp"

#include "gateway/delivery/job_parts.hpp"
#include "gateway/delivery/xproto_link.hpp"

#include <boost/asio/post.hpp>

#include <algorithm>
#include <utility>

namespace gateway::delivery {

namespace asio = boost::asio;

xproto_courier::xproto_courier(runtime& gateway, config::endpoint to, std::string host, config::start start)
    : gateway_(gateway), to_(std::move(to)), host_(std::move(host)), start_(start), later_(gateway.context)
{
}

xproto_courier::~xproto_courier() = default;

void xproto_courier::deliver(job next)
{
    waiting_.push_back(std::move(next));
    feed_soon();
}

void xproto_courier::feed_soon()
{
    if (feed_posted_) return;
    feed_posted_ = true;
    asio::post(gateway_.context, [this, alive = std::weak_ptr<const bool>(alive_)] {
        if (!alive.expired()) feed();
    });
}

// Gives the links what waits, when all that is ready to run has had its turn: messages that were committed together are
// signed together.
void xproto_courier::feed()
{
    feed_posted_ = false;
    const auto links = links_; // a link may leave while it is fed
    for (const auto& link : links) {
        if (waiting_.empty()) return;
        if (link->has_room()) link->feed();
    }
    if (draining_) hand_back();
    if (waiting_.empty()) return;
    // All full: another session, unless one is already on its way.
    const bool opening = std::any_of(links_.begin(), links_.end(), [](const auto& link) { return link->opening(); });
    if (!opening && links_.size() < gateway_.settings->xproto.sessions_per_destination) open_link();
}

void xproto_courier::drain()
{
    draining_ = true;
    later_.cancel();
    hand_back();
    const auto links = links_;
    for (const auto& link : links) link->drain();
}

void xproto_courier::withdraw(spool::entry_id id)
{
    for (auto& one : take_out(waiting_, id)) one.finish_withdrawn();
    const auto links = links_; // a link may leave
    for (const auto& link : links) link->withdraw(id);
}

void xproto_courier::keep()
{
    if (links_.empty() && !draining_) open_link();
}

bool xproto_courier::kept() const
{
    const auto* peer = gateway_.settings->peer_by_host(host_);
    return peer != nullptr && peer->keep && !draining_;
}

// A peer that is away is tried again after a second, and after twice as long each time that it still is.
void xproto_courier::open_later()
{
    later_.expires_after(pause_);
    pause_ = std::min(longest, pause_ * 2);
    later_.async_wait([this](const boost::system::error_code& ec) {
        if (!ec && kept()) keep();
    });
}

void xproto_courier::put_back(job next)
{
    if (next.is_withdrawn()) return next.finish_withdrawn();
    next.returned = true;
    waiting_.push_front(std::move(next));
    feed_soon();
}

void xproto_courier::hand_back()
{
    const auto stop = mapping::verdict::deferred({4, 3, 2}, "the gateway is shutting down");
    for (auto& one : std::exchange(waiting_, {})) one.finish(stop);
}

void xproto_courier::open_link()
{
    auto link = std::make_shared<xproto_link>(gateway_, *this, to_, host_, start_);
    links_.push_back(link);
    link->start();
}

std::optional<job> xproto_courier::take()
{
    if (waiting_.empty()) return std::nullopt;
    auto next = std::move(waiting_.front());
    waiting_.pop_front();
    return next;
}

void xproto_courier::link_left(const std::optional<mapping::verdict>& why)
{
    if (!links_.empty()) return;
    if (!why) pause_ = shortest;
    if (!why && !draining_ && !waiting_.empty()) return open_link();
    if (kept()) open_later();
    auto failed = std::move(waiting_);
    waiting_.clear();
    for (auto& one : failed) {
        auto result =
            outcome::same(one.recipients.size(), why ? *why : mapping::verdict::deferred({4, 3, 2}, "shutting down"));
        result.unreachable = why.has_value();
        one.done(std::move(result));
    }
}

} // namespace gateway::delivery
