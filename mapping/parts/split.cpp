// Both directions walk along the table of places.
#include "mapping/parts/split.hpp"

#include <algorithm>
#include <cassert>

namespace mapping::parts {

std::vector<place> large_leaves(const structure& parts, const split_limits& limits)
{
    const auto least = std::max<std::uint64_t>(limits.threshold, 1);
    std::vector<place> out;
    for (const auto& p : parts) {
        if (out.size() == limits.leaves) break;
        if (p.is_leaf && p.octets() >= least) out.push_back({p.content, p.octets()});
    }
    return out;
}

body_splitter::body_splitter(std::vector<place> leaves) : places_(std::move(leaves)) {}

body_splitter::piece body_splitter::take(std::string_view& octets)
{
    const auto index = table_.leaves.size();
    const auto at = table_.octets;
    const bool is_leaf = index < places_.size() && at >= places_[index].offset;
    const auto end = index == places_.size() ? at + octets.size()
                     : is_leaf               ? places_[index].offset + places_[index].octets
                                             : places_[index].offset;
    const auto taken = octets.substr(0, std::min<std::uint64_t>(octets.size(), end - at));
    octets.remove_prefix(taken.size());
    table_.octets += taken.size();
    whole_.update(taken);
    if (!is_leaf) return {std::nullopt, taken};
    if (!leaf_) leaf_.emplace();
    leaf_->update(taken);
    if (table_.octets == end) {
        table_.leaves.push_back({places_[index].offset, places_[index].octets, leaf_->finish()});
        leaf_.reset();
    }
    return {index, taken};
}

xproto::skeleton_table body_splitter::finish()
{
    assert(table_.leaves.size() == places_.size());
    table_.sha256 = whole_.finish();
    return std::move(table_);
}

std::optional<body_joiner::source> body_joiner::due() const
{
    if (at_ == table_.octets) return std::nullopt;
    if (next_ == table_.leaves.size()) return source{std::nullopt, table_.octets - at_};
    const auto& leaf = table_.leaves[next_];
    if (at_ < leaf.offset) return source{std::nullopt, leaf.offset - at_};
    return source{next_, leaf.offset + leaf.octets - at_};
}

bool body_joiner::push(std::string_view octets)
{
    const auto from = due();
    assert(from && octets.size() <= from->octets);
    at_ += octets.size();
    whole_.update(octets);
    if (!from->leaf) return true;
    if (!leaf_) leaf_.emplace();
    leaf_->update(octets);
    if (octets.size() < from->octets) return true;
    const auto found = leaf_->finish();
    leaf_.reset();
    return found == table_.leaves[next_++].sha256;
}

bool body_joiner::finish()
{
    return at_ == table_.octets && whole_.finish() == table_.sha256;
}

} // namespace mapping::parts
