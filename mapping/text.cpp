// Eight octets at a time where everything is printable ASCII, one character at a time elsewhere.
#include "mapping/text.hpp"

#include <cstdint>
#include <cstring>

namespace mapping {

namespace {

unsigned octet(std::string_view text, std::size_t i)
{
    return static_cast<unsigned char>(text[i]);
}

bool is_continuation(std::string_view text, std::size_t i)
{
    return i < text.size() && (octet(text, i) & 0xC0u) == 0x80u;
}

// Are these eight octets all from 0x20 to 0x7F? An octet is when its top bit is clear and one of the next two is set.
bool all_printable(const char* eight)
{
    std::uint64_t word = 0;
    std::memcpy(&word, eight, sizeof word);
    constexpr std::uint64_t top_bits = 0x8080808080808080;
    return (~word & ((word << 1) | (word << 2)) & top_bits) == top_bits;
}

} // namespace

std::size_t utf8_sequence(std::string_view text)
{
    if (text.empty()) return 0;
    const auto first = octet(text, 0);
    if (first < 0x80) return 1;
    if (first < 0xC2 || first > 0xF4 || !is_continuation(text, 1)) return 0;
    if (first < 0xE0) return 2;
    const auto second = octet(text, 1);
    if (!is_continuation(text, 2)) return 0;
    if (first < 0xF0) {
        if (first == 0xE0 && second < 0xA0) return 0; // overlong
        if (first == 0xED && second > 0x9F) return 0; // surrogate
        return 3;
    }
    if (!is_continuation(text, 3)) return 0;
    if (first == 0xF0 && second < 0x90) return 0; // overlong
    if (first == 0xF4 && second > 0x8F) return 0; // above U+10FFFF
    return 4;
}

bool is_xml_text(std::string_view text)
{
    while (!text.empty()) {
        if (text.size() >= 8 && all_printable(text.data())) {
            text.remove_prefix(8);
            continue;
        }
        const auto first = octet(text, 0);
        if (first < 0x20 && first != '\t') return false;
        const auto size = utf8_sequence(text);
        if (size == 0) return false;
        if (size == 3 && (text.substr(0, 3) == "\xEF\xBF\xBE" || text.substr(0, 3) == "\xEF\xBF\xBF")) return false;
        text.remove_prefix(size);
    }
    return true;
}

std::string printable(std::string_view text, bool utf8, std::size_t most)
{
    std::string out;
    out.reserve(text.size() < most ? text.size() : most);
    while (!text.empty()) {
        const auto first = octet(text, 0);
        auto size = utf8_sequence(text);
        auto character = text.substr(0, size);
        if (first == '\t' || first == '\r' || first == '\n') {
            character = " ";
        } else if (first < 0x20 || first == 0x7F || size == 0 || (size > 1 && !utf8)) {
            character = "?";
            size = 1;
        } else if (size == 2 && first == 0xC2 && octet(text, 1) < 0xA0) {
            character = "?"; // a C1 control
        }
        if (out.size() + character.size() > most) break;
        out += character;
        text.remove_prefix(size);
    }
    return out;
}

std::string atom(std::string_view text, std::size_t most)
{
    constexpr std::string_view others = "!#$%&'*+-/=?^_`{|}~.";
    std::string out(text.substr(0, most));
    for (auto& c : out) {
        const auto is_atext = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                              others.find(c) != std::string_view::npos;
        if (!is_atext) c = '?';
    }
    return out;
}

} // namespace mapping
