// The commit thread. It takes whatever has been handed over, writes all octets to the segments, syncs once, writes all
// records in one synced batch, and tells everybody: a round. Who comes meanwhile shares the next one.
#pragma once

#include "gateway/spool/catalogue.hpp"
#include "gateway/spool/condition.hpp"
#include "gateway/spool/disk.hpp"
#include "gateway/spool/duplicates.hpp"
#include "gateway/spool/inbox.hpp"
#include "gateway/spool/segment_files.hpp"
#include "gateway/spool/segment_log.hpp"
#include "gateway/spool/traffic.hpp"

#include <chrono>
#include <set>
#include <thread>

namespace gateway::spool {

class committer {
  public:
    // What it works with; all but the log is shared with the event loop.
    struct parts {
        std::shared_ptr<inbox> in;
        std::shared_ptr<catalogue> records;
        std::shared_ptr<condition> state;
        std::shared_ptr<segment_files> readers;
        std::shared_ptr<traffic> all; // touched only on the event loop
    };

    committer(const disk_settings& settings, parts shared, segment_log log, std::uint64_t messages);
    // Ends when the inbox is closed and everything in it is done.
    ~committer();
    committer(const committer&) = delete;
    committer& operator=(const committer&) = delete;

  private:
    using error_code = boost::system::error_code;

    // A commit on its way through a round.
    struct candidate {
        handed_commit job;
        std::uint64_t octets = 0; // that it had in memory
        error_code failure;
        std::string key;                      // into the duplicate memory; empty: not for it
        std::optional<duplicate_entry> known; // what is there under the key
    };
    // What a failed write may have left in the catalogue, and what stood there before.
    struct doubt {
        std::vector<std::shared_ptr<intake>> messages;
        std::vector<std::pair<std::string, std::optional<duplicate_entry>>> duplicates;
    };

    void run();
    void round(inbox::delivery what);
    void tick();

    void take_piece(handed_piece& piece);
    void give_up(intake& what, error_code why);
    std::vector<candidate> gather(std::vector<handed_commit> jobs);
    error_code place(candidate& c);
    error_code recognise(candidate& c);
    void add_commits(std::vector<candidate>& all, catalogue_changes& changes);
    result<std::vector<std::vector<extent>>> add_changes(catalogue_changes& changes);
    void write(std::vector<candidate>& all);
    void report(std::vector<handed_piece>& pieces, std::vector<candidate>& all);

    void look_at_space();
    void publish();
    void disk_failed(error_code why);
    void fail_all(std::vector<candidate>& all);
    void catalogue_failed(std::vector<candidate>& all, error_code why);
    void recover();
    void probe();
    void reclaim();
    void punch();
    error_code refusal() const;
    static error_code meaning(error_code system_error);
    std::int64_t now() const { return clock_() / 1'000'000; }

    disk_limits limits_;
    std::int64_t duplicate_memory_;
    std::chrono::milliseconds tick_interval_;
    poster post_;
    std::function<void(const commit_round&)> on_round_;
    std::function<std::int64_t()> clock_;
    file_operations& files_;
    parts shared_;
    segment_log log_;

    bool short_of_space_ = false;
    error_code log_trouble_; // the last write to the segments failed, and no probe has succeeded since
    bool catalogue_trouble_ = false;
    doubt doubt_;
    bool can_punch_ = true;
    bool unsynced_ = false; // has the catalogue changes that are not durable?
    std::uint64_t messages_;
    entry_id last_id_;
    std::chrono::steady_clock::time_point last_tick_;
    std::thread thread_; // last: everything is there when it starts
};

} // namespace gateway::spool
