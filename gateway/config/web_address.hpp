// The address of a file on the web, as the configuration has it: https:// and nothing else.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace gateway::config {

struct web_address {
    std::string host; // a name, or an IP address without brackets
    std::uint16_t port = 443;
    std::string target; // path and query: "/lists/block.txt?v=2"

    bool operator==(const web_address&) const = default;
};

// "https://host[:port]/path?query" (RFC 3986). Nothing for other schemes, user names, fragments, octets that a URL
// cannot have as they are, and more than 2000 octets.
std::optional<web_address> web_address_from_text(std::string_view text);

} // namespace gateway::config
