// Addresses as the configuration writes them: where to listen, whom to connect to, which networks are trusted.
// Text only becomes numbers here; nothing is resolved and no socket is opened.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace gateway::config {

// `127.0.0.1:2525`, `[::1]:2525`, `mx1.carrier.example:6525`.
struct endpoint {
    std::string host; // IPv6 addresses without brackets
    std::uint16_t port = 0;

    bool operator==(const endpoint&) const = default;
};

// Takes a name or an address with a port; IPv6 addresses need brackets.
std::optional<endpoint> endpoint_from_text(std::string_view text);
std::string to_text(const endpoint& value);

// Is it an IPv4 or IPv6 address, so that no name needs to be resolved?
bool is_address(std::string_view host);

// `127.0.0.0/8`, `2001:db8::/32`, or a single address. An IPv4 network also contains the IPv4-mapped form of its
// addresses (::ffff:127.0.0.1), which is how a dual-stack listener sees IPv4 clients.
class network {
  public:
    // Bits beyond the prefix must be zero: `10.0.0.1/8` is more likely a slip than a wish.
    static std::optional<network> from_text(std::string_view text);
    std::string text() const;
    // False for anything that is no address.
    bool contains(std::string_view address) const;

    bool operator==(const network&) const = default;

  private:
    std::array<std::uint8_t, 16> octets_{};
    bool is_v6_ = false;
    int prefix_ = 0;
};

} // namespace gateway::config
