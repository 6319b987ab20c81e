// The durable spool: message octets in append-only segment files that all messages share, records in RocksDB, one
// commit thread that lets everybody who waits share one sync. README.md has the table of its states on disk.
#pragma once

#include "gateway/spool/spool.hpp"

#include <chrono>
#include <filesystem>

namespace rocksdb {
class Env;
}

namespace gateway::spool {

struct disk_limits {
    std::uint64_t segment_octets = 256ull << 20;   // a segment that has reached this size gets no further message
    std::uint64_t free_space_floor = 512ull << 20; // with less free space than this, no new mail is taken
    std::uint64_t inline_octets = 256 * 1024;      // a body up to this size waits in memory for its commit
    std::uint64_t writer_octets = 2 << 20;   // handed over by one writer and not yet written: then it is congested
    std::uint64_t memory_octets = 64 << 20;  // the same for all together, waiting bodies included
    std::uint64_t envelope_octets = 1 << 20; // larger objects fail the commit with errc::record_too_large
    std::uint64_t headers_octets = 4 << 20;
    std::int64_t punch_after = 300; // seconds until the dead octets of a segment that some message keeps are given back
    std::uint32_t open_segments = 128; // descriptors kept for reading
};

// One round of the commit thread, for the metrics.
struct commit_round {
    std::uint64_t committed = 0; // messages that shared this round's sync
    std::uint64_t failed = 0;
    double seconds = 0;
};

class file_operations;

struct disk_settings {
    std::filesystem::path folder; // made when it is not there; its parent must be
    disk_limits limits;
    std::int64_t duplicate_memory = 7 * 86400; // seconds
    // How often the commit thread makes updates durable that no commit has taken along, looks at the free space, and
    // tries whether a disk that failed works again.
    std::chrono::milliseconds tick{1000};

    poster post;
    // What an operator must know and nobody waits for: damage found, octets kept aside, trouble beginning and ending.
    // Runs on the event loop.
    std::function<void(std::string)> notice;
    // Runs on the commit thread. May be empty.
    std::function<void(const commit_round&)> on_round;
    // Microseconds since 1970, from any thread. Empty: the system's clock.
    std::function<std::int64_t()> clock;

    // For tests that let the disk fail. Null: the system's files.
    file_operations* files = nullptr;
    rocksdb::Env* environment = nullptr;
};

struct opened {
    std::unique_ptr<spool> store; // null when it could not be opened
    std::string problem;          // then: what, where, and what to do about it, in one line
};

// Locks the folder, reads what is there, and removes what a crash left over. Blocks: 1 to 2 seconds for a million
// messages.
opened open_on_disk(disk_settings settings);

} // namespace gateway::spool
