// Departure and arrival, with nothing but memory between.
#include "mapping/carrier/verify.hpp"

#include "mapping/carrier/departure.hpp"
#include "mapping/carrier/restore.hpp"
#include "mapping/carrier/standard_field.hpp"
#include "mapping/difference.hpp"
#include "mapping/message_splitter.hpp"

#include <algorithm>

namespace mapping::carrier {

namespace {

// Limits are those of the octets themselves: this is for looking, and what is looked at is here already.
xproto::envelope_limits wide_envelope()
{
    xproto::envelope_limits l;
    l.octets = std::size_t{1} << 30;
    l.recipients = l.hops = l.extensions = l.certificates = l.legacy_fields = 1'000'000;
    return l;
}

limits wide_carrier()
{
    limits l;
    l.encoded = l.decoded = std::size_t{1} << 30;
    l.fields = 1'000'000;
    return l;
}

bool has_eight_bits(std::string_view octets)
{
    return std::any_of(octets.begin(), octets.end(), [](char c) { return static_cast<unsigned char>(c) > 0x7F; });
}

// What every mail program may be shown: fields that are standard, one after the other, and the empty line.
std::optional<std::string> wrong_with_form(const departure& left)
{
    message_splitter splitter({std::size_t{1} << 30, 1'000'000});
    splitter.push(left.trace + left.carrier + left.header);
    const auto rest = splitter.finish();
    const auto& header = splitter.header();
    if (header.end() != xproto::separator::crlf || !rest.held.empty()) return "its header has no proper end";
    for (std::size_t i = 0; i < header.size(); ++i)
        if (!is_standard(header[i].octets, left.utf8))
            return "its field " + std::string(header[i].name) + " is not standard";
    for (const auto name : {"Date", "From", "Message-ID"})
        if (header.count(name) == 0) return "its header has no " + std::string(name);
    return {};
}

// The fresh objects against the carried ones.
std::optional<std::string> compare(const opened& came, const restored& made, std::string_view envelope_xml,
                                   std::string_view headers_xml)
{
    if (came.what.envelope != envelope_xml) return differ("the envelope object", envelope_xml, came.what.envelope);
    if (made.headers != headers_xml) return differ("the headers object", headers_xml, made.headers);
    const auto& changes = made.envelope;
    if (!changes.next.changes.empty()) return "a change is declared: " + changes.next.changes.front().reason;
    if (!changes.next.legacy.empty())
        return "a trace field is said to be new: " + changes.next.legacy.front().octets.name;
    if (!made.undone.empty()) return "something is said to have been undone: " + made.undone;
    if (!changes.added.empty() || changes.keep.size() != came.envelope.recipients.size())
        return "the recipients differ";
    return {};
}

} // namespace

std::optional<std::string> verify_round_trip(std::string_view envelope_xml, std::string_view headers_xml,
                                             std::string_view body)
{
    const auto envelope = xproto::read_envelope(envelope_xml, wide_envelope());
    if (!envelope) return "the envelope cannot be read: " + envelope.error().what;
    const bool is_control = envelope->objects.empty();
    xproto::headers_object none;
    const auto headers = is_control ? xproto::parsed<xproto::headers_object>(none) : xproto::read_headers(headers_xml);
    if (!headers) return "the headers object cannot be read: " + headers.error().what;

    departure_options options;
    options.eight_bit = has_eight_bits(body);
    options.most = std::size_t{1} << 30;
    const auto left = depart({envelope_xml, headers_xml, *envelope, *headers}, options);
    if (auto wrong = wrong_with_form(left)) return wrong;
    const auto octets = left.trace + left.carrier + left.header + left.text;

    message_splitter splitter({octets.size() + 1, 1'000'000});
    splitter.push(octets);
    splitter.push(body);
    splitter.finish();
    auto came = open(splitter.header(), wide_carrier(), wide_envelope());
    if (!came.what) return "the carrier is not understood: " + came.reason;
    arrived_body arrived;
    arrived.octets = splitter.body_octets();
    arrived.sha256 = splitter.body_digest();
    const auto back = restore(*came.what, left.transaction, splitter.header(), arrived);
    if (!back.message) return "the message is not restored: " + back.reason;
    return compare(*came.what, *back.message, envelope_xml, headers_xml);
}

} // namespace mapping::carrier
