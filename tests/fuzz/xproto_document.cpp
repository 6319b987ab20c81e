// The wall against any octets: what the scan passes, the parser must read as the same elements in the same places.
#include "xproto/document.hpp"

#include <cstdint>
#include <cstdlib>

namespace {

using namespace xproto;

// Counts the document's own elements, and checks that the scan saw each of them where the parser did.
std::size_t walk(const element& e, const std::vector<xml::span>& spans, std::size_t depth)
{
    std::size_t count = 1;
    bool seen = false;
    for (const auto& s : spans)
        if (s.begin == e.octet()) seen = s.own && s.name == e.name() && s.depth == depth;
    if (!seen) std::abort();
    static_cast<void>(e.text() + e.path());
    for (auto child = e.first(); child; child = child.next()) count += walk(child, spans, depth + 1);
    return count;
}

// Own elements all of whose ancestors are own: only those does a reader reach.
std::size_t reachable(const std::vector<xml::span>& spans)
{
    std::size_t count = 0, foreign_until = 0;
    for (const auto& s : spans) {
        if (s.begin < foreign_until) continue;
        if (s.own)
            ++count;
        else
            foreign_until = s.end;
    }
    return count;
}

void check(std::string_view octets)
{
    const auto read = document::read(octets, {"r", "urn:t"}, {});
    std::vector<xml::span> spans;
    const auto error = xml::scan(octets, "r", "urn:t", {}, 32, &spans);
    if (read.has_value() == error.has_value()) std::abort();
    if (read && walk(read->root(), spans, 1) != reachable(spans)) std::abort();
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const std::string octets(reinterpret_cast<const char*>(data), size);
    check(octets);
    check("<r xmlns='urn:t' xmlns:x='urn:x'>" + octets + "</r>");
    return 0;
}
