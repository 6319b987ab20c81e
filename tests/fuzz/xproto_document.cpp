// The wall against any octets: what the scan passes is read as elements that stand where they say, and whose text,
// written again, is read the same.
#include "xproto/document.hpp"
#include "xproto/xml_text.hpp"

#include <cstdint>
#include <cstdlib>

namespace {

using namespace xproto;

constexpr document::kind kind{"r", "urn:t"};

void demand(bool holds)
{
    if (!holds) std::abort();
}

// Its text as the only text of a document.
void check_text(std::string_view text)
{
    if (text.find('\r') != std::string_view::npos) return; // came by reference; no writer writes it
    std::string again = "<r xmlns='urn:t'>";
    xml::append_text(again, text);
    again += "</r>";
    const auto read = document::read(again, kind, {});
    std::string room;
    demand(read.has_value() && read->root().text(room) == text);
}

// Counts the document's own elements, and checks where they stand.
std::size_t walk(const document& in, const element& e, std::string_view octets)
{
    const auto inner = in.inner(e);
    demand(octets.substr(e.octet()).starts_with('<' + std::string(e.name())));
    demand(inner.data() > octets.data() + e.octet() && inner.data() + inner.size() <= octets.data() + octets.size());
    std::string room;
    const auto text = e.text(room);
    demand(e.has_text() == (text.find_first_not_of(" \t\r\n") != std::string_view::npos));
    check_text(text);
    demand(e.path().ends_with(']') || e.path().ends_with(e.name()));
    std::size_t count = 1;
    for (auto child = e.first(); child; child = child.next()) {
        demand(octets.data() + child.octet() >= inner.data() &&
               octets.data() + child.octet() < inner.data() + inner.size());
        count += walk(in, child, octets);
    }
    return count;
}

// Own elements all of whose ancestors are own: only those does a reader reach.
std::size_t reachable(const xml::outline& noted)
{
    std::size_t count = 0, foreign_until = 0;
    for (const auto& s : noted.elements) {
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
    const auto read = document::read(octets, kind, {});
    xml::outline noted;
    const auto error = xml::scan(octets, "r", "urn:t", {}, 32, &noted);
    demand(read.has_value() != error.has_value());
    if (read) demand(walk(*read, read->root(), octets) == reachable(noted));
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const std::string octets(reinterpret_cast<const char*>(data), size);
    check(octets);
    check("<r xmlns='urn:t' xmlns:x='urn:x'>" + octets + "</r>");
    return 0;
}
