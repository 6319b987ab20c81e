// Envelopes from any octets: what is read comes back the same, can be verified without harm, and can be forwarded.
#include "xproto/trace.hpp"

#include <cstdint>
#include <cstdlib>

namespace {

using namespace xproto;

void check_forward(const std::string& octets, envelope e)
{
    hop next;
    next.host = "mx.example";
    next.sign.algorithm = "ed25519";
    std::vector<std::uint32_t> keep;
    std::vector<recipient> kept;
    for (std::size_t i = 0; i < e.recipients.size(); i += 2) {
        keep.push_back(e.recipients[i].number);
        kept.push_back(e.recipients[i]);
    }
    const std::string der = "no certificate";
    const auto sent = forward(octets, keep, next, {{sha256(der), der}});
    if (!sent) std::abort();
    e.recipients = std::move(kept);
    e.trace.push_back(next);
    bool there = false;
    for (const auto& c : e.certificates) there = there || c.second == der;
    if (!there) e.certificates.emplace_back(sha256(der), der);
    const auto again = read_envelope(*sent);
    if (again ? *again != e : again.error().code != result_code::core(5, 33)) std::abort(); // or over a limit now
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const std::string octets(reinterpret_cast<const char*>(data), size);
    const auto read = read_envelope(octets);
    if (!read) return read.error().what.empty() ? std::abort(), 0 : 0;
    const auto again = read_envelope(write(*read));
    if (!again || *again != *read) std::abort();
    trace_expectations x;
    x.now = read->created;
    x.peer = "mx.example";
    const auto report = verify_trace(*read, x);
    if (report.valid()) std::abort(); // nobody is believed here
    check_forward(octets, *read);
    return 0;
}
