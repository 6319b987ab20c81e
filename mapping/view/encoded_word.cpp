// Every search ends at the next question mark, so that no text takes longer than its length.
#include "mapping/view/encoded_word.hpp"

#include "mapping/view/charset.hpp"
#include "smtp/command.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

namespace mapping::view {

namespace {

constexpr std::size_t longest_charset = 64; // with its language (RFC 2231 5)

struct encoded_word {
    std::string_view charset; // without language
    char encoding = 'Q';      // or 'B'
    std::string_view text;
    std::size_t size = 0; // of all of it; 0: this is none
};

bool is_charset_character(char c)
{
    constexpr std::string_view others = "-_.:+*'";
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           others.find(c) != std::string_view::npos;
}

// At the front of the text: =?charset?Q?text?=
encoded_word word_at(std::string_view text)
{
    if (!text.starts_with("=?")) return {};
    auto at = std::size_t{2};
    while (at < text.size() && at < longest_charset && is_charset_character(text[at])) ++at;
    if (at == 2 || text.size() - at < 5 || text[at] != '?' || text[at + 2] != '?') return {};
    encoded_word found;
    found.charset = text.substr(2, at - 2);
    found.charset = found.charset.substr(0, found.charset.find('*'));
    found.encoding = static_cast<char>(text[at + 1] & ~0x20);
    if (found.encoding != 'Q' && found.encoding != 'B') return {};
    const auto begin = at + 3;
    const auto end = text.find('?', begin);
    if (end == std::string_view::npos || end + 1 == text.size() || text[end + 1] != '=') return {};
    found.text = text.substr(begin, end - begin);
    found.size = end + 2;
    return found;
}

int hex_digit(char c)
{
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    return -1;
}

std::optional<std::string> decode_q(std::string_view text)
{
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '_') {
            out += ' ';
        } else if (text[i] == '=') {
            if (text.size() - i < 3) return {};
            const auto high = hex_digit(text[i + 1]);
            const auto low = hex_digit(text[i + 2]);
            if (high < 0 || low < 0) return {};
            out += static_cast<char>(high * 16 + low);
            i += 2;
        } else {
            out += text[i];
        }
    }
    return out;
}

constexpr std::string_view base64_digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

constexpr auto base64_values = [] {
    std::array<std::int8_t, 256> table{};
    table.fill(-1);
    for (std::size_t i = 0; i < base64_digits.size(); ++i)
        table[static_cast<unsigned char>(base64_digits[i])] = static_cast<std::int8_t>(i);
    return table;
}();

// Padding may be missing or stand in the middle, where two encoded texts were put together.
std::optional<std::string> decode_b(std::string_view text)
{
    std::string out;
    std::uint32_t bits = 0;
    int held = 0;
    for (const auto c : text) {
        if (c == '=') {
            held = 0;
            continue;
        }
        if (c == ' ') continue;
        const auto value = base64_values[static_cast<unsigned char>(c)];
        if (value < 0) return {};
        bits = bits << 6 | static_cast<std::uint32_t>(value);
        held += 6;
        if (held < 8) continue;
        held -= 8;
        out += static_cast<char>(bits >> held & 0xFF);
    }
    return out;
}

// Encoded words with nothing but white space between them.
class adjacent_words {
  public:
    bool empty() const { return words_.empty(); }

    bool add(const encoded_word& next)
    {
        auto octets = next.encoding == 'Q' ? decode_q(next.text) : decode_b(next.text);
        if (!octets) return false;
        words_.push_back({next.charset, *std::move(octets)});
        return true;
    }

    // Appends what they say, and forgets them.
    bool flush(std::string& out)
    {
        for (std::size_t i = 0; i < words_.size();) {
            auto end = i + 1;
            while (end < words_.size() && smtp::equal_ignoring_case(words_[i].charset, words_[end].charset)) ++end;
            if (!each(out, i, end) && !together(out, i, end)) return false;
            i = end;
        }
        words_.clear();
        return true;
    }

  private:
    struct word {
        std::string_view charset;
        std::string octets;
    };

    bool each(std::string& out, std::size_t begin, std::size_t end) const
    {
        const auto before = out.size();
        for (auto i = begin; i < end; ++i) {
            const auto text = to_utf8(words_[i].charset, words_[i].octets);
            if (!text) {
                out.resize(before);
                return false;
            }
            out += *text;
        }
        return true;
    }

