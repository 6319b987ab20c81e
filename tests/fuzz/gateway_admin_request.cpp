// Any octets as HTTP to the administration API: no crash, the same answers however they are split, and nothing but
// looking for those who may only look. (When it turns out that octets are no HTTP does depend on the split.)
#include "gateway/admin/http_message.hpp"
#include "tests/unit/gateway_admin/fake_control.hpp"

#include <cstdlib>
#include <string>

namespace {

using namespace gateway::admin;

// Everything that is answered, in one string.
std::string talk(std::string_view octets, std::size_t piece)
{
    fake_control daemon;
    request_reader reader({512, 256});
    std::string said;
    for (; !octets.empty(); octets.remove_prefix(std::min(piece, octets.size()))) {
        bool ok = reader.put(octets.substr(0, piece));
        while (ok && reader.complete()) {
            const auto a = respond(daemon, reader.method(), reader.target(), access::read_only);
            said += response_head(a, reader.version(), reader.keep_alive()) + a.body;
            ok = reader.next();
        }
        if (!ok) break;
    }
    if (daemon.messages.size() != 2 || daemon.retried != 0) std::abort();
    return said;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const std::string octets(data, data + size);
    const auto whole = talk(octets, octets.size() + 1);
    if (talk(octets, 1) != whole || talk(octets, 7) != whole) std::abort();
    return 0;
}
