// Lines of at most 76 octets, soft breaks included.
#include "mapping/quoted_printable.hpp"

#include <cstddef>

namespace mapping {

namespace {

constexpr std::string_view hex = "0123456789ABCDEF";
constexpr std::size_t line = 76;

int digit(char c)
{
    const auto at = hex.find(c);
    return at == std::string_view::npos ? -1 : static_cast<int>(at);
}

bool is_literal(char c)
{
    return (c >= '!' && c <= '~' && c != '=') || c == ' ' || c == '\t';
}

} // namespace

std::string to_quoted_printable(std::string_view octets)
{
    std::string out;
    std::size_t width = 0; // of the line being written
    for (std::size_t i = 0; i < octets.size(); ++i) {
        const auto ends_line = [&](std::size_t at) { return octets.substr(at, 2) == "\r\n"; };
        if (ends_line(i)) {
            out += "\r\n";
            width = 0;
            ++i;
            continue;
        }
        const auto c = octets[i];
        const auto is_last = i + 1 == octets.size() || ends_line(i + 1);
        const auto literal = is_literal(c) && !((c == ' ' || c == '\t') && is_last);
        const auto size = literal ? std::size_t{1} : std::size_t{3};
        // A soft break's `=` needs room too, except where the line ends anyway.
        if (width + size > (is_last ? line : line - 1)) {
            out += "=\r\n";
            width = 0;
        }
        if (literal) {
            out += c;
        } else {
            const auto value = static_cast<unsigned char>(c);
            out += '=';
            out += hex[value >> 4];
            out += hex[value & 15];
        }
        width += size;
    }
    return out;
}

std::optional<std::string> from_quoted_printable(std::string_view text)
{
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text.substr(i, 2) == "\r\n") {
            out += "\r\n";
            ++i;
        } else if (text.substr(i, 3) == "=\r\n") {
            i += 2;
        } else if (text[i] == '=') {
            if (text.size() - i < 3) return {};
            const auto high = digit(text[i + 1]);
            const auto low = digit(text[i + 2]);
            if (high < 0 || low < 0) return {};
            out += static_cast<char>(high * 16 + low);
            i += 2;
        } else if (is_literal(text[i])) {
            out += text[i];
        } else {
            return {};
        }
    }
    return out;
}

} // namespace mapping
