// Where mail goes next: the routes as destinations, and the couriers that serve them.
#include "gateway/admission/relay.hpp"
#include "gateway/delivery/dispatcher.hpp"
#include "gateway/delivery/smtp_courier.hpp"
#include "gateway/delivery/xproto_courier.hpp"
#include "xproto/trace.hpp"

#include <algorithm>

namespace gateway::delivery {

std::optional<dispatcher::destination> dispatcher::destination_of(const std::string& address) const
{
    const auto* route = gateway_.settings->route_for(admission::routing_domain(*gateway_.settings, address));
    if (route == nullptr) return std::nullopt;
    return destination_of(*route);
}

dispatcher::destination dispatcher::destination_of(const config::route& route)
{
    destination where;
    where.via = route.via;
    where.to = route.to;
    where.host = route.host;
    where.start = route.start;
    where.guest = route.session == config::session_by::them;
    if (where.guest) {
        where.key = guest_key(route.host);
        return where;
    }
    where.key = std::string(config::to_text(route.via)) + ":" + config::to_text(route.to);
    if (!route.host.empty()) where.key += "/" + route.host;
    if (route.start == config::start::clear) where.key += "/clear";
    return where;
}

std::string dispatcher::destination::as_next() const
{
    return via == config::route_via::xproto ? host : std::string(xproto::smtp_next) + to.host;
}

std::uint32_t dispatcher::at_once(const destination& where) const
{
    const auto& settings = *gateway_.settings;
    const auto limit = where.via == config::route_via::xproto
                           ? settings.xproto.sessions_per_destination * settings.limits.window_transfers_trusted
                           : settings.smtp.sessions_per_destination;
    // Twice what the sessions can carry: the next job is at hand when one is done. A few slow destinations must not
    // keep all others waiting.
    return static_cast<std::uint32_t>(std::min<std::uint64_t>(2 * limit, active_limit / 8));
}

courier& dispatcher::courier_for(const destination& where)
{
    if (where.guest) return guest(where.host);
    auto& place = couriers_[where.key];
    if (place) return *place;
    if (where.via == config::route_via::xproto)
        place = std::make_unique<xproto_courier>(gateway_, where.to, where.host, where.start);
    else
        place = std::make_unique<smtp_courier>(gateway_, where.to);
    return *place;
}

// Sessions that the configuration wants open at all times are opened before there is mail for them.
void dispatcher::keep_sessions()
{
    const auto settings = gateway_.settings;
    for (const auto& route : settings->routes) {
        const bool ours = route.via == config::route_via::xproto && route.session == config::session_by::us;
        const auto* peer = ours ? settings->peer_by_host(route.host) : nullptr;
        if (peer != nullptr && peer->keep && !draining_) courier_for(destination_of(route)).keep();
    }
}

} // namespace gateway::delivery
