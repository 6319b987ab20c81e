// Skeleton and leaves are views into the body, in memory: this is for looking.
#include "mapping/parts/verify.hpp"

#include "mapping/parts/scan.hpp"
#include "mapping/parts/split.hpp"

namespace mapping::parts {

namespace {

// The parts, with the body pushed in pieces.
structure scan_in_pieces(std::string_view header, std::string_view body, std::size_t piece)
{
    scanner s(header);
    for (std::size_t at = 0; at < body.size(); at += piece) s.push(body.substr(at, piece));
    s.finish();
    return s.parts();
}

// The skeleton object; the leaves stay where they are.
std::string make_skeleton(std::string_view body, const std::vector<place>& places, std::size_t piece)
{
    body_splitter splitter(places);
    std::string rest;
    for (std::size_t at = 0; at < body.size(); at += piece) {
        auto octets = body.substr(at, piece);
        while (!octets.empty())
            if (const auto taken = splitter.take(octets); !taken.leaf) rest += taken.octets;
    }
    return write(splitter.finish()) + rest;
}

bool joins(std::string_view skeleton, std::string_view body)
{
    xproto::skeleton_reader reader;
    const auto table_size = reader.push(skeleton);
    if (!table_size || !reader.is_complete()) return false;
    auto rest = skeleton.substr(*table_size);
    body_joiner joiner(reader.table());
    std::size_t at = 0;
    while (const auto due = joiner.due()) {
        const auto expected = body.substr(at, due->octets);
        const auto octets = due->leaf ? expected : rest.substr(0, due->octets);
        if (!due->leaf) rest.remove_prefix(octets.size());
        if (octets != expected || !joiner.push(octets)) return false;
        at += octets.size();
    }
    return rest.empty() && joiner.finish();
}

} // namespace

std::optional<std::string> verify_split(std::string_view header, std::string_view body)
{
    const auto found = scan(header, body);
    if (scan_in_pieces(header, body, 4096) != found || scan_in_pieces(header, body, 61) != found)
        return "the body's parts differ when it comes in pieces";
    for (const std::uint64_t threshold : {1, 1024, 65536}) {
        split_limits limits;
        limits.threshold = threshold;
        const auto places = large_leaves(found, limits);
        const auto skeleton = make_skeleton(body, places, 4096);
        if (skeleton != make_skeleton(body, places, 1009) || !joins(skeleton, body))
            return "the body, split into leaves of " + std::to_string(threshold) +
                   " octets or more, is not joined to the same octets";
    }
    return std::nullopt;
}

} // namespace mapping::parts
