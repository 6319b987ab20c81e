// Two passes over a body.
#include "gateway/delivery/split_plan.hpp"

#include "mapping/field.hpp"

#include <algorithm>

namespace gateway::delivery {

namespace {

constexpr std::uint64_t turn_octets = 1024 * 1024;

} // namespace

split_plan::split_plan(const xproto::headers_object& headers, std::uint64_t body_octets)
    : body_octets_(body_octets), scanner_(std::in_place, mapping::header_of(headers))
{
}

bool split_plan::read_some(spool::reader& body)
{
    for (std::uint64_t read = 0; read < turn_octets;) {
        if (at_ == body_octets_) {
            if (!scanner_) {
                table_ = splitter_->finish();
                table_octets_ = xproto::write(table_);
                return true;
            }
            scanned();
            if (!splitter_) return true;
            continue;
        }
        const auto octets = body.body(at_);
        if (!octets || octets->empty()) return true; // whoever sends the body will meet it again
        at_ += octets->size();
        read += octets->size();
        add(*octets);
    }
    return false;
}

void split_plan::add(std::string_view octets)
{
    if (scanner_) return scanner_->push(octets);
    while (!octets.empty()) splitter_->take(octets);
}

void split_plan::scanned()
{
    scanner_->finish();
    const auto& parts = scanner_->parts();
    auto places = mapping::parts::large_leaves(parts);
    for (const auto& place : places) {
        const auto part = std::find_if(parts.begin(), parts.end(),
                                       [&](const auto& p) { return p.is_leaf && p.content == place.offset; });
        descriptions_.push_back({part->media_type, part->filename});
    }
    scanner_.reset();
    at_ = 0;
    if (!places.empty()) splitter_.emplace(std::move(places));
}

mapping::parts::place split_plan::place_of(std::uint64_t skeleton_offset) const
{
    auto at = skeleton_offset - table_octets_.size();
    std::uint64_t passed = 0; // octets of leaves before it
    for (const auto& leaf : table_.leaves) {
        if (at + passed < leaf.offset) return {at + passed, leaf.offset - at - passed};
        passed += leaf.octets;
    }
    return {at + passed, table_.octets - at - passed};
}

} // namespace gateway::delivery
