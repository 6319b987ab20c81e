// Events as text: logfmt or JSON (RFC 8259). Values come from peers and may be any octets.
#include "gateway/log/logger.hpp"

#include <array>
#include <charconv>
#include <chrono>

namespace gateway::log {
namespace {

constexpr std::string_view hexadecimal = "0123456789abcdef";

// The length of the well-formed UTF-8 sequence (RFC 3629) that `text` begins with, or 0. `code` gets its code point.
std::size_t utf8_length(std::string_view text, std::uint32_t& code)
{
    const auto at = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const auto first = at(0);
    const std::size_t length = first < 0x80   ? 1
                               : first < 0xc2 ? 0
                               : first < 0xe0 ? 2
                               : first < 0xf0 ? 3
                               : first < 0xf5 ? 4
                                              : 0;
    if (length == 0 || text.size() < length) return 0;
    code = length == 1 ? first : first & (0x7fu >> length);
    for (std::size_t i = 1; i < length; ++i) {
        if ((at(i) & 0xc0) != 0x80) return 0;
        code = code << 6 | (at(i) & 0x3f);
    }
    constexpr std::array<std::uint32_t, 5> least{0, 0, 0x80, 0x800, 0x10000};
    const bool surrogate = code >= 0xd800 && code <= 0xdfff;
    return code < least[length] || surrogate || code > 0x10ffff ? 0 : length;
}

// Characters that would move, hide or reorder what a person sees of a line.
bool shows_as_itself(std::uint32_t code)
{
    const auto within = [code](std::uint32_t first, std::uint32_t last) { return code >= first && code <= last; };
    return !(code < 0x20 || within(0x7f, 0x9f) || code == 0xad || code == 0x061c || within(0x200b, 0x200f) ||
             within(0x2028, 0x202e) || within(0x2060, 0x206f) || code == 0xfeff || within(0xfff9, 0xfffb) ||
             within(0xe0000, 0xe007f));
}

// Octets that are no text: `\x0d`. JSON has no such escape, so there the backslash is itself escaped.
void put_octets(std::string& out, std::string_view octets, format style)
{
    for (const char c : octets) {
        const auto octet = static_cast<unsigned char>(c);
        out += style == format::json ? "\\\\x" : "\\x";
        out += hexadecimal[octet >> 4];
        out += hexadecimal[octet & 15];
    }
}

void put_quoted(std::string& out, std::string_view text, format style)
{
    const bool cut = text.size() > max_value_octets;
    auto rest = text.substr(0, max_value_octets);
    if (cut) // not through the middle of a character
        for (int back = 0; back < 3 && (static_cast<unsigned char>(text[rest.size()]) & 0xc0) == 0x80; ++back)
            rest.remove_suffix(1);
    out += '"';
    while (!rest.empty()) {
        std::uint32_t code = 0;
        const auto length = utf8_length(rest, code);
        const auto piece = rest.substr(0, length == 0 ? 1 : length);
        if (code == '"' && length == 1)
            out += "\\\"";
        else if (code == '\\' && length == 1)
            out += "\\\\";
        else if (code == '\n' && length == 1)
            out += "\\n";
        else if (code == '\r' && length == 1)
            out += "\\r";
        else if (code == '\t' && length == 1)
            out += "\\t";
        else if (length == 0 || !shows_as_itself(code))
            put_octets(out, piece, style);
        else
            out += piece;
        rest.remove_prefix(piece.size());
    }
    if (cut) out += "...";
    out += '"';
}

bool is_bare(std::string_view text)
{
    if (text.empty() || text.size() > max_value_octets) return false;
    for (const char c : text)
        if (c <= ' ' || c > '~' || c == '"' || c == '=' || c == '\\') return false;
    return true;
}

void put_key(std::string& out, std::string_view key, format style)
{
    if (style == format::logfmt) {
        if (!out.empty()) out += ' ';
        out += key;
        out += '=';
        return;
    }
    out += out.empty() ? "{\"" : ",\"";
    out += key;
    out += "\":";
}

void put_text(std::string& out, std::string_view text, format style)
{
    if (style == format::logfmt && is_bare(text))
        out += text;
    else
        put_quoted(out, text, style);
}

template <class Number> void put_number(std::string& out, Number value)
{
    std::array<char, 24> digits;
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
    out.append(digits.data(), end);
}

void put_value(std::string& out, const field::value_type& value, format style)
{
    if (const auto* text = std::get_if<std::string_view>(&value)) return put_text(out, *text, style);
    if (const auto* number = std::get_if<std::int64_t>(&value)) return put_number(out, *number);
    if (const auto* number = std::get_if<std::uint64_t>(&value)) return put_number(out, *number);
    out += std::get<bool>(value) ? "true" : "false";
}

void put_digits(std::string& out, std::uint64_t value, int width)
{
    const auto begin = out.size();
    out.append(static_cast<std::size_t>(width), '0');
    for (auto place = begin + static_cast<std::size_t>(width); value > 0 && place > begin; value /= 10)
        out[--place] = static_cast<char>('0' + value % 10);
}

// RFC 3339, UTC, milliseconds.
void put_time(std::string& out, std::int64_t unix_ms)
{
    namespace chrono = std::chrono;
    const chrono::sys_time<chrono::milliseconds> when{chrono::milliseconds{unix_ms}};
    const auto midnight = chrono::floor<chrono::days>(when);
    const chrono::year_month_day date{midnight};
    const auto of_day = static_cast<std::uint64_t>((when - midnight).count());
    put_digits(out, static_cast<std::uint64_t>(static_cast<int>(date.year())), 4);
    out += '-';
    put_digits(out, static_cast<unsigned>(date.month()), 2);
    out += '-';
    put_digits(out, static_cast<unsigned>(date.day()), 2);
    out += 'T';
    put_digits(out, of_day / 3600000, 2);
    out += ':';
    put_digits(out, of_day / 60000 % 60, 2);
    out += ':';
    put_digits(out, of_day / 1000 % 60, 2);
    out += '.';
    put_digits(out, of_day % 1000, 3);
    out += 'Z';
}

} // namespace

std::string line(format style, std::int64_t unix_ms, level severity, std::string_view event, fields what)
{
    std::string out;
    out.reserve(256);
    put_key(out, "id", style);
    const field* id = nullptr;
    for (const auto& f : what)
        if (id == nullptr && f.key == "id") id = &f;
    if (id != nullptr)
        put_value(out, id->value, style);
    else
        put_text(out, "-", style);

    put_key(out, "time", style);
    if (style == format::json) out += '"';
    put_time(out, unix_ms);
    if (style == format::json) out += '"';
    put_key(out, "level", style);
    put_text(out, to_text(severity), style);
    put_key(out, "event", style);
    put_text(out, event, style);

    for (const auto& f : what) {
        if (&f == id) continue;
        put_key(out, f.key, style);
        put_value(out, f.value, style);
    }
    if (style == format::json) out += '}';
    return out;
}

} // namespace gateway::log
