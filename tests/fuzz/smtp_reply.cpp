// Replies: split or whole makes no difference, and what was read is written and read back the same.
#include "smtp/extensions.hpp"
#include "smtp/reply.hpp"

#include <cstdint>
#include <cstdlib>

namespace {

void require(bool promise)
{
    if (!promise) std::abort();
}

std::vector<smtp::reply> read(std::string_view octets, std::size_t split, bool& failed)
{
    smtp::reply_parser parser;
    std::vector<smtp::reply> found;
    for (std::size_t at = 0; at < octets.size(); at += split) {
        const std::string piece(octets.substr(at, split));
        std::string_view input = piece;
        while (!input.empty()) {
            const auto one = parser.read(input);
            failed = !one;
            if (failed) return found;
            if (*one) found.push_back(**one);
        }
    }
    return found;
}

bool is_printable(const smtp::reply& r)
{
    for (const auto& line : r.lines) {
        if (line.size() > 400) return false; // would be continued on another line
        for (const char c : line) {
            if ((c >= 0 && c < ' ') || c == 0x7F) return false;
        }
    }
    return true;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const std::string_view octets(reinterpret_cast<const char*>(data), size);
    bool failed = false;
    const auto whole = read(octets, size == 0 ? 1 : size, failed);
    bool failed_too = false;
    require(read(octets, 1, failed_too) == whole && failed == failed_too);
    for (const auto& r : whole) {
        static_cast<void>(smtp::parse_ehlo(r));
        const auto written = smtp::format(r);
        const auto again = read(written, written.size(), failed);
        require(!failed && again.size() == 1 && again[0].code == r.code);
        // Text that looks like an enhanced code, behind none or another, is read as one: the octets are the same.
        if (is_printable(r)) require(smtp::format(again[0]) == written);
    }
    return 0;
}
