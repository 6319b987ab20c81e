// Records and entries of the duplicate memory, from any octets: what decodes, encodes to the very same octets.
#include "gateway/spool/duplicates.hpp"
#include "gateway/spool/record_codec.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    using namespace gateway::spool;
    const std::string_view octets(reinterpret_cast<const char*>(data), size);

    if (const auto found = decode(octets)) {
        const auto again = encode(*found);
        if (!again || *again != octets) std::abort();
    }
    if (const auto found = decode_duplicate(octets)) {
        if (encode(*found) != octets || forgotten_at(octets) != found->forgotten_at) std::abort();
    }
    return 0;
}
