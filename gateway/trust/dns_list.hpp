// Lists in the DNS (RFC 5782): which names to ask for, and what the answers mean.
#pragma once

#include "gateway/config/settings.hpp"
#include "gateway/net/resolver.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gateway::trust {

// A domain list is asked about a name and what is above it, at most so many names, and never a single label.
inline constexpr std::size_t most_names = 5;

// The names of the A records that tell whether `what` is listed in the zone: of an address one, its octets or nibbles
// reversed (RFC 5782 2.1, 2.4); of a domain, it and those above it. None when the DNS could not hold them.
std::vector<std::string> dns_names(config::list_by by, std::string_view what, std::string_view zone);

enum class dns_opinion { listed, not_listed, no_answer };
// Only 127.0.0.0/8 lists (RFC 5782 2.1); 127.255.255.0/24 is how lists say that they do not want to be asked.
dns_opinion read_dns_list(const net::dns_answer& answer);

} // namespace gateway::trust
