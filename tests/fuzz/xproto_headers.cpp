// Headers objects from any octets: what is read is valid, and comes back the same when it is written and read again.
#include "xproto/headers_object.hpp"

#include <cstdint>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const std::string octets(reinterpret_cast<const char*>(data), size);
    const auto read = xproto::read_headers(octets);
    if (!read) return read.error().what.empty() ? std::abort(), 0 : 0;
    for (const auto& f : read->fields)
        if (!xproto::is_valid(f)) std::abort();
    const auto again = xproto::read_headers(xproto::write(*read));
    if (!again || *again != *read) std::abort();
    return 0;
}
