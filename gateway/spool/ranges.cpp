// Joining ranges that touch or overlap.
#include "gateway/spool/ranges.hpp"

#include <algorithm>

namespace gateway::spool {
namespace {

constexpr std::size_t loose = 64; // so many are never worth joining

} // namespace

void octet_ranges::add(std::uint64_t offset, std::uint64_t octets)
{
    if (octets == 0) return;
    // Most come in order: a message follows the one before it.
    if (!ranges_.empty() && ranges_.back().end == offset) {
        ranges_.back().end += octets;
        return;
    }
    ranges_.push_back({offset, offset + octets});
    if (ranges_.size() > 2 * joined_ + loose) joined();
}

const std::vector<octet_range>& octet_ranges::joined()
{
    std::sort(ranges_.begin(), ranges_.end(), [](const auto& a, const auto& b) { return a.begin < b.begin; });
    std::size_t last = 0;
    for (std::size_t i = 1; i < ranges_.size(); ++i) {
        if (ranges_[i].begin <= ranges_[last].end)
            ranges_[last].end = std::max(ranges_[last].end, ranges_[i].end);
        else
            ranges_[++last] = ranges_[i];
    }
    if (!ranges_.empty()) ranges_.resize(last + 1);
    joined_ = ranges_.size();
    return ranges_;
}

octet_ranges octet_ranges::inverse(std::uint64_t file_octets)
{
    octet_ranges others;
    std::uint64_t at = 0;
    for (const auto& range : joined()) {
        if (range.begin > file_octets) break;
        if (range.begin > at) others.add(at, range.begin - at);
        at = range.end;
    }
    if (at < file_octets) others.add(at, file_octets - at);
    return others;
}

} // namespace gateway::spool
