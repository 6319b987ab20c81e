// Questions that the configuration answers: which route, who may send where, who is this peer.
#include "gateway/config/settings.hpp"

#include <algorithm>

namespace gateway::config {

std::string canonical_domain(std::string_view domain)
{
    if (domain.ends_with('.')) domain.remove_suffix(1);
    std::string out(domain);
    for (char& c : out)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return out;
}

namespace {

// Both in canonical form.
bool covers(std::string_view pattern, std::string_view name)
{
    if (name.empty()) return false;
    if (pattern == "*") return true;
    if (!pattern.starts_with("*.")) return name == pattern;
    const auto below = pattern.substr(1); // ".name"
    return name.size() > below.size() && name.ends_with(below);
}

} // namespace

bool matches(std::string_view pattern, std::string_view domain)
{
    return covers(canonical_domain(pattern), canonical_domain(domain));
}

const route* settings::route_for(std::string_view domain) const
{
    const auto name = canonical_domain(domain);
    const auto at = std::find_if(routes.begin(), routes.end(), [&](const auto& r) { return covers(r.domain, name); });
    return at == routes.end() ? nullptr : &*at;
}

bool settings::takes_from_anyone(std::string_view domain) const
{
    const auto* found = route_for(domain);
    return found != nullptr && found->domain != "*" && found->via != route_via::dns;
}

bool settings::is_own(std::string_view domain) const
{
    if (!takes_from_anyone(domain)) return false;
    return route_for(domain)->via != route_via::xproto || matches(site, domain) || matches("*." + site, domain);
}

const directory* settings::directory_for(std::string_view domain) const
{
    const auto name = canonical_domain(domain);
    const auto at =
        std::find_if(directories.begin(), directories.end(), [&](const auto& d) { return covers(d.domain, name); });
    return at == directories.end() ? nullptr : &*at;
}

bool settings::may_relay(std::string_view address) const
{
    return std::any_of(smtp.relay_from.begin(), smtp.relay_from.end(),
                       [&](const auto& n) { return n.contains(address); });
}

const peer* settings::peer_by_host(std::string_view name) const
{
    const auto wanted = canonical_domain(name);
    const auto at = std::find_if(peers.begin(), peers.end(), [&](const auto& p) { return p.host == wanted; });
    return at == peers.end() ? nullptr : &*at;
}

bool includes(audience whom, trust peer)
{
    if (whom == audience::off) return false;
    return peer == trust::trusted || (peer == trust::known && whom == audience::known);
}

} // namespace gateway::config
