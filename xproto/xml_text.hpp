// Text as XML 1.0 understands it: which octets are characters, what must be escaped, and timestamps. The inner loops of
// reading and writing objects; eight octets a step over ordinary ASCII.
#pragma once

#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>

namespace xproto::xml {

// Length of the UTF-8 sequence (RFC 3629: no overlong forms, no surrogates) at `p` when it is a character that XML 1.0
// (2.2) may hold; 0 when it is not.
std::size_t character(const char* p, const char* end);
// The same question for a code point.
bool is_character(std::uint32_t code);

// The first octet at or after `p` that is not plain: a control character, an octet above 0x7F, or one of < > & " ].
inline const char* skip_plain(const char* p, const char* end);

// `text` is XML characters without CR. Escapes what character data must not hold.
void append_text(std::string& out, std::string_view text);
// The inverse, for all references that xml::scan() lets pass; `text` must have passed it.
void append_resolved(std::string& out, std::string_view text);
// ` name="value"`. `value` is XML characters without CR and LF.
void append_attribute(std::string& out, std::string_view name, std::string_view value);
void append_attribute(std::string& out, std::string_view name, std::uint64_t value);
// The same between apostrophes when the value holds quotation marks and no apostrophe.
void append_short_attribute(std::string& out, std::string_view name, std::string_view value);

// Decimal digits without sign or leading zeros, nothing else.
std::optional<std::uint64_t> number(std::string_view text);
void append_number(std::string& out, std::uint64_t value);

// RFC 3339 in exactly the form 2026-11-22T01:02:03Z. Only years 0000 to 9999 have one; leap seconds are refused.
std::string timestamp(std::int64_t unix_seconds);
std::optional<std::int64_t> from_timestamp(std::string_view text);
inline constexpr std::int64_t first_timestamp = -62167219200; // 0000-01-01T00:00:00Z
inline constexpr std::int64_t last_timestamp = 253402300799;  // 9999-12-31T23:59:59Z

// --- details ---------------------------------------------------------------------------------------------------------

namespace details {
inline constexpr std::uint64_t ones = 0x0101010101010101;
inline constexpr std::uint64_t highs = 0x8080808080808080;
// The high bit of an octet of the result is set when the octet of `word` is `c`; false hits only above a true one.
constexpr std::uint64_t equals(std::uint64_t word, unsigned char c)
{
    const std::uint64_t x = word ^ (ones * c);
    return (x - ones) & ~x & highs;
}
constexpr std::uint64_t special(std::uint64_t word)
{
    const auto control = (word - ones * 0x20) & ~word & highs;
    return control | (word & highs) | equals(word, '<') | equals(word, '>') | equals(word, '&') | equals(word, '"') |
           equals(word, ']');
}
constexpr bool is_plain(unsigned char c)
{
    return c >= 0x20 && c < 0x80 && c != '<' && c != '>' && c != '&' && c != '"' && c != ']';
}
} // namespace details

inline const char* skip_plain(const char* p, const char* end)
{
    while (end - p >= 8) {
        std::uint64_t word = 0;
        std::memcpy(&word, p, 8);
        if (details::special(word) != 0) break;
        p += 8;
    }
    while (p != end && details::is_plain(static_cast<unsigned char>(*p))) ++p;
    return p;
}

} // namespace xproto::xml
