// The segment files: octets of all messages, appended one after the other. Here a message is only a list of extents,
// and each segment counts who holds extents in it; one that nobody holds is unlinked whole. Owned by the commit thread.
//
// A segment that failed once, in a write or a sync, is never written to again, and no message with octets in it is
// committed any more: after a failed fdatasync nobody knows what the disk has, and asking again proves nothing.
#pragma once

#include "gateway/spool/file_operations.hpp"
#include "gateway/spool/record.hpp"

#include <boost/system/result.hpp>

#include <cstdint>
#include <deque>
#include <filesystem>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace gateway::spool {

std::string segment_name(std::uint64_t number); // "000000000042.seg"
std::optional<std::uint64_t> segment_number(std::string_view name);

class segment_log {
  public:
    using error_code = boost::system::error_code;

    segment_log(std::filesystem::path folder, std::uint64_t segment_octets, file_operations& files);

    // --- at start, in this order
    // Enters the segments that are in the folder. Nothing is ever appended to them: what stands at their ends is
    // unknown.
    error_code adopt();
    // A record holds these extents. False: not all of them are there.
    bool adopt_extents(const std::vector<extent>& extents);
    // All records have been seen.
    void adopted();
    // The segments that are there now will not be touched: something holds them that cannot be read.
    void pin_adopted();

    // --- appending
    // Gives octets their place: appends it to `extents` (joined to the last one where they touch), which then holds it.
    // The octets must stay where they are until write_out().
    error_code append(std::span<const std::string_view> octets, std::vector<extent>& extents);
    // Writes what was appended.
    error_code write_out();
    // Everything written is on the disk, folder entries included. write_out() and sync() go on after an error; what
    // they could not do, sound() tells.
    error_code sync();
    // May a message with these extents be committed? True after a sync() in which all went well for them.
    bool sound(const std::vector<extent>& extents) const;
    // Whoever held them does not any more.
    void release(const std::vector<extent>& extents);

    // --- reclaiming
    // Segments that nobody holds and nothing is appended to. What released them must be durable before they are
    // removed.
    const std::vector<std::uint64_t>& reclaimable() const { return reclaimable_; }
    // Removes them from the disk and from reclaimable(). One that cannot be removed is forgotten until the next start.
    void reclaim();
    // Moves them to another folder of the same disk instead.
    error_code set_aside(const std::filesystem::path& other);
    // A few long-lived messages would keep whole segments of dead octets on the disk. Gives those back, of segments
    // that are half dead and have got nothing new for `patience` seconds; of at most `most` segments. `now` is any
    // clock's seconds. What released the octets must be durable.
    error_code punch(std::int64_t now, std::int64_t patience, std::size_t most);

    std::uint64_t segments() const { return segments_.size(); }
    std::uint64_t disk_octets() const { return disk_octets_; } // what they take up, holes not counted
    std::uint64_t held_octets() const { return held_octets_; }
    const std::filesystem::path& folder() const { return folder_; }

  private:
    struct segment {
        std::uint64_t octets = 0; // its size, what is still to be written included
        std::uint64_t holders = 0;
        std::uint64_t held = 0;    // octets
        std::uint64_t punched = 0; // octets that are holes
        octet_ranges dead;         // while adopting: those that records hold
        std::int64_t quiet_since = 0;
        bool failed = false;
        bool open = false; // in open_
        bool pinned = false;
    };
    // A segment that has something to be written or synced; the last one is where octets are appended.
    struct open_segment {
        std::uint64_t number = 0;
        file handle;
        std::uint64_t written = 0; // up to here
        std::vector<std::string_view> pending;
        bool dirty = false;
    };

    error_code ready_for_append();
    void fail(open_segment& which);
    void close_finished();
    void check_reclaimable(std::uint64_t number);
    void forget_reclaimable();

    std::filesystem::path folder_;
    std::uint64_t segment_octets_;
    file_operations& files_;
    std::map<std::uint64_t, segment> segments_;
    std::deque<open_segment> open_;
    bool folder_dirty_ = false;
    std::uint64_t next_number_ = 1;
    std::vector<std::uint64_t> reclaimable_;
    std::uint64_t disk_octets_ = 0;
    std::uint64_t held_octets_ = 0;
};

} // namespace gateway::spool
