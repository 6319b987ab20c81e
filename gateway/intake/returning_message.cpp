// Who signed, what arrived, and what this host says about it.
#include "gateway/intake/returning_message.hpp"

#include "gateway/admission/sender.hpp"
#include "gateway/intake/common.hpp"
#include "gateway/runtime/limits.hpp"
#include "gateway/site/identity.hpp"
#include "mapping/carrier/undo_encoding.hpp"
#include "xproto/extensions.hpp"
#include "xproto/trace.hpp"

#include <algorithm>

namespace gateway::intake {

namespace {

xproto::trace_expectations expectations(const runtime& gateway, const xproto::certificate_store& first)
{
    xproto::trace_expectations expected;
    expected.validate = [&gateway, &first](const auto& leaf, const auto& others, xproto::purpose use,
                                           xproto::unix_seconds at) {
        const auto& stores = gateway.identity->stores();
        auto found = gateway.certificates.validate(first, leaf, others, use, at);
        for (std::size_t i = 0; !found && i < stores.size(); ++i)
            found = gateway.certificates.validate(*stores[i], leaf, others, use, at);
        return found;
    };
    expected.parse = [&gateway](const xproto::digest& name, std::string_view der) {
        return gateway.certificates.parse(name, der);
    };
    expected.batches = &gateway.batches;
    expected.now = gateway.now();
    expected.limits.hops = gateway.settings->limits.hops;
    return expected;
}

bool is_from(const site::known_peer& peer, const xproto::link_report& link)
{
    if (!link.identity) return false;
    const auto& anchors = peer.store.anchors();
    return std::find(anchors.begin(), anchors.end(), link.identity->anchor) != anchors.end();
}

// Why the carried envelope is not to be believed. The last hop's signature stands for the session in which a peer would
// have proved itself: from there on the rules are those for mail that comes by xproto.
std::optional<std::string> refuse(const runtime& gateway, const xproto::envelope& envelope)
{
    if (envelope.trace.empty()) return "no host has signed it";
    const auto& last = envelope.trace.back();
    if (!last.next.starts_with(xproto::smtp_next)) return "its last hop did not hand it to SMTP";
    const auto& host = gateway.settings->host;
    if (std::any_of(envelope.trace.begin(), envelope.trace.end(), [&](const auto& hop) { return hop.host == host; }))
        return "it has been here before";
    const auto* peer = gateway.identity->peer(last.host);
    if (peer == nullptr) return "its last hop, " + last.host + ", is no peer of this host";
    const auto report = xproto::verify_trace(envelope, expectations(gateway, peer->store));
    if (!report.intact()) return report.broken;
    if (!is_from(*peer, report.hops.back())) return "its last hop is not certified by the CA of " + last.host;
    if (auto why = admission::refuse_originator(*peer, gateway.identity->peers(), envelope, report)) return why;
    if (const auto wrong = gateway.extensions.refuse(envelope.extensions)) return wrong->what;
    return std::nullopt;
}

} // namespace

std::unique_ptr<returning_message> returning_message::find(runtime& gateway, const client_facts& client,
                                                           const mapping::header_section& header)
{
    mapping::carrier::limits bounds;
    xproto::headers_limits headers;
    headers.octets = gateway.settings->limits.headers_object_octets;
    bounds.decoded = gateway.settings->limits.envelope_object_octets + headers.octets + header.octets().size();
    auto found = mapping::carrier::open(header, bounds, envelope_limits(*gateway.settings), headers);
    if (!found.any) return nullptr;
    std::optional<std::string> why;
    if (!found.what)
        why = found.reason;
    else
        why = refuse(gateway, found.what->envelope);
    if (why) {
        gateway.log.info("carrier_ignored", {{"client", client.address}, {"reason", *why}});
        return nullptr;
    }
    return std::unique_ptr<returning_message>(new returning_message(gateway, client, *std::move(found.what)));
}

returning_message::returning_message(runtime& gateway, const client_facts& client, mapping::carrier::opened carried)
    : gateway_(gateway), client_(client), carried_(std::move(carried))
{
}

returning_message::~returning_message()
{
    if (has_id_) gateway_.restoring.erase(carried_.envelope.id);
}

void returning_message::ignored(std::string_view why) const
{
    gateway_.log.info("carrier_ignored",
                      {{"client", client_.address}, {"msgid", carried_.envelope.id}, {"reason", why}});
}

void returning_message::append(std::string_view octets, std::string& store)
{
    const auto* const sent = carried_.body();
    if (sent != nullptr && octets_ < sent->octets) first_octets_.update(octets.substr(0, sent->octets - octets_));
    octets_ += octets.size();
    held_ += octets;
    holding_ = holding_ && held_.size() <= gateway_.settings->mapping.undo_octets;
    if (holding_) return;
    store += held_;
    held_.clear();
}

std::optional<returning_message::objects> returning_message::finish(const smtp::transaction& transaction,
                                                                    const mapping::header_section& header,
                                                                    const xproto::digest& body_digest,
                                                                    std::string& store)
{
    auto made =
        carried_.is_control() ? finish_control(transaction, header) : finish_message(transaction, header, body_digest);
    if (!made || !carried_.is_control()) store += held_;
    return made;
}

// What stands for its body in mail is for people, and is dropped.
std::optional<returning_message::objects> returning_message::finish_control(const smtp::transaction& transaction,
                                                                            const mapping::header_section& header)
{
    if (holding_) return make(transaction, header, {});
    ignored("its text is larger than mapping.undo_octets");
    return std::nullopt;
}

std::optional<returning_message::objects> returning_message::finish_message(const smtp::transaction& transaction,
                                                                            const mapping::header_section& header,
                                                                            const xproto::digest& body_digest)
{
    const auto& sent = *carried_.body();
    mapping::carrier::arrived_body body;
    body.octets = octets_;
    body.sha256 = body_digest;
    body.begins_as_sent = octets_ > sent.octets && first_octets_.finish() == sent.sha256;
    std::optional<std::string> undone;
    if (holding_ && body.sha256 != sent.sha256) undone = mapping::carrier::undo_encoding(carried_, header, held_);
    if (undone) {
        body.octets = sent.octets;
        body.sha256 = sent.sha256;
    }
    auto made = make(transaction, header, body);
    if (made && undone) held_ = *std::move(undone);
    return made;
}

std::optional<returning_message::objects> returning_message::make(const smtp::transaction& transaction,
                                                                  const mapping::header_section& header,
                                                                  const mapping::carrier::arrived_body& body)
{
    auto back = mapping::carrier::restore(carried_, transaction, header, body, mapping_options(*gateway_.settings));
    if (!back.message) {
        ignored(back.reason);
        return std::nullopt;
    }
    return seal(std::move(*back.message));
}

// This host's hop: what came by SMTP, from whom, and what had changed. It says "not sent on yet" until it is.
std::optional<returning_message::objects> returning_message::seal(mapping::carrier::restored made)
{
    auto& now = carried_.envelope;
    auto& how = made.envelope;
    std::erase_if(now.recipients, [&](const xproto::recipient& to) {
        return std::find(how.keep.begin(), how.keep.end(), to.number) == how.keep.end();
    });
    const auto kept = static_cast<std::ptrdiff_t>(now.recipients.size());
    now.recipients.insert(now.recipients.end(), how.added.begin(), how.added.end());
    xproto::salt_recipients(now);
    how.added.assign(now.recipients.begin() + kept, now.recipients.end());
    for (const auto& changed : how.objects)
        for (auto& object : now.objects)
            if (object.type == changed.type) object = changed;
    has_id_ = gateway_.restoring.insert(now.id).second;
    if (!has_id_ || is_known(now)) {
        ignored("a message with this id was taken before for one of the recipients");
        return std::nullopt;
    }

    const auto& identity = *gateway_.identity;
    auto& here = how.next;
    here.host = gateway_.settings->host;
    here.certificate = identity.host().sha256();
    here.peer = client_.hello;
    here.peer_address = client_.address;
    here.protocol = client_.protocol;
    here.time = gateway_.now();
    here.next = here.host;
    xproto::sign_hop(now, here, now.recipients, identity.host_key());
    how.certificates = {{identity.host().sha256(), identity.host().der()}};
    auto xml = xproto::forward(carried_.what.envelope, how);
    // What is kept is what is looked at: no signature may be shown over anything that it does not cover.
    auto again = xml ? xproto::read_envelope(*xml, envelope_limits(*gateway_.settings)) : xml.error();
    if (!again) {
        ignored(again.error().where + ": " + again.error().what);
        return std::nullopt;
    }
    const auto report = xproto::verify_trace(*again, expectations(gateway_, identity.own_store()));
    if (!report.intact()) {
        ignored(report.broken);
        return std::nullopt;
    }
    objects out;
    out.envelope = std::move(*again);
    out.envelope_xml = std::move(*xml);
    out.headers_xml = std::move(made.headers);
    out.undone = std::move(made.undone);
    return out;
}

// Would a next host take it for a repeat of another message?
bool returning_message::is_known(const xproto::envelope& envelope) const
{
    std::vector<std::string> peers{std::string(restored_peer)};
    for (const auto& peer : gateway_.settings->peers) peers.push_back(peer.host);
    for (const auto& peer : peers) {
        const auto taken = gateway_.spool.already_have(peer, envelope.id);
        for (const auto& to : envelope.recipients)
            if (std::find(taken.begin(), taken.end(), to.address) != taken.end()) return true;
    }
    return false;
}

} // namespace gateway::intake
