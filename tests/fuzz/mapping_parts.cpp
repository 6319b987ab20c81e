// Any message: its parts are found the same way however it is cut, lie inside of one another, and stay within the
// bounds; and its body, split at them and joined, is the same octets. The first octet says how the rest is cut, the
// second from how many octets on a leaf is split off.
#include "mapping/message_splitter.hpp"
#include "mapping/parts/scan.hpp"
#include "mapping/parts/split.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

namespace {

using namespace mapping::parts;

void demand(bool holds, const char* what)
{
    if (holds) return;
    std::fprintf(stderr, "%s\n", what);
    std::abort();
}

structure in_pieces(std::string_view header, std::string_view body, std::size_t piece, const scan_limits& limits)
{
    scanner s(header, limits);
    for (std::size_t at = 0; at < body.size(); at += piece) s.push(body.substr(at, piece));
    s.finish();
    return s.parts();
}

void check_sound(const structure& found, std::uint64_t octets, const scan_limits& limits)
{
    demand(!found.empty() && found.size() <= limits.parts, "a wrong number of parts");
    demand(found[0].content == 0 && found[0].end == octets, "the message is not all of the body");
    for (std::size_t i = 0; i < found.size(); ++i) {
        const auto& p = found[i];
        demand(p.begin <= p.content && p.content <= p.end && p.depth <= limits.depth, "a part is nowhere");
        if (i == 0) continue;
        const auto& parent = found[p.parent];
        demand(p.parent < i && p.depth == parent.depth + 1 && !parent.is_leaf, "a part has no parent");
        demand(parent.content <= p.begin && p.end <= parent.end, "a part lies outside of its parent");
        demand(found[i - 1].depth < p.depth || found[i - 1].end <= p.begin, "parts overlap");
    }
    demand(!to_text(found).empty(), "no text");
}

void check_split(const structure& found, std::string_view body, std::size_t piece, std::uint64_t threshold)
{
    split_limits limits;
    limits.threshold = threshold;
    body_splitter splitter(large_leaves(found, limits));
    std::string rest;
    std::vector<std::string> leaves(limits.leaves);
    for (std::size_t at = 0; at < body.size(); at += piece) {
        auto octets = body.substr(at, piece);
        while (!octets.empty()) {
            const auto taken = splitter.take(octets);
            (taken.leaf ? leaves[*taken.leaf] : rest) += taken.octets;
        }
    }
    const auto table = splitter.finish();
    xproto::skeleton_reader reader;
    const auto taken = reader.push(xproto::write(table) + rest);
    demand(taken && reader.is_complete() && reader.table() == table, "the table cannot be read");
    demand(table.rest() == rest.size(), "the rest has another size");

    std::string joined;
    std::size_t at = 0;
    body_joiner joiner(table);
    while (const auto due = joiner.due()) {
        const auto octets = due->leaf ? leaves[*due->leaf] : rest.substr(at, due->octets);
        if (!due->leaf) at += octets.size();
        demand(joiner.push(octets), "a leaf has another digest");
        joined += octets;
    }
    demand(joiner.finish() && joined == body, "the body differs");
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    if (size < 2) return 0;
    const std::string_view message(reinterpret_cast<const char*>(data) + 2, size - 2);
    const auto piece = std::size_t{1} + data[0] % 97;
    mapping::message_splitter splitter;
    splitter.push(message);
    splitter.finish();
    const auto header = splitter.header().octets();
    const auto body = message.substr(header.size());
    scan_limits small;
    small.depth = 3;
    small.parts = 7;
    small.header = 50;
    small.delimiter_line = 12;
    for (const auto& limits : {scan_limits(), small}) {
        const auto whole = scan(header, body, limits);
        check_sound(whole, body.size(), limits);
        demand(in_pieces(header, body, piece, limits) == whole, "other parts when cut");
        check_split(whole, body, piece, data[1]);
    }
    return 0;
}
