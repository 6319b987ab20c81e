// Base64 by table: two digits at a time on the way out, four digits at a time on the way in.
#include "xproto/base64.hpp"

#include <array>
#include <cstdint>
#include <cstring>

namespace xproto {

namespace {

constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::uint32_t bad = 0xFF000000;

struct tables {
    std::array<std::array<char, 2>, 4096> pairs{};
    std::array<std::array<std::uint32_t, 256>, 4> values{}; // of the digit in each of the four places; bad: no digit
};

constexpr tables make_tables()
{
    tables t;
    for (std::size_t i = 0; i < 4096; ++i) t.pairs[i] = {digits[i >> 6], digits[i & 63]};
    for (auto& place : t.values) place.fill(bad);
    for (std::uint32_t i = 0; i < 64; ++i)
        for (std::size_t place = 0; place < 4; ++place)
            t.values[place][static_cast<unsigned char>(digits[i])] = i << (18 - 6 * place);
    return t;
}

constexpr tables table = make_tables();

std::uint32_t octet(std::string_view s, std::size_t i)
{
    return static_cast<unsigned char>(s[i]);
}

} // namespace

void append_base64(std::string& out, std::string_view octets)
{
    const auto begin = out.size();
    out.resize(begin + (octets.size() + 2) / 3 * 4);
    char* to = out.data() + begin;
    std::size_t i = 0;
    for (; i + 3 <= octets.size(); i += 3, to += 4) {
        const auto bits = octet(octets, i) << 16 | octet(octets, i + 1) << 8 | octet(octets, i + 2);
        std::memcpy(to, table.pairs[bits >> 12].data(), 2);
        std::memcpy(to + 2, table.pairs[bits & 4095].data(), 2);
    }
    const auto left = octets.size() - i;
    if (left == 0) return;
    const auto bits = octet(octets, i) << 16 | (left == 2 ? octet(octets, i + 1) << 8 : 0);
    std::memcpy(to, table.pairs[bits >> 12].data(), 2);
    to[2] = left == 2 ? digits[bits >> 6 & 63] : '=';
    to[3] = '=';
}

std::string to_base64(std::string_view octets)
{
    std::string out;
    append_base64(out, octets);
    return out;
}

std::optional<std::string> from_base64(std::string_view text)
{
    if (text.size() % 4 != 0) return std::nullopt;
    if (text.empty()) return std::string();
    const std::size_t padding = text.back() != '=' ? 0 : text[text.size() - 2] != '=' ? 1 : 2;
    std::string out(text.size() / 4 * 3, '\0');
    char* to = out.data();
    const auto whole = text.size() / 4 - (padding != 0 ? 1 : 0);
    const auto value = [&](std::size_t place, std::size_t i) { return table.values[place][octet(text, i)]; };
    const auto put = [&](std::uint32_t bits) {
        to[0] = static_cast<char>(bits >> 16);
        to[1] = static_cast<char>(bits >> 8);
        to[2] = static_cast<char>(bits);
        to += 3;
    };
    std::uint32_t all = 0;
    for (std::size_t group = 0; group < whole; ++group) {
        const auto i = group * 4;
        const auto bits = value(0, i) | value(1, i + 1) | value(2, i + 2) | value(3, i + 3);
        all |= bits;
        put(bits);
    }
    if (padding != 0) {
        const auto i = whole * 4;
        const auto bits = value(0, i) | value(1, i + 1) | (padding == 1 ? value(2, i + 2) : 0);
        all |= bits;
        if ((bits & (padding == 1 ? 0xFF : 0xFFFF)) != 0) return std::nullopt;
        put(bits);
        out.resize(out.size() - padding);
    }
    if ((all & bad) != 0) return std::nullopt;
    return out;
}

} // namespace xproto
