// One hop, signed.
#include "gateway/delivery/own_step.hpp"

#include "xproto/codes.hpp"
#include "xproto/trace.hpp"

#include <algorithm>

namespace gateway::delivery {

namespace {

// Nothing for what came by SMTP, and for what an earlier version of this program has stored.
std::optional<xproto::reception> reception_of(const spool::proof_facts& proof)
{
    const auto certificate = xproto::digest_from_text(proof.certificate);
    if (proof.by.empty() || !certificate) return std::nullopt;
    xproto::reception made;
    made.by = proof.by;
    made.standing = proof.standing;
    made.certificate = *certificate;
    made.authority = proof.authority;
    return made;
}

} // namespace

own_step begin_step(const runtime& gateway, const site::identity& identity, const spool::record& stored,
                    xproto::envelope& message, std::string next)
{
    own_step made;
    auto& here = made.hop;
    here.host = gateway.settings->host;
    here.certificate = identity.host().sha256();
    here.peer = stored.reception.peer;
    here.peer_address = stored.reception.peer_address;
    here.protocol = stored.reception.protocol;
    here.id = stored.id.text();
    here.time = stored.reception.time;
    here.next = std::move(next);
    here.reception = reception_of(stored.reception.proof);
    if (message.trace.empty() || !xproto::is_unsent(message.trace.back())) return made;
    auto& arrival = message.trace.back();
    here.changes = std::move(arrival.changes);
    here.legacy = std::move(arrival.legacy);
    message.trace.pop_back();
    made.instead_of_last = true;
    return made;
}

xproto::parsed<std::string> own_step::prepare(xproto::envelope& message, const std::vector<std::uint32_t>& keep)
{
    std::erase_if(message.recipients, [&](const xproto::recipient& to) {
        return std::find(keep.begin(), keep.end(), to.number) == keep.end();
    });
    if (message.recipients.size() != keep.size())
        return xproto::object_error{xproto::codes::not_valid, "envelope/recipients",
                                    "a recipient is not in the envelope"};
    hop.recipients = xproto::recipients_digest(message.recipients);
    return xproto::hop_octets(message, hop);
}

xproto::parsed<std::string> own_step::send(std::string_view xml, xproto::envelope& message, xproto::signature made,
                                           const site::identity& identity)
{
    hop.sign = std::move(made);
    xproto::forwarding how;
    for (const auto& to : message.recipients) how.keep.push_back(to.number);
    how.next = hop;
    how.instead_of_last = instead_of_last;
    how.certificates = {{identity.host().sha256(), identity.host().der()}};
    auto forwarded = xproto::forward(xml, how);
    message.trace.push_back(hop);
    return forwarded;
}

} // namespace gateway::delivery
