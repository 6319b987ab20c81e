// Characters, escapes, numbers and timestamps of XML objects.
#include "xproto/xml_text.hpp"

#include <charconv>
#include <chrono>

namespace xproto::xml {

namespace {

bool continues(char c)
{
    return (static_cast<unsigned char>(c) & 0xC0) == 0x80;
}

// The code point that a reference's digits, `#65` or `#x41`, mean.
std::uint32_t code_point(std::string_view digits)
{
    const bool hexadecimal = digits[1] == 'x';
    digits.remove_prefix(hexadecimal ? 2 : 1);
    std::uint32_t code = 0;
    std::from_chars(digits.data(), digits.data() + digits.size(), code, hexadecimal ? 16 : 10);
    return code;
}

void append_utf8(std::string& out, std::uint32_t code)
{
    const auto put = [&](std::uint32_t octet) { out += static_cast<char>(octet); };
    if (code < 0x80) return put(code);
    if (code < 0x800) {
        put(0xC0 | code >> 6);
    } else if (code < 0x10000) {
        put(0xE0 | code >> 12);
        put(0x80 | (code >> 6 & 0x3F));
    } else {
        put(0xF0 | code >> 18);
        put(0x80 | (code >> 12 & 0x3F));
        put(0x80 | (code >> 6 & 0x3F));
    }
    put(0x80 | (code & 0x3F));
}

// ` name="value"`. An apostrophe in the value does not stand between apostrophes.
void append_attribute_between(char quote, std::string& out, std::string_view name, std::string_view value)
{
    out += ' ';
    out += name;
    out += '=';
    out += quote;
    const char* const end = value.data() + value.size();
    const char* copied = value.data();
    const char* p = copied;
    while ((p = skip_plain(p, end)) != end) {
        std::string_view escape;
        if (*p == '<') escape = "&lt;";
        if (*p == '&') escape = "&amp;";
        if (*p == '"' && quote == '"') escape = "&quot;";
        if (*p == '\t') escape = "&#9;"; // a parser would make a space of it
        if (!escape.empty()) {
            out.append(copied, p);
            out.append(escape);
            copied = p + 1;
        }
        ++p;
    }
    out.append(copied, end);
    out += quote;
}

} // namespace

std::size_t character(const char* p, const char* end)
{
    if (p == end) return 0;
    const auto first = static_cast<unsigned char>(*p);
    if (first < 0x80) return first >= 0x20 || first == '\t' || first == '\n' || first == '\r' ? 1 : 0;
    if (first < 0xC2 || first > 0xF4) return 0;
    const std::size_t size = first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
    if (static_cast<std::size_t>(end - p) < size) return 0;
    for (std::size_t i = 1; i < size; ++i)
        if (!continues(p[i])) return 0;
    const auto second = static_cast<unsigned char>(p[1]);
    switch (first) {
    case 0xE0: return second >= 0xA0 ? size : 0;
    case 0xED: return second < 0xA0 ? size : 0;
    case 0xEF: return second == 0xBF && static_cast<unsigned char>(p[2]) >= 0xBE ? 0 : size; // U+FFFE, U+FFFF
    case 0xF0: return second >= 0x90 ? size : 0;
    case 0xF4: return second < 0x90 ? size : 0;
    default: return size;
    }
}

bool is_character(std::uint32_t code)
{
    if (code < 0x20) return code == '\t' || code == '\n' || code == '\r';
    return code < 0xD800 || (code >= 0xE000 && code < 0xFFFE) || (code >= 0x10000 && code < 0x110000);
}

void append_text(std::string& out, std::string_view text)
{
    const char* const begin = text.data();
    const char* const end = begin + text.size();
    const char* copied = begin;
    const char* p = begin;
    while ((p = skip_plain(p, end)) != end) {
        std::string_view escape;
        if (*p == '<') escape = "&lt;";
        if (*p == '&') escape = "&amp;";
        if (*p == '>' && p != begin && p[-1] == ']') escape = "&gt;"; // "]]>" must not stand in character data
        if (!escape.empty()) {
            out.append(copied, p);
            out.append(escape);
            copied = p + 1;
        }
        ++p;
    }
    out.append(copied, end);
}

void append_resolved(std::string& out, std::string_view text)
{
    for (auto at = text.find('&'); at != std::string_view::npos; at = text.find('&')) {
        out += text.substr(0, at);
        const auto end = text.find(';', at);
        const auto name = text.substr(at + 1, end - at - 1);
        switch (name[0]) {
        case '#': append_utf8(out, code_point(name)); break;
        case 'l': out += '<'; break;
        case 'g': out += '>'; break;
        case 'q': out += '"'; break;
        default: out += name == "amp" ? '&' : '\''; break;
        }
        text.remove_prefix(end + 1);
    }
    out += text;
}

void append_attribute(std::string& out, std::string_view name, std::string_view value)
{
    append_attribute_between('"', out, name, value);
}

void append_short_attribute(std::string& out, std::string_view name, std::string_view value)
{
    const auto has_marks = value.find('"') != std::string_view::npos;
    append_attribute_between(has_marks && value.find('\'') == std::string_view::npos ? '\'' : '"', out, name, value);
}

void append_attribute(std::string& out, std::string_view name, std::uint64_t value)
{
    out += ' ';
    out += name;
    out += "=\"";
    append_number(out, value);
    out += '"';
}

std::optional<std::uint64_t> number(std::string_view text)
{
    std::uint64_t value = 0;
    if (text.empty() || (text.size() > 1 && text.front() == '0')) return std::nullopt;
    const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || stop != text.data() + text.size()) return std::nullopt;
    return value;
}

