// Any octets as the answer of a web server: no crash, no more than was allowed, the same outcome however they are
// split.
#include "gateway/net/http_answer.hpp"

#include <cstdint>
#include <cstdlib>
#include <string>

namespace {

using namespace gateway::net;

constexpr std::uint64_t most = 64;

http_answer read(std::string_view octets, std::size_t piece)
{
    http_answer_reader reader(most, true);
    for (; !octets.empty(); octets.remove_prefix(std::min(piece, octets.size())))
        if (reader.put(octets.substr(0, piece))) return reader.take();
    reader.put_end();
    return reader.take();
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const std::string octets(data, data + size);
    const auto whole = read(octets, octets.size() + 1);
    if (whole.body.size() > most) std::abort();
    for (const std::size_t piece : {1, 7}) {
        const auto again = read(octets, piece);
        if (again.what != whole.what || again.body != whole.body || again.version != whole.version) std::abort();
    }
    return 0;
}
