// Mail for hosts that open the sessions themselves (docs/operating.md, "A site that cannot be reached from outside").
// It waits in the schedule, like mail for a host that is away, and goes at once when they have come. Only a route makes
// a host the owner of mail, and only a proved name makes a session that host's.
#include "gateway/delivery/dispatcher.hpp"
#include "gateway/delivery/xproto_outgoing.hpp"

namespace gateway::delivery {

std::string dispatcher::guest_key(const std::string& host)
{
    return "xproto:theirs/" + config::canonical_domain(host);
}

guest_courier& dispatcher::guest(const std::string& host)
{
    return guests_.try_emplace(config::canonical_domain(host), gateway_).first->second;
}

bool dispatcher::has_come(const std::string& host) const
{
    const auto found = guests_.find(config::canonical_domain(host));
    return found != guests_.end() && found->second.has_session();
}

std::unique_ptr<sessions::outgoing_mail> dispatcher::welcome(const std::string& host, xproto::sending_half& session,
                                                             sessions::session_driver& driver,
                                                             std::shared_ptr<const config::settings> settings,
                                                             std::shared_ptr<const site::identity> identity)
{
    // Those who have gone are forgotten when somebody new comes, so that no more are remembered than are here.
    if (!guests_.contains(config::canonical_domain(host)))
        std::erase_if(guests_, [](const auto& other) { return other.second.is_idle(); });
    auto& courier = guest(host);
    const bool first = !courier.has_session();
    auto mail = std::make_unique<xproto_outgoing>(gateway_, courier, host, session, driver, std::move(settings),
                                                  std::move(identity));
    courier.join(*mail);
    if (first) schedule_.reachable(guest_key(host), gateway_.now());
    kick();
    return mail;
}

std::string dispatcher::awaited_host(const spool::recipient& to) const
{
    const auto where = destination_of(to.address);
    return where && where->guest && !has_come(where->host) ? where->host : std::string();
}

} // namespace gateway::delivery
