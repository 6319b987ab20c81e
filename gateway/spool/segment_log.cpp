// Appending to, syncing and removing segment files.
#include "gateway/spool/segment_log.hpp"

#include <algorithm>
#include <cassert>
#include <charconv>

namespace gateway::spool {
namespace {

constexpr std::size_t name_digits = 12;
constexpr std::string_view name_end = ".seg";
constexpr std::uint64_t write_back_octets = 256 * 1024;
constexpr std::uint64_t smallest_hole = 64 * 1024; // below that the disk's own book-keeping is not worth it

// Calls visit(segment) once for each segment that extents lie in. Extents of one message are in ascending order.
template <class Visit> void each_segment(const std::vector<extent>& extents, Visit visit)
{
    std::optional<std::uint64_t> last;
    for (const auto& run : extents) {
        if (run.segment != last) visit(run.segment);
        last = run.segment;
    }
}

} // namespace

std::string segment_name(std::uint64_t number)
{
    auto digits = std::to_string(number);
    if (digits.size() < name_digits) digits.insert(0, name_digits - digits.size(), '0');
    return digits.append(name_end);
}

std::optional<std::uint64_t> segment_number(std::string_view name)
{
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
    if (error != std::errc{} || number == 0 || segment_name(number) != name) return std::nullopt;
    return number;
}

segment_log::segment_log(std::filesystem::path folder, std::uint64_t segment_octets, file_operations& files)
    : folder_(std::move(folder)), segment_octets_(segment_octets), files_(files)
{
}

// --- at start -------------------------------------------------------------------------------------------------------

segment_log::error_code segment_log::adopt()
{
    std::error_code error;
    for (std::filesystem::directory_iterator at(folder_, error), end; !error && at != end; at.increment(error)) {
        const auto number = segment_number(at->path().filename().native());
        if (!number) continue; // not ours
        const auto octets = at->file_size(error);
        if (error) break;
        segments_[*number].octets = octets;
        disk_octets_ += octets;
        next_number_ = std::max(next_number_, *number + 1);
    }
    if (error) return {error.value(), boost::system::system_category()};
    for (const auto& [number, facts] : segments_) reclaimable_.push_back(number);
    return {};
}

bool segment_log::adopt_extents(const std::vector<extent>& extents)
{
    bool complete = true;
    for (const auto& run : extents) {
        next_number_ = std::max(next_number_, run.segment + 1);
        const auto found = segments_.find(run.segment);
        if (found == segments_.end() || run.offset + run.octets > found->second.octets) complete = false;
        auto& facts = segments_[run.segment]; // a missing one is entered too, so that release() finds it
        facts.held += run.octets;
        facts.dead.add(run.offset, run.octets);
        held_octets_ += run.octets;
    }
    each_segment(extents, [this](std::uint64_t number) {
        if (segments_.at(number).holders++ == 0) std::erase(reclaimable_, number);
    });
    return complete;
}

void segment_log::adopted()
{
    for (auto& [number, facts] : segments_) facts.dead = facts.dead.inverse(facts.octets);
}

void segment_log::pin_adopted()
{
    for (auto& [number, facts] : segments_) facts.pinned = true;
    reclaimable_.clear();
}

// --- appending ------------------------------------------------------------------------------------------------------

// Sees to it that open_.back() can be appended to.
segment_log::error_code segment_log::ready_for_append()
{
    if (!open_.empty()) {
        const auto& facts = segments_.at(open_.back().number);
        if (!facts.failed && facts.octets < segment_octets_) return {};
    }
    auto made = files_.create(folder_ / segment_name(next_number_));
    if (!made) {
        // The name may be taken by a file that nobody knew of: the next number is tried the next time.
        ++next_number_;
        return made.error();
    }
    folder_dirty_ = true;
    auto& fresh = open_.emplace_back();
    fresh.number = next_number_++;
    fresh.handle = std::move(*made);
    segments_[fresh.number].open = true;
    return {};
}

segment_log::error_code segment_log::append(std::span<const std::string_view> octets, std::vector<extent>& extents)
{
    if (const auto error = ready_for_append()) return error;
    auto& target = open_.back();
    auto& facts = segments_.at(target.number);

    std::uint64_t size = 0;
    for (const auto piece : octets) {
        if (piece.empty()) continue;
        target.pending.push_back(piece);
        size += piece.size();
    }
    if (size == 0) return {};
    if (extents.empty() || extents.back().segment != target.number) ++facts.holders;
    if (!extents.empty() && extents.back().segment == target.number &&
        extents.back().offset + extents.back().octets == facts.octets)
        extents.back().octets += size;
    else
        extents.push_back({target.number, facts.octets, size});
    facts.octets += size;
    facts.held += size;
    disk_octets_ += size;
    held_octets_ += size;
    return {};
}

segment_log::error_code segment_log::write_out()
{
    error_code first;
    for (auto& each : open_) {
        auto& facts = segments_.at(each.number);
        if (each.pending.empty() || facts.failed) continue;
        each.dirty = true;
        if (const auto error = files_.write(each.handle, each.written, each.pending)) {
            if (!first) first = error;
            fail(each);
            continue;
        }
        each.pending.clear();
        // Pieces of large bodies are on their way to the disk before somebody's sync has to wait for them.
        const auto fresh = facts.octets - each.written;
        if (fresh >= write_back_octets) files_.start_writing_back(each.handle, each.written, fresh);
        each.written = facts.octets;
    }
    return first;
}

segment_log::error_code segment_log::sync()
{
    error_code first;
    if (folder_dirty_) {
        if (const auto error = files_.sync_folder(folder_)) {
            for (auto& each : open_) fail(each);
            first = error;
        }
        folder_dirty_ = false;
    }
    for (auto& each : open_) {
        if (!each.dirty || segments_.at(each.number).failed) continue;
        if (const auto error = files_.sync(each.handle)) {
            if (!first) first = error;
            fail(each);
        }
        each.dirty = false;
    }
    close_finished();
    return first;
}

void segment_log::fail(open_segment& which)
{
    segments_.at(which.number).failed = true;
    which.pending.clear();
    which.dirty = false;
}

// Closes all but the one that is appended to, and that one too if it failed.
void segment_log::close_finished()
{
    while (!open_.empty()) {
        const auto number = open_.front().number;
        auto& facts = segments_.at(number);
        if (!facts.failed && (open_.size() == 1 || open_.front().dirty)) return;
        facts.open = false;
        open_.pop_front();
        check_reclaimable(number);
    }
}

bool segment_log::sound(const std::vector<extent>& extents) const
{
    return std::none_of(extents.begin(), extents.end(),
                        [this](const extent& run) { return segments_.at(run.segment).failed; });
}

void segment_log::release(const std::vector<extent>& extents)
{
    for (const auto& run : extents) {
        auto& facts = segments_.at(run.segment);
        facts.held -= run.octets;
        facts.dead.add(run.offset, run.octets);
        held_octets_ -= run.octets;
    }
    each_segment(extents, [this](std::uint64_t number) {
        auto& facts = segments_.at(number);
        assert(facts.holders > 0);
        --facts.holders;
        check_reclaimable(number);
    });
}

// --- reclaiming -----------------------------------------------------------------------------------------------------

void segment_log::check_reclaimable(std::uint64_t number)
{
    const auto& facts = segments_.at(number);
    if (facts.holders == 0 && !facts.open && !facts.pinned) reclaimable_.push_back(number);
}

void segment_log::reclaim()
{
    // What cannot be removed now is removed at the next start.
    for (const auto number : reclaimable_) files_.remove(folder_ / segment_name(number));
    forget_reclaimable();
}

segment_log::error_code segment_log::set_aside(const std::filesystem::path& other)
{
    for (const auto number : reclaimable_) {
        std::error_code error;
        std::filesystem::rename(folder_ / segment_name(number), other / segment_name(number), error);
        if (error) return {error.value(), boost::system::system_category()};
    }
    forget_reclaimable();
    return {};
}

void segment_log::forget_reclaimable()
{
    for (const auto number : reclaimable_) {
        const auto found = segments_.find(number);
        disk_octets_ -= found->second.octets - found->second.punched;
        segments_.erase(found);
    }
    reclaimable_.clear();
}

segment_log::error_code segment_log::punch(std::int64_t now, std::int64_t patience, std::size_t most)
{
    for (auto& [number, facts] : segments_) {
        if (most == 0) return {};
        if (facts.open || facts.pinned || facts.holders == 0) continue;
        if (facts.quiet_since == 0) facts.quiet_since = now;
        if (now - facts.quiet_since < patience) continue;
        const auto waste = facts.octets - std::min(facts.octets, facts.held + facts.punched);
        if (waste < smallest_hole || waste < (facts.octets - facts.punched) / 2) continue;

        std::vector<octet_range> holes;
        std::uint64_t octets = 0;
        for (const auto& range : facts.dead.joined()) {
            if (range.octets() < smallest_hole) continue;
            holes.push_back(range);
            octets += range.octets();
        }
        facts.quiet_since = now; // the next look at this one comes after as long a time
        --most;
        if (holes.empty()) continue;
        if (const auto error = files_.punch_holes(folder_ / segment_name(number), holes)) return error;
        disk_octets_ -= octets - facts.punched;
        facts.punched = octets;
    }
    return {};
}

} // namespace gateway::spool
