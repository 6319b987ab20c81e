#include "smtp/reply.hpp"

#include "smtp/errc.hpp"

#include <algorithm>
#include <cassert>
#include <charconv>
#include <utility>

namespace smtp {
namespace {

constexpr std::size_t line_octets = 512; // with CRLF, RFC 5321 4.5.3.1.5

bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

void append_number(std::string& out, int number)
{
    char digits[12];
    const auto end = std::to_chars(digits, digits + sizeof digits, number).ptr;
    out.append(digits, end);
}

// How much of the text fits into a line with this room: up to a space where there is one, never through a UTF-8
// sequence.
std::size_t cut(std::string_view text, std::size_t room)
{
    if (text.size() <= room) return text.size();
    const auto space = text.rfind(' ', room);
    if (space != std::string_view::npos && space > 0) return space;
    auto end = room;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
    return end > 0 ? end : room;
}

void append_line(std::string& out, const reply& r, std::string_view text, bool last)
{
    append_number(out, r.code);
    out += last ? ' ' : '-';
    if (r.enhanced.present()) {
        append_number(out, r.enhanced.status_class);
        out += '.';
        append_number(out, r.enhanced.subject);
        out += '.';
        append_number(out, r.enhanced.detail);
        out += ' ';
    }
    const auto begin = out.size();
    out.append(text);
    std::replace_if(
        out.begin() + static_cast<std::ptrdiff_t>(begin), out.end(),
        [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }, '?');
    out += "\r\n";
}

// Takes 1 to 3 digits off the front.
std::optional<int> take_number(std::string_view& text)
{
    std::size_t digits = 0;
    int number = 0;
    while (digits < text.size() && digits < 3 && is_digit(text[digits])) number = number * 10 + (text[digits++] - '0');
    if (digits == 0) return std::nullopt;
    text.remove_prefix(digits);
    return number;
}

// Takes `c.s.d` and the space after it off the front, if the class is that of the code (RFC 2034 section 4).
enhanced_code take_enhanced(std::string_view& text, int code)
{
    auto rest = text;
    if (rest.size() < 5 || rest[0] != static_cast<char>('0' + code / 100) || rest[1] != '.') return {};
    enhanced_code found{code / 100, 0, 0};
    rest.remove_prefix(2);
    const auto subject = take_number(rest);
    if (!subject || rest.empty() || rest[0] != '.') return {};
    rest.remove_prefix(1);
    const auto detail = take_number(rest);
    if (!detail || (!rest.empty() && rest[0] != ' ')) return {};
    found.subject = *subject;
    found.detail = *detail;
    if (!rest.empty()) rest.remove_prefix(1);
    text = rest;
    return found;
}

} // namespace

reply::reply(int c, enhanced_code e, std::string text) : code(c), enhanced(e)
{
    lines.push_back(std::move(text));
}

reply::reply(int c, std::string text) : reply(c, enhanced_code{}, std::move(text)) {}

reply::reply(int c, enhanced_code e, std::vector<std::string> text_lines)
    : code(c), enhanced(e), lines(std::move(text_lines))
{
}

std::string reply::text() const
{
    std::string joined;
    for (const auto& line : lines) {
        if (!joined.empty()) joined += ' ';
        joined += line;
    }
    return joined;
}

void append_to(std::string& out, const reply& r)
{
    assert(r.code >= 200 && r.code <= 599);
    std::string codes;
    append_line(codes, reply(r.code, r.enhanced, ""), "", false);
    const auto room = line_octets - codes.size();
    if (r.lines.empty()) return append_line(out, r, "", true);
    for (std::size_t i = 0; i < r.lines.size(); ++i) {
        std::string_view text = r.lines[i];
        while (text.size() > room) {
            const auto size = cut(text, room);
            append_line(out, r, text.substr(0, size), false);
            text.remove_prefix(size);
            if (text.front() == ' ') text.remove_prefix(1);
        }
        append_line(out, r, text, i + 1 == r.lines.size());
    }
}

std::string format(const reply& r)
{
    std::string out;
    append_to(out, r);
    return out;
}

boost::system::result<std::optional<reply>> reply_parser::read(std::string_view& input)
{
    while (!input.empty()) {
        const auto lf = input.find('\n');
        const auto taken = input.substr(0, lf == std::string_view::npos ? lf : lf + 1);
        if (line_.size() + taken.size() > limits_.line) return errc::reply_too_long;
        if (octets_ + line_.size() + taken.size() > limits_.octets) return errc::reply_too_long;
        line_.append(taken);
        input.remove_prefix(taken.size());
        if (lf == std::string_view::npos) break;

        octets_ += line_.size();
        std::string_view line = line_;
        line.remove_suffix(line.ends_with("\r\n") ? 2 : 1);
        const auto last = take_line(line);
        if (!last) return last.error();
        line_.clear();
        if (!*last) continue;
        octets_ = 0;
        return std::exchange(current_, reply());
    }
    return std::optional<reply>();
}

boost::system::result<bool> reply_parser::take_line(std::string_view line)
{
    if (line.size() < 3 || line[0] < '2' || line[0] > '5' || !is_digit(line[1]) || !is_digit(line[2])) {
        return errc::bad_reply;
    }
    const int code = (line[0] - '0') * 100 + (line[1] - '0') * 10 + (line[2] - '0');
    if (current_.code != 0 && current_.code != code) return errc::bad_reply;
    const char mark = line.size() > 3 ? line[3] : ' ';
    if (mark != ' ' && mark != '-') return errc::bad_reply;
    if (current_.lines.size() == limits_.lines) return errc::reply_too_long;

    const auto whole = line.substr(std::min<std::size_t>(4, line.size()));
    auto text = whole;
    const auto enhanced = take_enhanced(text, code);
    if (!current_.enhanced.present())
        current_.enhanced = enhanced; // every line ought to have it, the first that does counts
    current_.code = code;
    current_.lines.emplace_back(enhanced == current_.enhanced ? text : whole);
    return mark == ' ';
}

} // namespace smtp
