// CRC-32C by Intel's ISA-L, which knows the fastest way of each processor (tens of GB/s where there is one).
#include "gateway/spool/checksum.hpp"

#include <isa-l/crc.h>

namespace gateway::spool {

std::uint32_t crc32c(std::string_view octets, std::uint32_t before)
{
    constexpr std::size_t most = 1 << 30; // the library counts with an int
    auto crc = ~before;
    while (!octets.empty()) {
        const auto part = octets.substr(0, most);
        // The library does not write to its buffer.
        auto* const data = reinterpret_cast<unsigned char*>(const_cast<char*>(part.data()));
        crc = crc32_iscsi(data, static_cast<int>(part.size()), crc);
        octets.remove_prefix(part.size());
    }
    return ~crc;
}

} // namespace gateway::spool
