// The way a message goes, forth and back, with nothing but memory between.
#include "mapping/verify.hpp"

#include "mapping/carrier/departure.hpp"
#include "mapping/carrier/restore.hpp"
#include "mapping/carrier/standard_field.hpp"
#include "mapping/parts/verify.hpp"
#include "mapping/to_smtp.hpp"
#include "mapping/to_xproto.hpp"

#include <algorithm>

namespace mapping {

namespace {

struct split_message {
    message_splitter splitter;
    std::string body;
};

// Fed in pieces of `size` octets; 0: in one.
split_message split(std::string_view message, std::size_t size)
{
    split_message out;
    const auto take = [&](const message_splitter::body_pieces& pieces) {
        out.body += pieces.held;
        out.body += pieces.fresh;
    };
    if (size == 0) size = std::max<std::size_t>(message.size(), 1);
    for (std::size_t at = 0; at < message.size(); at += size) take(out.splitter.push(message.substr(at, size)));
    take(out.splitter.finish());
    return out;
}

objects map(const smtp::transaction& transaction, const message_splitter& message)
{
    return to_xproto(transaction, message, "verify@isthmus.invalid", 0);
}

std::string differ(std::string_view what, std::string_view before, std::string_view after)
{
    const auto shorter = std::min(before.size(), after.size());
    const auto at = static_cast<std::size_t>(
        std::mismatch(before.begin(), before.begin() + static_cast<std::ptrdiff_t>(shorter), after.begin()).first -
        before.begin());
    return std::string(what) + " differs from octet " + std::to_string(at) + " on (" + std::to_string(before.size()) +
           " octets before, " + std::to_string(after.size()) + " after)";
}

template <class T> std::string refused(std::string_view what, const xproto::parsed<T>& read)
{
    return std::string(what) + " was written and cannot be read: " + read.error().what + " (" + read.error().where +
           ")";
}

// Limits are those of the octets themselves: this is for looking, and what is looked at is here already.
xproto::envelope_limits wide_envelope()
{
    xproto::envelope_limits l;
    l.octets = std::size_t{1} << 30;
    l.recipients = l.hops = l.extensions = l.certificates = l.legacy_fields = 1'000'000;
    return l;
}

carrier::limits wide_carrier()
{
    carrier::limits l;
    l.encoded = l.decoded = std::size_t{1} << 30;
    l.fields = 1'000'000;
    return l;
}

bool has_eight_bits(std::string_view octets)
{
    return std::any_of(octets.begin(), octets.end(), [](char c) { return static_cast<unsigned char>(c) > 0x7F; });
}

// What every mail program may be shown: fields that are standard, one after the other, and the empty line.
std::optional<std::string> wrong_with_form(const carrier::departure& left)
{
    message_splitter splitter({std::size_t{1} << 30, 1'000'000});
    splitter.push(left.trace + left.carrier + left.header);
    const auto rest = splitter.finish();
    const auto& header = splitter.header();
    if (header.end() != xproto::separator::crlf || !rest.held.empty()) return "its header has no proper end";
    for (std::size_t i = 0; i < header.size(); ++i)
        if (!carrier::is_standard(header[i].octets, left.utf8))
            return "its field " + std::string(header[i].name) + " is not standard";
    for (const auto name : {"Date", "From", "Message-ID"})
        if (header.count(name) == 0) return "its header has no " + std::string(name);
    return {};
}

// The fresh objects against the carried ones.
std::optional<std::string> compare(const carrier::opened& came, const carrier::restored& made,
                                   std::string_view envelope_xml, std::string_view headers_xml)
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

std::optional<std::string> verify_round_trip(std::string_view message, const smtp::transaction& transaction)
{
    const auto whole = split(message, 0);
    const auto there = map(transaction, whole.splitter);

    const auto xml = xproto::write(there.envelope);
    const auto envelope = xproto::read_envelope(xml);
    if (!envelope) return refused("the envelope", envelope);
    if (*envelope != there.envelope) return differ("the envelope, read back,", xml, xproto::write(*envelope));
    const auto headers = xproto::read_headers(there.headers);
    if (!headers) return refused("the headers object", headers);
    if (const auto again = xproto::write(*headers); again != there.headers)
        return differ("the headers object, read back,", there.headers, again);

    const auto back = to_smtp(*envelope, *headers);
    if (back.transaction != transaction) return "the transaction differs";
    const auto octets = back.header + whole.body;
    if (octets != message) return differ("the message", message, octets);
    if (whole.splitter.body_octets() != whole.body.size() || whole.splitter.body_digest() != xproto::sha256(whole.body))
        return "the body's size or digest is not that of its octets";
    if (auto wrong = parts::verify_split(whole.splitter.header().octets(), whole.body)) return wrong;

    for (const auto piece : {std::size_t{1}, std::size_t{7}, std::size_t{4096}}) {
        if (piece == 1 && message.size() > 1 << 20) continue; // a minute for a hundred megabytes
        const auto pieces = split(octets, piece);
        const auto again = map(back.transaction, pieces.splitter);
        if (again.envelope != there.envelope || again.headers != there.headers || pieces.body != whole.body)
            return "objects made from pieces of " + std::to_string(piece) + " octets differ";
    }
    return {};
}

std::optional<std::string> verify_round_trip(std::string_view message)
{
    smtp::transaction t;
    t.reverse_path = R"("quoted \" @ <local> part"@[IPv6:2001:db8::1])";
    t.parameters = {{"SIZE", "1000"},   {"BODY", "8BITMIME"}, {"SMTPUTF8", {}},        {"RET", "FULL"},
                    {"ENVID", "a+2Bb"}, {"AUTH", "<>"},       {"MT-PRIORITY", "-3"},   {"REQUIRETLS", {}},
                    {"BY", "120;R"},    {"HOLDFOR", "60"},    {"x-unknown", "a=b;<&"}, {"X-EMPTY", ""}};
    t.recipients = {{"a.b+c@example.org", {{"NOTIFY", "SUCCESS,FAILURE"}, {"ORCPT", "rfc822;A+2Bb@Example.Org"}}},
                    {"dömi@bücher.example", {{"Orcpt", "utf-8;d\\x{F6}mi@b\\x{FC}cher.example"}}},
                    {"Postmaster", {}},
                    {R"("<&]]>'"@example.org)", {{"NOTIFY", "NEVER"}}}};
    return verify_round_trip(message, t);
}

std::optional<std::string> verify_native_round_trip(std::string_view envelope_xml, std::string_view headers_xml,
                                                    std::string_view body)
{
    const auto envelope = xproto::read_envelope(envelope_xml, wide_envelope());
    if (!envelope) return "the envelope cannot be read: " + envelope.error().what;
    const bool is_control = envelope->objects.empty();
    xproto::headers_object none;
    const auto headers = is_control ? xproto::parsed<xproto::headers_object>(none) : xproto::read_headers(headers_xml);
    if (!headers) return "the headers object cannot be read: " + headers.error().what;

    carrier::departure_options options;
    options.eight_bit = has_eight_bits(body);
    options.most = std::size_t{1} << 30;
    const auto left = carrier::depart({envelope_xml, headers_xml, *envelope, *headers}, options);
    if (auto wrong = wrong_with_form(left)) return wrong;
    const auto octets = left.trace + left.carrier + left.header + left.text;

    message_splitter splitter({octets.size() + 1, 1'000'000});
    splitter.push(octets);
    splitter.push(body);
    splitter.finish();
    auto came = carrier::open(splitter.header(), wide_carrier(), wide_envelope());
    if (!came.what) return "the carrier is not understood: " + came.reason;
    carrier::arrived_body arrived;
    arrived.octets = splitter.body_octets();
    arrived.sha256 = splitter.body_digest();
    const auto back = carrier::restore(*came.what, left.transaction, splitter.header(), arrived);
    if (!back.message) return "the message is not restored: " + back.reason;
    return compare(*came.what, *back.message, envelope_xml, headers_xml);
}

header_sizes sizes_of_header(std::string_view message)
{
    constexpr std::size_t enough = 2 * message_splitter::limits{}.header_octets;
    const auto whole = split(message.substr(0, enough), 0);
    std::string header;
    for (const auto c : whole.splitter.header().octets()) {
        if (c == '\n' && !header.ends_with('\r')) header += '\r';
        header += c;
    }
    const auto as_sent = split(header, 0);
    return {as_sent.splitter.header().octets().size(), map({}, as_sent.splitter).headers.size()};
}

} // namespace mapping
