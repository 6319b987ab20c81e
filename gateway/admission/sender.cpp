// Whom we let speak for whom.
#include "gateway/admission/sender.hpp"

#include "smtp/address.hpp"

#include <algorithm>

namespace gateway::admission {

namespace {

bool by_anchor_of(const site::known_peer& peer, const xproto::link_report& link)
{
    if (!link.identity) return false;
    const auto& anchors = peer.store.anchors();
    return std::find(anchors.begin(), anchors.end(), link.identity->anchor) != anchors.end();
}

bool in_domains(const site::known_peer& peer, std::string_view domain)
{
    const auto& domains = peer.settings.domains;
    return std::any_of(domains.begin(), domains.end(),
                       [&](const std::string& pattern) { return config::matches(pattern, domain); });
}

// Is this host one of the peer's: itself, or one in or directly below a domain that it may speak for?
bool is_host_of(const site::known_peer& peer, std::string_view host)
{
    if (xproto::same_host(peer.settings.host, host) || in_domains(peer, host)) return true;
    const auto dot = host.find('.');
    return dot != std::string_view::npos && in_domains(peer, host.substr(dot + 1));
}

// A CA that we know vouches for the hosts of its own site only: else any known peer could put any host into a trace.
bool is_certified_by_its_own(const site::known_peer& peer, const std::vector<const site::known_peer*>& everybody,
                             std::string_view host, const xproto::link_report& link)
{
    const auto certifies = [&](const site::known_peer* one) {
        return is_host_of(*one, host) && by_anchor_of(*one, link);
    };
    return certifies(&peer) || std::any_of(everybody.begin(), everybody.end(), certifies);
}

} // namespace

std::optional<std::string> refuse_originator(const site::known_peer& peer,
                                             const std::vector<const site::known_peer*>& everybody,
                                             const xproto::envelope& message, const xproto::trace_report& report)
{
    if (peer.settings.trust == config::trust::trusted) return std::nullopt;
    for (std::size_t i = 0; i < report.hops.size(); ++i) {
        const auto hop = "hop " + std::to_string(i + 1) + ": ";
        if (!report.hops[i].identity) return hop + report.hops[i].identity_reason;
        if (!is_certified_by_its_own(peer, everybody, message.trace[i].host, report.hops[i]))
            return hop + "the CA that names " + message.trace[i].host + " is not that host's own";
    }
    if (!report.originator || !report.originator->signer) return "the originator did not sign";
    if (!by_anchor_of(peer, *report.originator))
        return "the originator's certificate is not from " + peer.settings.host + "'s own CA";
    if (message.from.address.empty()) {
        const auto host = message.trace.empty() ? std::string() : message.trace.front().host;
        if (is_host_of(peer, host)) return std::nullopt;
        return peer.settings.host + " may not speak for the host " + host;
    }
    const auto mailbox = smtp::parse_mailbox(message.from.address);
    if (!mailbox) return "the originator's address is none that mail can have";
    if (in_domains(peer, mailbox->domain)) return std::nullopt;
    return peer.settings.host + " may not speak for " + std::string(mailbox->domain);
}

} // namespace gateway::admission
