// A message out of the spool in the form that SMTP wants.
#include "gateway/delivery/legacy_content.hpp"

#include "gateway/delivery/own_step.hpp"
#include "gateway/runtime/limits.hpp"
#include "mapping/carrier/audience.hpp"
#include "mapping/carrier/departure.hpp"
#include "xproto/trace.hpp"

#include <algorithm>

namespace gateway::delivery {

namespace {

mapping::verdict unreadable(const std::string& why)
{
    return mapping::verdict::deferred({4, 3, 0}, "the message cannot be read at the moment", why);
}

// The recipients of a job, and what the spool holds for it.
struct source {
    std::unique_ptr<spool::reader> reader;
    std::string envelope_xml, headers_xml;
    xproto::envelope envelope;
    xproto::headers_object headers;
};

std::optional<mapping::verdict> read(const runtime& gateway, const spool::record& message, source& made)
{
    auto reader = gateway.spool.open(message);
    if (!reader) return unreadable(reader.error().message());
    auto envelope_xml = (*reader)->envelope();
    if (!envelope_xml) return unreadable(envelope_xml.error().message());
    auto headers_xml = (*reader)->headers();
    if (!headers_xml) return unreadable(headers_xml.error().message());
    auto envelope = xproto::read_envelope(*envelope_xml, envelope_limits(*gateway.settings));
    if (!envelope) return unreadable(envelope.error().where + ": " + envelope.error().what);
    if (!envelope->objects.empty()) { // else it is for control, and has none
        auto headers = xproto::read_headers(*headers_xml);
        if (!headers) return unreadable(headers.error().where + ": " + headers.error().what);
        made.headers = std::move(*headers);
    }
    made.reader = std::move(*reader);
    made.envelope_xml = std::move(*envelope_xml);
    made.headers_xml = std::move(*headers_xml);
    made.envelope = std::move(*envelope);
    return std::nullopt;
}

bool wants_carrier(const config::settings& settings, bool native)
{
    const auto use = settings.mapping.carrier;
    return use == config::carrier::always || (use == config::carrier::native && native);
}

// The job's recipients as the envelope has them, in the job's order.
std::optional<std::vector<xproto::recipient>> recipients_of(const job& work, const xproto::envelope& envelope)
{
    std::vector<xproto::recipient> wanted;
    for (const auto index : work.recipients) {
        const auto number = work.message->recipients[index].number;
        const auto found = std::find_if(envelope.recipients.begin(), envelope.recipients.end(),
                                        [number](const auto& to) { return to.number == number; });
        if (found == envelope.recipients.end()) return std::nullopt;
        wanted.push_back(*found);
    }
    return wanted;
}

std::vector<std::size_t> all_of(const job& work)
{
    std::vector<std::size_t> positions(work.recipients.size());
    for (std::size_t i = 0; i < positions.size(); ++i) positions[i] = i;
    return positions;
}

} // namespace

std::optional<mapping::verdict> legacy_content::open(const runtime& gateway, const site::identity& identity,
                                                     const job& work, const std::string& next,
                                                     std::unique_ptr<legacy_content>& made)
{
    const auto& message = *work.message;
    source from;
    if (auto failed = read(gateway, message, from)) return failed;
    auto wanted = recipients_of(work, from.envelope);
    if (!wanted) return unreadable("a recipient is not in the envelope");
    mapping::carrier::departure_options options;
    options.standard = xproto::is_native(from.envelope);
    const bool is_control = from.envelope.objects.empty();
    options.carrier = wants_carrier(*gateway.settings, options.standard || is_control);
    options.eight_bit = message.content.eight_bit;
    options.most = gateway.settings->mapping.carrier_octets;

    made.reset(new legacy_content);
    made->covered_ = options.carrier ? mapping::carrier::first_audience(from.headers, *wanted) : all_of(work);
    std::vector<xproto::recipient> kept;
    std::vector<std::uint32_t> keep;
    for (const auto at : made->covered_) {
        keep.push_back((*wanted)[at].number);
        kept.push_back(std::move((*wanted)[at]));
    }
    // A message made here has no way behind it that a Received line could tell of.
    const bool is_own = message.from == spool::origin::local;
    auto step = begin_step(gateway, identity, message, from.envelope, std::string(xproto::smtp_next) + next);
    std::string carried;
    if (options.carrier) {
        const auto octets = step.prepare(from.envelope, keep);
        if (!octets) return unreadable(octets.error().where + ": " + octets.error().what);
        xproto::signature_batch alone;
        xproto::add_hop(alone, *octets, step.hop);
        auto forwarded = step.send(from.envelope_xml, from.envelope, alone.sign(identity.host_key()).front(), identity);
        if (!forwarded) return unreadable(forwarded.error().where + ": " + forwarded.error().what);
        carried = std::move(*forwarded);
    } else if (!is_own) {
        from.envelope.trace.push_back(std::move(step.hop));
    }
    from.envelope.recipients = std::move(kept);
    auto leaving = mapping::carrier::depart({carried, from.headers_xml, from.envelope, from.headers}, options);
    if (options.carrier && leaving.carrier.empty())
        gateway.log.info("carrier_left_out", {{"id", message.id.text()}, {"limit", "mapping.carrier_octets"}});

    for (const auto& name : leaving.refused_edits)
        gateway.log.warning("edit_refused", {{"id", message.id.text()}, {"field", name}});

    made->transaction_ = std::move(leaving.transaction);
    made->head_ = leaving.trace + leaving.carrier;
    made->trace_octets_ = made->head_.size();
    made->head_ += leaving.header + leaving.text;
    made->body_octets_ = is_control ? 0 : message.place.body_octets;
    made->reader_ = std::move(from.reader);
    return made->scan(message.content, leaving.utf8);
}

// Finds out what SMTP must know about the content.
std::optional<mapping::verdict> legacy_content::scan(const spool::content_facts& stored, bool utf8)
{
    smtp::content_scan head;
    head.push(head_);
    facts_ = head.facts();
    facts_.octets += body_octets_;
    facts_.eight_bit |= stored.eight_bit;
    facts_.bare_newline |= stored.bare_newlines;
    facts_.smtputf8 = stored.smtputf8 || utf8;
    if (body_octets_ == 0) return std::nullopt;
    const auto end = reader_->body(body_octets_ - std::min<std::uint64_t>(2, body_octets_));
    if (!end) return unreadable(end.error().message());
    facts_.ends_in_crlf = *end == "\r\n" || (*end == "\n" && head_.ends_with('\r'));
    return std::nullopt;
}

boost::system::result<legacy_content::piece> legacy_content::next()
{
    piece result;
    if (!head_given_) {
        head_given_ = true;
        result.octets = head_;
    } else {
        const auto octets = reader_->body(offset_);
        if (!octets) return octets.error();
        result.octets = *octets;
        offset_ += octets->size();
    }
    result.last = offset_ == body_octets_;
    return result;
}

std::string_view legacy_content::original_header() const
{
    return std::string_view(head_).substr(trace_octets_);
}

} // namespace gateway::delivery
