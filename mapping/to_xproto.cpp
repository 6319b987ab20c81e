// Deals the fields of a header out to the two objects, and the transaction's parameters to the envelope.
#include "mapping/to_xproto.hpp"

#include "mapping/field.hpp"
#include "mapping/received.hpp"

#include <algorithm>
#include <utility>

namespace mapping {

namespace {

std::vector<xproto::parameter> parameters(const std::vector<smtp::parameter>& list)
{
    std::vector<xproto::parameter> out;
    out.reserve(list.size());
    for (const auto& p : list) out.push_back({p.keyword, p.value});
    return out;
}

void put_transaction(xproto::envelope& envelope, const smtp::transaction& transaction)
{
    envelope.from.address = transaction.reverse_path;
    envelope.from.parameters = parameters(transaction.parameters);
    envelope.recipients.reserve(transaction.recipients.size());
    for (const auto& r : transaction.recipients) {
        xproto::recipient recipient;
        recipient.number = static_cast<std::uint32_t>(envelope.recipients.size() + 1);
        recipient.address = r.address;
        recipient.parameters = parameters(r.parameters);
        envelope.recipients.push_back(std::move(recipient));
    }
}

bool is_token(char c)
{
    constexpr std::string_view others = "!#$%&'*+-.^_`{|}~";
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           others.find(c) != std::string_view::npos;
}

// Takes a token off the front of `text`; empty when there is none or it is longer than RFC 6838 4.2 allows.
std::string_view take_token(std::string_view& text)
{
    constexpr std::size_t longest = 127;
    std::size_t size = 0;
    while (size < text.size() && is_token(text[size])) ++size;
    if (size > longest) return {};
    const auto token = text.substr(0, size);
    text.remove_prefix(size);
    return token;
}

std::string media_type(const header_section& header)
{
    if (header.count("Content-Type") != 1) return {}; // two would be a guess
    return media_type_of(header.find("Content-Type").body);
}

// What the first line of the header ends with. Fields whose lines end otherwise are raw.
line_end lines_of(std::string_view header)
{
    const auto newline = header.find('\n');
    const bool is_bare = newline != std::string_view::npos && (newline == 0 || header[newline - 1] != '\r');
    return is_bare ? line_end::lf : line_end::crlf;
}

void put_objects(objects& out, const message_splitter& message)
{
    xproto::object_reference headers;
    headers.type = "message/headers";
    headers.octets = out.headers.size();
    headers.sha256 = xproto::sha256(out.headers);
    xproto::object_reference body;
    body.type = "message/body";
    body.octets = message.body_octets();
    body.sha256 = message.body_digest();
    body.media_type = media_type(message.header());
    out.envelope.objects.reserve(2);
    out.envelope.objects.push_back(std::move(headers));
    out.envelope.objects.push_back(std::move(body));
}

} // namespace

objects to_xproto(const smtp::transaction& transaction, const message_splitter& message, std::string id,
                  xproto::unix_seconds created, const mapping_limits& limits, const mapping_options& options)
{
    objects out;
    out.envelope.id = std::move(id);
    out.envelope.created = created;
    put_transaction(out.envelope, transaction);

    xproto::headers_object headers;
    const auto& header = message.header();
    headers.end = header.end();
    const auto lines = lines_of(header.octets());
    headers.fields.reserve(header.size());
    out.envelope.legacy.reserve(std::min(limits.legacy_fields, header.count("Received") + 1));
    std::size_t legacy_octets =
        0; // of all trace fields so far: when one finds no room, the later ones find none either
    auto room_for_views = limits.view_octets;
    for (std::size_t i = 0; i < header.size(); ++i) {
        const auto field = header[i];
        const auto received = same_name(field.name, "Received");
        const auto is_trace = received || same_name(field.name, "Return-Path");
        if (is_trace) legacy_octets += field.octets.size();
        if (!is_trace || out.envelope.legacy.size() == limits.legacy_fields || legacy_octets > limits.legacy_octets) {
            headers.fields.push_back(to_field(field, lines));
            headers.fields.back().view = view::describe(headers.fields.back(), options.views, room_for_views);
            continue;
        }
        xproto::legacy_field trace;
        trace.place = static_cast<std::uint32_t>(i);
        trace.octets = to_field(field);
        trace.view = received ? read_received(field.body) : read_return_path(field.body);
        out.envelope.legacy.push_back(std::move(trace));
    }
    out.headers = xproto::write(headers);
    put_objects(out, message);
    return out;
}

std::string media_type_of(std::string_view content_type)
{
    while (!content_type.empty() && (content_type.front() == ' ' || content_type.front() == '\t' ||
                                     content_type.front() == '\r' || content_type.front() == '\n'))
        content_type.remove_prefix(1);
    const auto type = take_token(content_type);
    if (type.empty() || !content_type.starts_with('/')) return {};
    content_type.remove_prefix(1);
    const auto subtype = take_token(content_type);
    if (subtype.empty()) return {};
    // Anything but a parameter, white space or a comment here means that the tokens were not all of it.
    constexpr std::string_view enders = "; \t\r\n(";
    if (!content_type.empty() && enders.find(content_type.front()) == std::string_view::npos) return {};
    auto out = std::string(type) + '/' + std::string(subtype);
    for (auto& c : out)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return out;
}

} // namespace mapping
