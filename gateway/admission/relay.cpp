// The relay rule.
#include "gateway/admission/relay.hpp"

namespace gateway::admission {

std::string_view routing_domain(const config::settings& settings, std::string_view address)
{
    const auto at = address.rfind('@');
    return at == std::string_view::npos ? std::string_view(settings.site) : address.substr(at + 1);
}

mapping::verdict check_recipient(const config::settings& settings, bool trusted, std::string_view address)
{
    const auto domain = routing_domain(settings, address);
    if (!trusted && !settings.takes_from_anyone(domain))
        return mapping::verdict::rejected({5, 7, 1}, "relaying to this domain is not allowed from here");
    if (settings.route_for(domain) == nullptr) return mapping::verdict::rejected({5, 1, 2}, "no route to this domain");
    return mapping::verdict::delivered("recipient ok");
}

mapping::verdict check_stranger_recipient(const config::settings& settings, std::string_view address)
{
    if (!settings.is_own(routing_domain(settings, address)))
        return mapping::verdict::rejected({5, 7, 1}, "this domain is not one of ours");
    return check_recipient(settings, false, address);
}

} // namespace gateway::admission