    // A character that was split over two words is whole again when their octets are put together.
    bool together(std::string& out, std::size_t begin, std::size_t end) const
    {
        std::string octets;
        for (auto i = begin; i < end; ++i) octets += words_[i].octets;
        const auto text = to_utf8(words_[begin].charset, octets);
        if (text) out += *text;
        return text.has_value();
    }

    std::vector<word> words_;
};

// --- writing --------------------------------------------------------------------------------------------------------

constexpr std::string_view hex = "0123456789ABCDEF";
constexpr std::string_view q_begin = "=?utf-8?Q?";
constexpr std::string_view b_begin = "=?utf-8?B?";
constexpr std::size_t around = q_begin.size() + 2;

bool is_q_literal(char c)
{
    constexpr std::string_view others = "!*+-/";
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           others.find(c) != std::string_view::npos;
}

std::size_t character_size(std::string_view text)
{
    std::size_t size = 1;
    while (size < text.size() && (static_cast<unsigned char>(text[size]) & 0xC0) == 0x80) ++size;
    return size;
}

std::size_t q_size(std::string_view text)
{
    std::size_t size = 0;
    for (const auto c : text) size += is_q_literal(c) || c == ' ' ? 1 : 3;
    return size;
}

std::size_t b_size(std::size_t octets)
{
    return (octets + 2) / 3 * 4;
}

void append_q(std::string& out, std::string_view text)
{
    for (const auto c : text) {
        if (is_q_literal(c)) {
            out += c;
        } else if (c == ' ') {
            out += '_';
        } else {
            const auto value = static_cast<unsigned char>(c);
            out += '=';
            out += hex[value >> 4];
            out += hex[value & 15];
        }
    }
}

void append_b(std::string& out, std::string_view text)
{
    for (std::size_t i = 0; i < text.size(); i += 3) {
        std::uint32_t bits = 0;
        for (std::size_t k = 0; k < 3; ++k)
            bits = bits << 8 | (i + k < text.size() ? static_cast<unsigned char>(text[i + k]) : 0U);
        const auto digits = std::min<std::size_t>(text.size() - i, 3) + 1;
        for (std::size_t k = 0; k < 4; ++k) out += k < digits ? base64_digits[bits >> (18 - 6 * k) & 63] : '=';
    }
}

// How many octets of `text` fit, in whole characters; one character at the least.
template <class Size> std::size_t fitting(std::string_view text, std::size_t room, Size size)
{
    auto taken = character_size(text);
    for (;;) {
        if (taken == text.size()) return taken;
        const auto next = taken + character_size(text.substr(taken));
        if (size(text.substr(0, next)) > room) return taken;
        taken = next;
    }
}

} // namespace

std::size_t encoded_word_size(std::string_view text)
{
    return word_at(text).size;
}

std::optional<std::string> decode_words(std::string_view text)
{
    std::string out;
    adjacent_words words;
    for (auto at = text.find("=?"); at != std::string_view::npos;) {
        const auto word = word_at(text.substr(at));
        if (word.size == 0) { // these two octets are text like what stands before them
            at = text.find("=?", at + 1);
            continue;
        }
        const auto plain = text.substr(0, at);
        if (words.empty() || plain.find_first_not_of(" \t") != std::string_view::npos) {
            if (!words.flush(out)) return {};
            out += plain;
        }
        if (!words.add(word)) return {};
        text.remove_prefix(at + word.size);
        at = text.find("=?");
    }
    if (!words.flush(out)) return {};
    return out += text;
}

std::string take_encoded_word(std::string_view& text, std::size_t room)
{
    room = std::min(room, longest_encoded_word);
    room = room > around ? room - around : 0;
    const auto by_q = fitting(text, room, [](std::string_view t) { return q_size(t); });
    const auto by_b = fitting(text, room, [](std::string_view t) { return b_size(t.size()); });
    // Q can be read by people; where it is much the longer one, nobody would.
    const auto q = by_q > by_b || (by_q == by_b && q_size(text.substr(0, by_q)) <= 2 * b_size(by_b));
    const auto taken = text.substr(0, q ? by_q : by_b);
    std::string out(q ? q_begin : b_begin);
    if (q)
        append_q(out, taken);
    else
        append_b(out, taken);
    out += "?=";
    text.remove_prefix(taken.size());
    return out;
}

} // namespace mapping::view
