// Any octets as a probe and as an answer: what is taken is written and read back as the same.
#include "xproto/traceroute.hpp"

#include <cstdint>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const std::string_view octets(reinterpret_cast<const char*>(data), size);
    if (const auto probe = xproto::read_route_probe(octets))
        if (*xproto::read_route_probe(write_xml(*probe)) != *probe) std::abort();
    if (const auto answer = xproto::read_route_answer(octets))
        if (*xproto::read_route_answer(write_xml(*answer)) != *answer) std::abort();
    return 0;
}
