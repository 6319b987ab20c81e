// The row of a message's extents is body, envelope, headers; everything here counts octets from its start.
#include "gateway/spool/disk_reader.hpp"

#include "gateway/spool/checksum.hpp"
#include "gateway/spool/record_codec.hpp"

#include <algorithm>

namespace gateway::spool {
namespace {

constexpr std::uint64_t small_message = 512 * 1024; // read as a whole

} // namespace

result<std::unique_ptr<reader>> disk_reader::open(const placement& place, segment_files& files,
                                                  std::function<void(const std::string&)> damage)
{
    if (!consistent(place)) return errc::damaged;
    std::unique_ptr<disk_reader> fresh(new disk_reader(place, files.operations(), std::move(damage)));
    for (const auto& where : place.extents)
        if (const auto error = fresh->add_run(where, files)) return error;
    return std::unique_ptr<reader>(std::move(fresh));
}

boost::system::error_code disk_reader::add_run(const extent& where, segment_files& files)
{
    run next;
    next.where = where;
    if (!runs_.empty()) next.start = runs_.back().start + runs_.back().where.octets;
    if (!runs_.empty() && runs_.back().where.segment == where.segment) {
        next.from = runs_.back().from;
    } else {
        auto opened = files.open(where.segment);
        if (!opened) return damaged(next, "cannot be opened: " + opened.error().message());
        next.from = std::move(*opened);
    }
    runs_.push_back(std::move(next));
    return {};
}

boost::system::error_code disk_reader::damaged(const run& at, const std::string& how)
{
    damage_("segment " + std::to_string(at.where.segment) + ", octets " + std::to_string(at.where.offset) + " to " +
            std::to_string(at.where.offset + at.where.octets) + ": " + how);
    return errc::damaged;
}

// Fills loaded_ with this part of the row.
boost::system::error_code disk_reader::load(std::uint64_t start, std::uint64_t octets)
{
    loaded_.resize(octets);
    loaded_start_ = start;
    auto at = std::upper_bound(runs_.begin(), runs_.end(), start,
                               [](std::uint64_t place, const run& r) { return place < r.start + r.where.octets; });
    std::size_t done = 0;
    for (; done < octets && at != runs_.end(); ++at) {
        const auto skip = start + done - at->start;
        const auto want = std::min(octets - done, at->where.octets - skip);
        const auto got = files_.read(*at->from, at->where.offset + skip, {loaded_.data() + done, want});
        if (!got) return damaged(*at, "cannot be read: " + got.error().message());
        if (*got != want) return damaged(*at, "the file is too short");
        done += want;
    }
    return done == octets ? boost::system::error_code() : errc::damaged;
}

// Sees to it that loaded_ has this part of the row; of a small message it gets all.
boost::system::error_code disk_reader::need(std::uint64_t start, std::uint64_t octets)
{
    if (start >= loaded_start_ && start + octets <= loaded_start_ + loaded_.size()) return {};
    const auto error = place_.octets() <= small_message ? load(0, place_.octets()) : load(start, octets);
    if (error) loaded_.clear();
    return error;
}

result<std::string_view> disk_reader::checked(std::uint64_t start, std::uint64_t octets, std::uint32_t check)
{
    if (const auto error = need(start, octets)) return error;
    const auto part = std::string_view(loaded_).substr(start - loaded_start_, octets);
    if (crc32c(part) == check) return part;
    const auto at =
        std::find_if(runs_.begin(), runs_.end(), [start](const run& r) { return start < r.start + r.where.octets; });
    return damaged(*at, "the octets are not those that were written");
}

result<std::string> disk_reader::envelope()
{
    const auto octets = checked(place_.body_octets, place_.envelope_octets, place_.envelope_check);
    if (!octets) return octets.error();
    return std::string(*octets);
}

result<std::string> disk_reader::headers()
{
    const auto start = place_.body_octets + place_.envelope_octets;
    const auto octets = checked(start, place_.headers_octets, place_.headers_check);
    if (!octets) return octets.error();
    return std::string(*octets);
}

result<std::string_view> disk_reader::body(std::uint64_t offset)
{
    if (offset >= place_.body_octets) return std::string_view();
    const auto index = offset / placement::check_octets;
    const auto start = index * placement::check_octets;
    const auto octets = std::min(placement::check_octets, place_.body_octets - start);
    const auto part = checked(start, octets, place_.body_checks[index]);
    if (!part) return part.error();
    return part->substr(offset - start);
}

} // namespace gateway::spool