void append_number(std::string& out, std::uint64_t value)
{
    char digits[20];
    const auto last = std::to_chars(digits, digits + sizeof digits, value).ptr;
    out.append(digits, last);
}

std::string timestamp(std::int64_t unix_seconds)
{
    using namespace std::chrono;
    const sys_seconds moment{seconds{unix_seconds}};
    const auto day = floor<days>(moment);
    const year_month_day date{day};
    const hh_mm_ss time{moment - day};
    std::string out = "0000-00-00T00:00:00Z";
    const auto put = [&](std::size_t at, std::size_t width, std::int64_t value) {
        for (std::size_t i = width; i-- > 0; value /= 10) out[at + i] = static_cast<char>('0' + value % 10);
    };
    put(0, 4, int{date.year()});
    put(5, 2, unsigned{date.month()});
    put(8, 2, unsigned{date.day()});
    put(11, 2, time.hours().count());
    put(14, 2, time.minutes().count());
    put(17, 2, time.seconds().count());
    return out;
}

std::optional<std::int64_t> from_timestamp(std::string_view text)
{
    using namespace std::chrono;
    constexpr std::string_view pattern = "0000-00-00T00:00:00Z";
    if (text.size() != pattern.size()) return std::nullopt;
    for (std::size_t i = 0; i < pattern.size(); ++i) {
        const bool fits = pattern[i] == '0' ? text[i] >= '0' && text[i] <= '9' : text[i] == pattern[i];
        if (!fits) return std::nullopt;
    }
    const auto digits = [&](std::size_t at, std::size_t width) {
        unsigned value = 0;
        for (std::size_t i = 0; i < width; ++i) value = value * 10 + static_cast<unsigned>(text[at + i] - '0');
        return value;
    };
    const year_month_day date{year{static_cast<int>(digits(0, 4))}, month{digits(5, 2)}, day{digits(8, 2)}};
    const auto hour = digits(11, 2), minute = digits(14, 2), second = digits(17, 2);
    if (!date.ok() || hour > 23 || minute > 59 || second > 59) return std::nullopt;
    return sys_days{date}.time_since_epoch() / seconds{1} + hour * 3600 + minute * 60 + second;
}

} // namespace xproto::xml
