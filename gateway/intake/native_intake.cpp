// One message on its way in over xproto.
#include "gateway/intake/native_intake.hpp"

#include "gateway/admission/refusals.hpp"
#include "gateway/admission/relay.hpp"
#include "gateway/admission/sender.hpp"
#include "gateway/intake/common.hpp"
#include "gateway/intake/control_intake.hpp"
#include "gateway/runtime/limits.hpp"
#include "mapping/status_table.hpp"
#include "mapping/to_smtp.hpp"
#include "xproto/extensions.hpp"
#include "xproto/headers_object.hpp"
#include "xproto/trace.hpp"

#include <algorithm>

namespace gateway::intake {

using xproto::finish_answer;
using xproto::object_type;

xproto::recipient_answer answer_for(const xproto::recipient& to, const mapping::verdict& v)
{
    auto said = mapping::to_result(v);
    xproto::recipient_answer answer;
    answer.number = to.number;
    answer.code = said.code;
    answer.text = std::move(said.text);
    answer.smtp_code = said.smtp_code;
    return answer;
}

native_intake::native_intake(runtime& gateway, std::shared_ptr<const site::identity> identity, peer_facts peer,
                             std::string message_id)
    : gateway_(gateway), identity_(std::move(identity)), peer_(std::move(peer)), message_id_(std::move(message_id))
{
    facts_.by_xproto = true;
    facts_.host = peer_.host;
    facts_.address = peer_.address;
    facts_.tls = peer_.tls.version;
    if (peer_.known != nullptr) facts_.trust = peer_.known->settings.trust;
}

const xproto::object_reference* native_intake::announced(std::string_view type) const
{
    for (const auto& object : envelope_.objects)
        if (object.type == type) return &object;
    return nullptr;
}

// Of headers and body: what is announced must be what the envelope announces.
xproto::object_answer native_intake::check_size(const xproto::server_session::check_object& asked) const
{
    const auto* object = announced(to_text(asked.type));
    const auto octets = asked.from + asked.octets;
    if (object == nullptr || (asked.pending == 0 ? octets != object->octets : octets > object->octets))
        return xproto::object_answer::refuse(xproto::codes::not_announced,
                                             "the envelope announces another size for this object");
    // Octets that are said to be others than the envelope names need not travel to be refused.
    if (!asked.digest.empty() && asked.digest != xproto::to_text(object->sha256))
        return xproto::object_answer::refuse(xproto::codes::digest_mismatch);
    return xproto::object_answer::permit_whole(object->octets);
}

xproto::object_answer native_intake::answer_about(const body_assembly::verdict& no) const
{
    if (no) return xproto::object_answer::refuse(no->code, no->why);
    if (current_ == object_type::body) return xproto::object_answer::permit_whole(announced("message/body")->octets);
    if (current_ != object_type::leaf) return xproto::object_answer::permit();
    if (body_->leaf_is_here()) return xproto::object_answer::leaf_here(body_->leaf_is_last());
    auto answer = xproto::object_answer::permit_leaf(body_->leaf_is_last());
    answer.whole = body_->leaf_octets();
    return answer;
}

void native_intake::check_object(const xproto::server_session::check_object& asked,
                                 std::function<void(xproto::object_answer)> handler)
{
    current_ = asked.type;
    if (asked.type == object_type::envelope) return handler(xproto::object_answer::permit());
    if (asked.type == object_type::headers || asked.type == object_type::body)
        if (auto answer = check_size(asked); !answer.permitted || asked.type == object_type::headers)
            return handler(std::move(answer));
    const auto answer = [this, handler](const body_assembly::verdict& no) { handler(answer_about(no)); };
    if (asked.type == object_type::leaf) return body_->begin_leaf(asked, answer);
    body_ = std::make_unique<body_assembly>(gateway_, weak_from_this(), peer_.host, message_id_, peer_.resumes,
                                            *announced("message/body"));
    if (asked.type == object_type::body) return body_->begin_body(asked, answer);
    answer(body_->begin_skeleton(asked));
}

void native_intake::append(std::string_view octets)
{
    switch (current_) {
    case object_type::envelope: envelope_xml_ += octets; return;
    case object_type::headers: headers_xml_ += octets; return;
    case object_type::body:
    case object_type::skeleton:
    case object_type::leaf: break;
    }
    body_->append(current_, octets);
}

finish_answer native_intake::finish_object(object_type type)
{
    switch (type) {
    case object_type::envelope: return finish_envelope();
    case object_type::headers: return finish_headers();
    case object_type::body:
    case object_type::skeleton:
    case object_type::leaf: return finish_body(type);
    }
    return refuse(xproto::codes::local_error, "no such object");
}

finish_answer native_intake::refuse(xproto::result_code code, const std::string& why)
{
    gateway_.counters.messages_rejected.xproto.add();
    gateway_.counters.messages_refused[admission::reason_of(code)].xproto.add();
    const auto number = code.text();
    gateway_.log.info("message_refused",
                      {{"peer", peer_.host}, {"msgid", message_id_}, {"code", number}, {"reason", why}});
    return finish_answer::refuse(code, why);
}

finish_answer native_intake::finish_envelope()
{
    auto read = xproto::read_envelope(envelope_xml_, envelope_limits(*gateway_.settings));
    if (!read) return refuse(read.error().code, read.error().where + ": " + read.error().what);
    envelope_ = std::move(*read);
    if (envelope_.id != message_id_) return refuse(xproto::codes::not_valid, "the envelope is that of another message");
    if (mapping::asks_for(envelope_, "REQUIRETLS") && !peer_.tls.verified)
        return refuse(xproto::codes::no_secure_path, "the message demands TLS, and comes in clear");
    // A message that comes round would meet its own trace in the duplicate memory and vanish as a repeat.
    const auto& host = gateway_.settings->host;
    if (std::any_of(envelope_.trace.begin(), envelope_.trace.end(), [&](const auto& hop) { return hop.host == host; }))
        return refuse(xproto::codes::too_many_hops, "the message has been here before: this is a mail loop");
    const auto owned = gateway_.spool.already_have(peer_.host, message_id_);
    if (!owned.empty()) {
        const bool all = std::all_of(envelope_.recipients.begin(), envelope_.recipients.end(), [&](const auto& to) {
            return std::find(owned.begin(), owned.end(), to.address) != owned.end();
        });
        if (all) {
            gateway_.counters.already_have.xproto.add();
            gateway_.log.info("already_have", {{"peer", peer_.host}, {"msgid", message_id_}});
            return finish_answer::already_have();
        }
    }
    control_ = envelope_.objects.empty();
    if (!control_ && (announced("message/headers") == nullptr || announced("message/body") == nullptr))
        return refuse(xproto::codes::not_valid, "a message has headers and a body, or, as a control message, neither");
    // The body would be refused when it is announced; the headers need not travel first.
    if (!control_ && announced("message/body")->octets > gateway_.settings->limits.message_octets)
        return refuse(xproto::codes::object_too_large, "the message is larger than limits.message_octets");
    if (const auto wrong = gateway_.extensions.refuse(envelope_.extensions))
        return refuse(wrong->code, wrong->where + ": " + wrong->what);
    if (envelope_.trace.size() + envelope_.legacy.size() > gateway_.settings->limits.hops)
        return refuse(xproto::codes::too_many_hops, "too many hops (limits.hops), this looks like a mail loop");
    if (auto broken = check_trace()) return std::move(*broken);
    if (gateway_.probes.take(gateway_, envelope_)) return finish_answer::accept_control();
    check_recipients(owned);
    if (!wanted_.empty())
        if (auto dealt_with = take_probe()) return std::move(*dealt_with);
    owned_some_ = !owned.empty();
    note_envelope();
    return envelope_answer();
}

// What the envelope is answered when its recipients have been looked at.
finish_answer native_intake::envelope_answer()
{
    complete_ = !wanted_.empty() && control_;
    if (complete_) control_writer_ = gateway_.spool.begin();
    if (!wanted_.empty()) return finish_answer::accept(refused_);
    if (owned_some_) { // nothing new that we would take, but some of it is ours already
        auto answer = finish_answer::already_have();
        answer.recipients = refused_;
        return answer;
    }
    auto none = refuse(xproto::codes::recipient_refused, "no recipient was accepted");
    none.recipients = refused_;
    return none;
}

std::optional<finish_answer> native_intake::check_trace()
{
    xproto::trace_expectations expected;
    expected.validate = [this](const auto& leaf, const auto& others, xproto::purpose use, xproto::unix_seconds at) {
        const auto& stores = identity_->stores();
        auto found = gateway_.certificates.validate(peer_.known->store, leaf, others, use, at);
        for (std::size_t i = 0; !found && i < stores.size(); ++i)
            found = gateway_.certificates.validate(*stores[i], leaf, others, use, at);
        return found;
    };
    expected.parse = [this](const xproto::digest& name, std::string_view der) {
        return gateway_.certificates.parse(name, der);
    };
    expected.peer = peer_.host;
    expected.host = gateway_.settings->host;
    expected.batches = &gateway_.batches;
    expected.now = gateway_.now();
    expected.limits.hops = gateway_.settings->limits.hops;
    const auto report = xproto::verify_trace(envelope_, expected);
    if (!report.intact()) return refuse(xproto::codes::invalid_trace, report.broken);
    if (const auto why = admission::refuse_originator(*peer_.known, identity_->peers(), envelope_, report))
        return refuse(xproto::codes::invalid_sender, *why);
    return std::nullopt;
}

// A probe that has gone as far as it may, or as far as xproto goes, is answered and is over. One that may go on is a
// message like any other.
std::optional<finish_answer> native_intake::take_probe()
{
    if (xproto::find_extension(envelope_, xproto::route_probe_oid) == nullptr) return std::nullopt;
    const auto& settings = *gateway_.settings;
    const auto probe = xproto::probe_of(envelope_);
    if (!probe) return refuse(probe.error().code, probe.error().where + ": " + probe.error().what);
    if (!envelope_.from.sign) return refuse(xproto::codes::invalid_sender, "a probe is signed by its sender");
    if (!config::includes(settings.xproto.traceroute, peer_.known->settings.trust))
        return refuse(xproto::codes::probe_refused, "this host does not tell you where mail goes from here");
    if (!gateway_.probes.admit(settings.limits.traceroutes_per_minute, traceroutes::clock::now()))
        return refuse(xproto::codes::too_many_probes, "too many probes (limits.traceroutes_per_minute)");
    const auto domain = admission::routing_domain(settings, envelope_.recipients.front().address);
    const auto* route = settings.route_for(domain);
    const bool to_xproto = route != nullptr && route->via == config::route_via::xproto;
    const auto passed = static_cast<std::uint32_t>(envelope_.trace.size());
    if (to_xproto && passed < probe->hops) return std::nullopt;
    const auto next = route == nullptr ? std::string()
                      : to_xproto      ? route->host
                                       : std::string(xproto::smtp_next) + route->to.host;
    return answer_probe(passed, next);
}

finish_answer native_intake::answer_probe(std::uint32_t hop, std::string next)
{
    xproto::route_answer answer;
    answer.hop = hop;
    answer.probe = envelope_.id;
    answer.host = gateway_.settings->host;
    answer.arrival = gateway_.now();
    answer.next = std::move(next);
    gateway_.log.info("probe_answered", {{"peer", peer_.host}, {"msgid", message_id_}, {"next", answer.next}});
    // That it may get lost is no harm: nobody waits for ever.
    store_control(gateway_,
                  xproto::make_answer(answer, envelope_.from.address, make_message_id(answer.host), answer.arrival),
                  [](bool) {});
    return finish_answer::accept_control();
}

void native_intake::check_recipients(const std::vector<std::string>& owned)
{
    const auto trust = peer_.known->settings.trust;
    for (const auto& to : envelope_.recipients) {
        // One that we own already counts as accepted: the spool will not store it twice.
        if (std::find(owned.begin(), owned.end(), to.address) != owned.end()) continue;
        const auto answer =
            trust == config::trust::unknown
                ? admission::check_stranger_recipient(*gateway_.settings, to.address)
                : admission::check_recipient(*gateway_.settings, trust == config::trust::trusted, to.address);
        if (answer.outcome == mapping::verdict::kind::delivered) {
            wanted_.push_back(to.number);
            continue;
        }
        gateway_.counters.recipients_rejected.xproto.add();
        gateway_.counters.messages_refused[metrics::refusal::recipient].xproto.add();
        gateway_.log.info("recipient_refused",
                          {{"peer", peer_.host}, {"msgid", message_id_}, {"rcpt", to.address}, {"text", answer.text}});
        refused_.push_back(answer_for(to, answer));
    }
}

finish_answer native_intake::finish_headers()
{
    if (xproto::sha256(headers_xml_) != announced("message/headers")->sha256)
        return refuse(xproto::codes::digest_mismatch, "the headers are not those that the envelope announces");
    const auto read = xproto::read_headers(headers_xml_);
    if (!read) return refuse(read.error().code, read.error().where + ": " + read.error().what);
    facts_.fields = admission::facts_of(*read, gateway_.settings->filters);
    facts_.media_type = admission::media_type_of(*read);
    return finish_answer::accept();
}

// Of the body, or of a piece of it.
finish_answer native_intake::finish_body(object_type type)
{
    const auto wrong = type == object_type::body       ? body_->finish_body()
                       : type == object_type::skeleton ? body_->finish_skeleton()
                                                       : body_->finish_leaf();
    if (wrong) return refuse(wrong->code, wrong->why);
    complete_ = type == object_type::body || body_->has_all_leaves();
    return finish_answer::accept(refused_);
}

void native_intake::commit(std::function<void(finish_answer)> handler)
{
    if (control_ || current_ == object_type::body) return store(std::move(handler));
    body_->complete([this, kept = shared_from_this(), handler = std::move(handler)](const body_assembly::verdict& no) {
        if (no) return handler(refuse(no->code, no->why));
        store(handler);
    });
}

void native_intake::store(std::function<void(finish_answer)> handler)
{
    auto facts = make_record(gateway_, envelope_);
    std::erase_if(facts.recipients, [this](const spool::recipient& to) {
        return std::find(wanted_.begin(), wanted_.end(), to.number) == wanted_.end();
    });
    facts.from = spool::origin::xproto;
    facts.peer_identity = peer_.host;
    facts.reception.peer = peer_.host;
    facts.reception.peer_address = peer_.address;
    facts.reception.protocol = "XPROTO";
    facts.reception.proof = {peer_.reception.by, peer_.reception.standing, xproto::to_text(peer_.reception.certificate),
                             peer_.reception.authority};
    facts.reception.tls = peer_.tls;
    const auto content = body_ ? body_->facts() : smtp::content_facts();
    facts.content.eight_bit = content.eight_bit;
    facts.content.bare_newlines = content.bare_newline || content.nul;
    facts.content.smtputf8 = mapping::asks_for(envelope_, "SMTPUTF8");
    auto& writer = control_ ? *control_writer_ : body_->writer();
    // Keeps this object alive until the spool has answered, whatever becomes of the session.
    writer.commit(std::move(facts), std::move(envelope_xml_), std::move(headers_xml_),
                  [this, kept = shared_from_this(), answer = std::move(handler)](spool::result<spool::record> outcome) {
                      answer(stored(std::move(outcome)));
                  });
}

finish_answer native_intake::stored(spool::result<spool::record> outcome)
{
    const bool had = !outcome && outcome.error() == spool::errc::already_have;
    if (body_ && (outcome || had)) body_->forget_beginning();
    if (had) {
        gateway_.counters.already_have.xproto.add();
        return finish_answer::already_have();
    }
    if (!outcome) {
        gateway_.counters.messages_put_off.xproto.add();
        gateway_.log.error("commit_failed",
                           {{"peer", peer_.host}, {"msgid", message_id_}, {"reason", outcome.error().message()}});
        const auto failed = commit_failure(outcome.error());
        return finish_answer::refuse(mapping::to_result(failed).code, failed.text);
    }
    const auto id = outcome->id.text();
    gateway_.counters.messages_accepted.xproto.add();
    gateway_.counters.octets_accepted.xproto.add(outcome->place.octets());
    gateway_.log.info("accepted", {{"id", id},
                                   {"peer", peer_.host},
                                   {"protocol", "XPROTO"},
                                   {"sender", outcome->sender},
                                   {"recipients", outcome->recipients.size()},
                                   {"octets", outcome->place.octets()},
                                   {"msgid", message_id_}});
    gateway_.accepted->on_accepted(std::move(*outcome));
    const bool early = control_ || current_ == object_type::skeleton;
    return early ? finish_answer::accept_last(refused_) : finish_answer::accept(refused_);
}

} // namespace gateway::intake
