// Trace fields of any octets are read without harm, and hops of any facts become one safe Received line that can be
// read.
#include "mapping/received.hpp"

#include "smtp/address.hpp"
#include "xproto/field.hpp"

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

namespace {

void demand(bool holds)
{
    if (!holds) std::abort();
}

void check_view(const mapping::trace_view& view)
{
    for (const auto& [name, value] : view) demand(!name.empty() && xproto::is_plain_text(value));
}

void check_line(const std::string& line, bool utf8)
{
    demand(line.starts_with("Received: from ") && line.ends_with(" +0000\r\n"));
    for (std::size_t begin = 0; begin < line.size();) {
        const auto end = line.find("\r\n", begin);
        demand(end != std::string::npos && end > begin && end - begin <= 998);
        demand(begin == 0 || line[begin] == '\t');
        for (auto i = begin; i < end; ++i) {
            const auto c = static_cast<unsigned char>(line[i]);
            demand((c >= ' ' || c == '\t') && c != 0x7F && (utf8 || c < 0x80));
        }
        begin = end + 2;
    }
    demand(smtp::is_utf8(line));
    const auto view = mapping::read_received(std::string_view(line).substr(9));
    demand(view.size() >= 3 && view.front().first == "from" && view.back().first == "date");
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    std::string_view input(reinterpret_cast<const char*>(data), size);
    check_view(mapping::read_received(input));
    check_view(mapping::read_return_path(input));

    xproto::hop hop;
    std::string recipient;
    for (auto* fact : {&hop.peer, &hop.peer_address, &hop.host, &hop.protocol, &hop.id, &recipient}) {
        const auto end = input.find('\n');
        *fact = input.substr(0, end);
        input.remove_prefix(end == std::string_view::npos ? input.size() : end + 1);
    }
    for (const auto c : input)
        hop.time = static_cast<std::int64_t>(static_cast<std::uint64_t>(hop.time) * 31 + static_cast<unsigned char>(c));
    check_line(mapping::received_line(hop, recipient, false), false);
    check_line(mapping::received_line(hop, recipient, true), true);
    return 0;
}
