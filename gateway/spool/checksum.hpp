// CRC-32C (Castagnoli, as in RFC 3720 12.1): finds torn and rotten octets on disk. No protection against an adversary,
// which is not its business: whoever can write to the spool can write mail.
#pragma once

#include <cstdint>
#include <string_view>

namespace gateway::spool {

// The checksum of `octets`, or of what gave `before` followed by `octets`.
std::uint32_t crc32c(std::string_view octets, std::uint32_t before = 0);

} // namespace gateway::spool
