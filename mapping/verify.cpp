// The way a message goes, forth and back, with nothing but memory between.
#include "mapping/verify.hpp"

#include "mapping/difference.hpp"
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

template <class T> std::string refused(std::string_view what, const xproto::parsed<T>& read)
{
    return std::string(what) + " was written and cannot be read: " + read.error().what + " (" + read.error().where +
           ")";
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

header_sizes sizes_of_header(std::string_view message)
{
    constexpr std::size_t enough = 2 * message_splitter::limits{}.header_octets;
    const auto whole = split(message.substr(0, enough), 0);
    std::string octets;
    for (const auto c : whole.splitter.header().octets()) {
        if (c == '\n' && !octets.ends_with('\r')) octets += '\r';
        octets += c;
    }
    const auto as_sent = split(octets, 0);
    const auto& header = as_sent.splitter.header();
    header_sizes sizes;
    sizes.header = header.octets().size();
    sizes.fields = sizes.header;
    const auto made = map({}, as_sent.splitter);
    for (const auto& trace : made.envelope.legacy) sizes.fields -= header[trace.place].octets.size();
    sizes.object = made.headers.size();
    sizes.is_ordinary = header.count("From") > 0 && header.count("Date") > 0 && header.count("Received") > 0;
    return sizes;
}

} // namespace mapping
