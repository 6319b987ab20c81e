// What the event loop hands to the commit thread, behind the one mutex of the spool. Octets are moved through, never
// copied. It also remembers what has not reached the catalogue yet, so that the event loop reads its own writes.
#pragma once

#include "gateway/spool/intake.hpp"
#include "gateway/spool/spool.hpp"

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace gateway::spool {

struct writer_flow;

// Some octets of a body that is too large to wait in memory.
struct handed_piece {
    std::shared_ptr<intake> into;
    std::string octets;
    std::shared_ptr<writer_flow> flow; // to be told when they are written
};

struct handed_commit {
    std::shared_ptr<intake> into;
    std::string body; // what was not handed over in pieces
    std::string envelope;
    std::string headers;
    record facts;
    commit_handler handler;
};

// A change to a stored message: the record as it is to be, or nothing when it is settled.
using change = std::optional<record>;
using change_map = std::unordered_map<entry_id, change>;

class inbox {
  public:
    // --- for the event loop. False: the spool is closed.
    bool put(handed_piece piece);
    bool put(handed_commit commit);
    void abandon(std::shared_ptr<intake> what);
    void update(const record& message); // nothing, when it was settled
    void settle(entry_id id);
    // The last change, when it has not reached the catalogue yet.
    std::optional<change> find_change(entry_id id) const;
    void close();

    // --- for the commit thread
    struct delivery {
        std::vector<handed_piece> pieces; // belong before the commits
        std::vector<handed_commit> commits;
        std::vector<std::shared_ptr<intake>> abandoned;
        bool closed = false; // nothing further will come

        bool empty() const { return pieces.empty() && commits.empty() && abandoned.empty(); }
    };
    // Waits until there is something, at most this long. Changes are taken too: they are in applying() from now on.
    delivery take(std::chrono::milliseconds patience);
    // Commits that are to come again with the next take().
    void put_back(std::vector<handed_commit> commits);
    // What take() took and applied() has not ended. Only the commit thread alters it, so it may read without the lock.
    const change_map& applying() const { return applying_; }
    void applied();
    // How often that was. What was read of the catalogue before an increase may be older than what it has now, with no
    // change to tell so.
    std::uint64_t rounds() const;

  private:
    void wake(std::unique_lock<std::mutex>& lock);
    bool anything() const;

    mutable std::mutex mutex_;
    std::condition_variable arrival_;
    delivery next_;
    change_map waiting_;
    change_map applying_;
    std::uint64_t rounds_ = 0;
};

} // namespace gateway::spool
