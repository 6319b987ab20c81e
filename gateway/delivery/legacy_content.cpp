// A message out of the spool in the form that SMTP wants.
#include "gateway/delivery/legacy_content.hpp"

#include "gateway/runtime/limits.hpp"
#include "mapping/to_smtp.hpp"

#include <algorithm>

namespace gateway::delivery {

namespace {

mapping::verdict unreadable(const std::string& why)
{
    return mapping::verdict::deferred({4, 3, 0}, "the message cannot be read at the moment", why);
}

// The lines that this path has added: one for each host that took the message on, this one included.
std::string trace_lines(const runtime& gateway, const spool::record& message, const xproto::envelope& envelope)
{
    const bool utf8 = message.content.smtputf8;
    std::string lines;
    if (message.from != spool::origin::local) {
        xproto::hop here;
        here.host = gateway.settings->host;
        here.peer = message.reception.peer;
        here.peer_address = message.reception.peer_address;
        here.protocol = message.reception.protocol;
        here.id = message.id.text();
        here.time = message.reception.time;
        const bool one = message.recipients.size() == 1;
        lines = mapping::received_line(here, one ? message.recipients.front().address : std::string(), utf8);
    }
    return lines + mapping::received_lines(envelope.trace, utf8);
}

} // namespace

std::optional<mapping::verdict> legacy_content::open(const runtime& gateway, const job& work,
                                                     std::unique_ptr<legacy_content>& made)
{
    const auto& message = *work.message;
    auto reader = gateway.spool.open(message);
    if (!reader) return unreadable(reader.error().message());
    auto envelope_xml = (*reader)->envelope();
    if (!envelope_xml) return unreadable(envelope_xml.error().message());
    auto headers_xml = (*reader)->headers();
    if (!headers_xml) return unreadable(headers_xml.error().message());
    auto envelope = xproto::read_envelope(*envelope_xml, envelope_limits(*gateway.settings));
    if (!envelope) return unreadable(envelope.error().where + ": " + envelope.error().what);
    const auto headers = xproto::read_headers(*headers_xml);
    if (!headers) return unreadable(headers.error().where + ": " + headers.error().what);

    std::vector<xproto::recipient> wanted;
    for (const auto index : work.recipients) {
        const auto number = message.recipients[index].number;
        const auto found = std::find_if(envelope->recipients.begin(), envelope->recipients.end(),
                                        [number](const auto& to) { return to.number == number; });
        if (found == envelope->recipients.end()) return unreadable("a recipient is not in the envelope");
        wanted.push_back(*found);
    }
    envelope->recipients = std::move(wanted);
    auto legacy = mapping::to_smtp(*envelope, *headers);

    made.reset(new legacy_content);
    made->transaction_ = std::move(legacy.transaction);
    made->head_ = trace_lines(gateway, message, *envelope);
    made->trace_octets_ = made->head_.size();
    made->head_ += legacy.header;
    made->body_octets_ = message.place.body_octets;
    made->reader_ = std::move(*reader);

    smtp::content_scan head;
    head.push(made->head_);
    auto& facts = made->facts_;
    facts = head.facts();
    facts.octets += made->body_octets_;
    facts.eight_bit |= message.content.eight_bit;
    facts.bare_newline |= message.content.bare_newlines;
    facts.smtputf8 = message.content.smtputf8;
    if (made->body_octets_ == 0) return std::nullopt;
    const auto end = made->reader_->body(made->body_octets_ - std::min<std::uint64_t>(2, made->body_octets_));
    if (!end) return unreadable(end.error().message());
    facts.ends_in_crlf = *end == "\r\n" || (*end == "\n" && made->head_.ends_with('\r'));
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
