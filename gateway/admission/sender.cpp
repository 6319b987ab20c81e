// Whom we let speak for whom.
#include "gateway/admission/sender.hpp"

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

} // namespace

std::optional<std::string> refuse_originator(const site::known_peer& peer, const xproto::envelope& message,
                                             const xproto::trace_report& report)
{
    if (peer.settings.trust == config::trust::trusted) return std::nullopt;
    for (std::size_t i = 0; i < report.hops.size(); ++i)
        if (!report.hops[i].identity) return "hop " + std::to_string(i + 1) + ": " + report.hops[i].identity_reason;
    if (!report.originator || !report.originator->signer) return "the originator did not sign";
    if (!by_anchor_of(peer, *report.originator))
        return "the originator's certificate is not from " + peer.settings.host + "'s own CA";
    // The null sender's signature is that of a process@host certificate, which names the host.
    const auto& address =
        message.from.address.empty() ? report.originator->signer->addresses().front() : message.from.address;
    const auto domain = std::string_view(address).substr(address.rfind('@') + 1);
    if (in_domains(peer, domain)) return std::nullopt;
    return peer.settings.host + " may not speak for " + std::string(domain);
}

} // namespace gateway::admission
