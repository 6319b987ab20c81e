// Both encodings escape into printable ASCII; neither may appear inside the other.
#include "mapping/xtext.hpp"

#include "smtp/address.hpp"
#include "xproto/xml_text.hpp"

#include <charconv>
#include <cstdint>

namespace mapping {

namespace {

constexpr std::string_view hex = "0123456789ABCDEF";

bool is_graphic(char c)
{
    return c >= '!' && c <= '~';
}

// The number of hexadecimal digits, all of `text`.
std::optional<std::uint32_t> from_hex(std::string_view text)
{
    std::uint32_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, 16);
    if (error != std::errc{} || end != text.data() + text.size()) return {};
    return number;
}

std::uint32_t code_point(std::string_view sequence)
{
    constexpr std::uint32_t first_bits[] = {0, 0x7F, 0x1F, 0x0F, 0x07};
    auto value = static_cast<unsigned char>(sequence[0]) & first_bits[sequence.size()];
    for (const auto c : sequence.substr(1)) value = value << 6 | (static_cast<unsigned char>(c) & 0x3Fu);
    return value;
}

// `code` is a Unicode scalar value.
void append_utf8(std::string& out, std::uint32_t code)
{
    const auto put = [&](std::uint32_t octet) { out += static_cast<char>(octet); };
    const auto put_rest = [&](int shift) { put(0x80 | (code >> shift & 0x3F)); };
    if (code < 0x80) {
        put(code);
    } else if (code < 0x800) {
        put(0xC0 | code >> 6);
        put_rest(0);
    } else if (code < 0x10000) {
        put(0xE0 | code >> 12);
        put_rest(6);
        put_rest(0);
    } else {
        put(0xF0 | code >> 18);
        put_rest(12);
        put_rest(6);
        put_rest(0);
    }
}

} // namespace

std::string to_xtext(std::string_view octets)
{
    std::string out;
    for (const auto c : octets) {
        if (is_graphic(c) && c != '+' && c != '=') {
            out += c;
            continue;
        }
        const auto value = static_cast<unsigned char>(c);
        out += '+';
        out += hex[value >> 4];
        out += hex[value & 15];
    }
    return out;
}

std::optional<std::string> from_xtext(std::string_view text)
{
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '+') {
            if (text.size() - i < 3) return {};
            const auto value = from_hex(text.substr(i + 1, 2));
            if (!value) return {};
            out += static_cast<char>(*value);
            i += 2;
        } else if (is_graphic(text[i]) && text[i] != '=') {
            out += text[i];
        } else {
            return {};
        }
    }
    return out;
}

std::optional<std::string> to_unitext(std::string_view utf8)
{
    std::string out;
    while (!utf8.empty()) {
        const auto size = xproto::xml::character(utf8.data(), utf8.data() + utf8.size());
        if (size == 0) return {};
        const auto c = utf8.front();
        if (size == 1 && is_graphic(c) && c != '\\' && c != '+' && c != '=') {
            out += c;
        } else {
            char digits[8];
            const auto end = std::to_chars(digits, digits + sizeof digits, code_point(utf8.substr(0, size)), 16).ptr;
            out += "\\x{";
            if (end - digits == 1) out += '0';
            for (const auto* d = digits; d != end; ++d) out += *d >= 'a' ? static_cast<char>(*d - 'a' + 'A') : *d;
            out += '}';
        }
        utf8.remove_prefix(size);
    }
    return out;
}

std::optional<std::string> from_unitext(std::string_view text)
{
    if (!smtp::is_utf8(text)) return {};
    std::string out;
    while (!text.empty()) {
        if (text.front() != '\\') {
            out += text.front();
            text.remove_prefix(1);
            continue;
        }
        const auto close = text.find('}');
        if (!text.starts_with("\\x{") || close == std::string_view::npos || close < 5 || close > 9) return {};
        const auto code = from_hex(text.substr(3, close - 3));
        if (!code || *code > 0x10FFFF || (*code >= 0xD800 && *code <= 0xDFFF)) return {};
        append_utf8(out, *code);
        text.remove_prefix(close + 1);
    }
    return out;
}

} // namespace mapping
