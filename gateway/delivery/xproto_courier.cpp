// Delivers to one next hop over xproto.
#include "gateway/delivery/xproto_courier.hpp"

#include "gateway/delivery/xproto_link.hpp"

#include <algorithm>
#include <utility>

namespace gateway::delivery {

xproto_courier::xproto_courier(runtime& gateway, config::endpoint to, std::string host, config::start start)
    : session_pool(gateway), to_(std::move(to)), host_(std::move(host)), start_(start), later_(gateway.context)
{
}

xproto_courier::~xproto_courier() = default;

// Another session, unless one is already on its way.
void xproto_courier::more_needed()
{
    const bool opening = std::any_of(links_.begin(), links_.end(), [](const auto& link) { return link->opening(); });
    if (!opening && links_.size() < gateway_.settings->xproto.sessions_per_destination) open_link();
}

void xproto_courier::drain()
{
    stop();
    later_.cancel();
    const auto links = links_;
    for (const auto& link : links) link->drain();
}

void xproto_courier::keep()
{
    if (links_.empty() && !stopped()) open_link();
}

bool xproto_courier::kept() const
{
    const auto* peer = gateway_.settings->peer_by_host(host_);
    return peer != nullptr && peer->keep && !stopped();
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

void xproto_courier::open_link()
{
    auto link = std::make_shared<xproto_link>(gateway_, *this, to_, host_, start_);
    links_.push_back(link);
    link->start();
}

void xproto_courier::link_left(const std::optional<mapping::verdict>& why)
{
    if (!links_.empty()) return;
    if (!why) pause_ = shortest;
    if (!why && !stopped() && any_waiting()) return open_link();
    if (kept()) open_later();
    fail_waiting(why ? *why : mapping::verdict::deferred({4, 3, 2}, "shutting down"), why.has_value());
}

} // namespace gateway::delivery
