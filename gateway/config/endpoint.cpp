// Addresses and networks as text. Octets come from inet_pton, which accepts the standard forms only.
#include "gateway/config/endpoint.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <charconv>
#include <cstring>

namespace gateway::config {
namespace {

struct octets {
    std::array<std::uint8_t, 16> value{};
    bool is_v6 = false;

    int bits() const { return is_v6 ? 128 : 32; }
};

std::optional<octets> parse_address(std::string_view text)
{
    const std::string terminated(text);
    if (terminated.size() != std::strlen(terminated.c_str())) return std::nullopt; // a NUL inside
    octets out;
    if (inet_pton(AF_INET, terminated.c_str(), out.value.data()) == 1) return out;
    out.is_v6 = true;
    if (inet_pton(AF_INET6, terminated.c_str(), out.value.data()) == 1) return out;
    return std::nullopt;
}

std::optional<std::uint16_t> parse_port(std::string_view text)
{
    std::uint16_t port = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return port;
}

bool is_name(std::string_view text)
{
    const auto allowed = [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '.' ||
               c == '_';
    };
    return !text.empty() && text.size() <= 253 && text.front() != '.' && text.find("..") == text.npos &&
           std::all_of(text.begin(), text.end(), allowed);
}

bool bit(const std::array<std::uint8_t, 16>& value, int i)
{
    return (value[static_cast<std::size_t>(i / 8)] >> (7 - i % 8) & 1) != 0;
}

// ::ffff:a.b.c.d (RFC 4291 2.5.5.2) as the IPv4 address it stands for.
octets unmapped(const octets& address)
{
    constexpr std::array<std::uint8_t, 12> prefix{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
    if (!address.is_v6 || !std::equal(prefix.begin(), prefix.end(), address.value.begin())) return address;
    octets v4;
    std::copy(address.value.begin() + 12, address.value.end(), v4.value.begin());
    return v4;
}

} // namespace

bool is_address(std::string_view host)
{
    return parse_address(host).has_value();
}

std::optional<endpoint> endpoint_from_text(std::string_view text)
{
    const auto colon = text.rfind(':');
    if (colon == text.npos) return std::nullopt;
    const auto port = parse_port(text.substr(colon + 1));
    auto host = text.substr(0, colon);
    if (!port) return std::nullopt;
    if (host.starts_with('[') && host.ends_with(']')) {
        host = host.substr(1, host.size() - 2);
        const auto address = parse_address(host);
        if (!address || !address->is_v6) return std::nullopt;
        return endpoint{std::string(host), *port};
    }
    if (!is_name(host)) return std::nullopt;
    return endpoint{std::string(host), *port};
}

std::string to_text(const endpoint& value)
{
    const bool brackets = value.host.find(':') != value.host.npos;
    return (brackets ? "[" + value.host + "]" : value.host) + ":" + std::to_string(value.port);
}

std::optional<network> network::from_text(std::string_view text)
{
    const auto slash = text.find('/');
    const auto address = parse_address(text.substr(0, slash));
    if (!address) return std::nullopt;
    network out;
    out.octets_ = address->value;
    out.is_v6_ = address->is_v6;
    out.prefix_ = address->bits();
    if (slash == text.npos) return out;
    const auto digits = text.substr(slash + 1);
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), out.prefix_);
    const bool number = error == std::errc{} && end == digits.data() + digits.size();
    if (!number || out.prefix_ < 0 || out.prefix_ > address->bits()) return std::nullopt;
    for (int i = out.prefix_; i < address->bits(); ++i)
        if (bit(out.octets_, i)) return std::nullopt;
    const auto plain = unmapped(*address);
    if (plain.is_v6 || !out.is_v6_ || out.prefix_ < 96) return out;
    out.octets_ = plain.value; // clients are compared in the plain form
    out.is_v6_ = false;
    out.prefix_ -= 96;
    return out;
}

std::string network::text() const
{
    std::array<char, INET6_ADDRSTRLEN> buffer{};
    const auto* shown = inet_ntop(is_v6_ ? AF_INET6 : AF_INET, octets_.data(), buffer.data(), buffer.size());
    return std::string(shown != nullptr ? shown : "") + "/" + std::to_string(prefix_);
}

bool network::contains(std::string_view address) const
{
    const auto parsed = parse_address(address);
    if (!parsed) return false;
    const auto plain = unmapped(*parsed);
    if (plain.is_v6 != is_v6_) return false;
    for (int i = 0; i < prefix_; ++i)
        if (bit(plain.value, i) != bit(octets_, i)) return false;
    return true;
}

} // namespace gateway::config
