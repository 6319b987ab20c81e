// Boundaries, the header of each part, and its transfer encoding.
#include "mapping/report/report_parts.hpp"

#include "mapping/message_splitter.hpp"
#include "mapping/to_xproto.hpp"
#include "xproto/base64.hpp"

#include <algorithm>

namespace mapping {

namespace {

constexpr std::string_view white_space = " \t\r\n";

std::string_view trimmed(std::string_view text)
{
    const auto begin = text.find_first_not_of(white_space);
    if (begin == std::string_view::npos) return {};
    return text.substr(begin, text.find_last_not_of(white_space) + 1 - begin);
}

int hex_digit(char c)
{
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    return -1;
}

// The quoted-string that `text` begins with, taken off it and unquoted.
std::string take_quoted(std::string_view& text)
{
    std::string out;
    text.remove_prefix(1);
    while (!text.empty() && text.front() != '"') {
        if (text.front() == '\\' && text.size() > 1) text.remove_prefix(1);
        out += text.front();
        text.remove_prefix(1);
    }
    if (!text.empty()) text.remove_prefix(1);
    return out;
}

// What a boundary's line is followed by.
enum class delimiter { none, next_part, end };

delimiter read_delimiter(std::string_view line, std::string_view boundary)
{
    if (!line.starts_with("--")) return delimiter::none;
    line.remove_prefix(2);
    if (!line.starts_with(boundary)) return delimiter::none;
    line = trimmed(line.substr(boundary.size()));
    if (line.empty()) return delimiter::next_part;
    return line == "--" ? delimiter::end : delimiter::none;
}

// Without the line end before a boundary, which belongs to the boundary (RFC 2046 5.1.1).
std::string_view without_last_line_end(std::string_view octets)
{
    if (octets.ends_with('\n')) octets.remove_suffix(1);
    if (octets.ends_with('\r')) octets.remove_suffix(1);
    return octets;
}

report_part make_part(std::string_view octets, const report_part_limits& limits)
{
    message_splitter splitter({limits.header_octets, message_splitter::limits{}.fields});
    report_part made;
    const auto take = [&](const message_splitter::body_pieces& pieces) {
        made.octets += pieces.held;
        made.octets += pieces.fresh;
    };
    take(splitter.push(octets));
    take(splitter.finish());
    const auto& header = splitter.header();
    made.type = media_type_of(header.find("Content-Type").body);
    made.damaged = !undo_transfer_encoding(trimmed(header.find("Content-Transfer-Encoding").body), made.octets);
    return made;
}

bool undo_quoted_printable(std::string& octets)
{
    std::string out;
    for (std::size_t i = 0; i < octets.size(); ++i) {
        if (octets[i] != '=') {
            out += octets[i];
            continue;
        }
        const auto rest = std::string_view(octets).substr(i + 1);
        const auto soft = rest.find_first_not_of(" \t\r");
        if (soft != std::string_view::npos && rest[soft] == '\n') {
            i += soft + 1;
            continue;
        }
        if (rest.size() < 2 || hex_digit(rest[0]) < 0 || hex_digit(rest[1]) < 0) return false;
        out += static_cast<char>(hex_digit(rest[0]) * 16 + hex_digit(rest[1]));
        i += 2;
    }
    octets = std::move(out);
    return true;
}

bool undo_base64(std::string& octets)
{
    std::string text;
    for (const auto c : octets)
        if (white_space.find(c) == std::string_view::npos) text += c;
    while (text.ends_with('=')) text.pop_back();
    text.append((4 - text.size() % 4) % 4, '=');
    auto decoded = xproto::from_base64(text);
    if (!decoded) return false;
    octets = std::move(*decoded);
    return true;
}

} // namespace

std::string content_type_parameter(std::string_view content_type, std::string_view name)
{
    auto rest = content_type.substr(std::min(content_type.find(';'), content_type.size()));
    while (rest.starts_with(';')) {
        rest.remove_prefix(1);
        const auto end = rest.find_first_of("=;");
        if (end == std::string_view::npos) return {};
        const auto attribute = trimmed(rest.substr(0, end));
        rest.remove_prefix(end);
        if (rest.front() == ';') continue;
        rest.remove_prefix(1);
        rest.remove_prefix(std::min(rest.find_first_not_of(white_space), rest.size()));
        std::string value;
        if (rest.starts_with('"'))
            value = take_quoted(rest);
        else
            value = trimmed(rest.substr(0, rest.find(';')));
        rest.remove_prefix(std::min(rest.find(';'), rest.size()));
        if (same_name(attribute, name)) return value;
    }
    return {};
}

std::vector<report_part> read_report_parts(const header_section& header, std::string_view body,
                                           const report_part_limits& limits)
{
    std::vector<report_part> parts;
    const auto content_type = header.find("Content-Type").body;
    if (!media_type_of(content_type).starts_with("multipart/")) return parts;
    const auto boundary = content_type_parameter(content_type, "boundary");
    if (boundary.empty()) return parts;

    std::optional<std::size_t> begin; // of the part that is open
    for (std::size_t at = 0; at < body.size() && parts.size() < limits.parts;) {
        const auto newline = body.find('\n', at);
        const auto end = newline == std::string_view::npos ? body.size() : newline + 1;
        const auto what = read_delimiter(body.substr(at, end - at), boundary);
        if (what != delimiter::none) {
            if (begin) parts.push_back(make_part(without_last_line_end(body.substr(*begin, at - *begin)), limits));
            begin.reset();
            if (what == delimiter::end) return parts;
            begin = end;
        }
        at = end;
    }
    if (begin && parts.size() < limits.parts) parts.push_back(make_part(body.substr(*begin), limits)); // it breaks off
    return parts;
}

bool undo_transfer_encoding(std::string_view encoding, std::string& octets)
{
    if (same_name(encoding, "quoted-printable")) return undo_quoted_printable(octets);
    if (same_name(encoding, "base64")) return undo_base64(octets);
    return encoding.empty() || same_name(encoding, "7bit") || same_name(encoding, "8bit") ||
           same_name(encoding, "binary");
}

} // namespace mapping
