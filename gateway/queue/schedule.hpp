// The schedule: which message is to be attempted towards which destination, and when. In memory, rebuilt from the spool
// at start; a few dozen octets for each job, O(log n) for each operation. Pure: time and chance are given to it.
//
// A job is one message towards one destination; a message whose recipients live at several destinations has several.
// Destinations take turns; within one, the job that has been due longest comes first.
//
// A destination that cannot be reached waits as a whole: its jobs keep their places, one of them is sent ahead as a
// probe when the wait is over, and when that gets through, all that are due follow at once.
#pragma once

#include "gateway/queue/retry_policy.hpp"
#include "gateway/spool/id.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gateway::queue {

using spool::entry_id;

struct job {
    entry_id id;
    std::string destination; // opaque: equal text, same queue; "smtp:192.0.2.1:25"
    // How many jobs this destination is given at a time. The value last added counts.
    std::uint32_t at_once = 20;
    unix_seconds when = 0; // not before this; 0: at once
    unix_seconds milestone =
        0; // next_milestone(): overdue() tells of the job then, even while its destination waits; 0: never
    bool held = false;
};

// What due() gives out: to be answered by done(), retry() or unreachable().
struct attempt {
    entry_id id;
    std::string destination;
    bool probe = false; // the destination could not be reached the last time

    bool operator==(const attempt&) const = default;
};

struct schedule_counts {
    std::size_t jobs = 0; // all
    std::size_t active = 0;
    std::size_t held = 0;
    std::size_t destinations = 0;
    std::size_t destinations_waiting = 0; // that could not be reached
};

struct job_name {
    entry_id id;
    std::string destination;

    bool operator==(const job_name&) const = default;
};

// What can be said of one job.
struct job_state {
    enum class kind { waiting, active, held };

    kind state = kind::waiting;
    unix_seconds when = 0; // of a waiting job: its next attempt, the destination's wait included
};

class schedule {
  public:
    schedule(retry_policy policy, std::size_t active_limit);
    ~schedule();
    schedule(schedule&&) noexcept;
    schedule& operator=(schedule&&) noexcept;

    // For a reload. Applies to what happens from now on.
    void set(retry_policy policy, std::size_t active_limit);

    // A job that is there already (same id and destination) is changed: time, milestone, hold.
    void add(const job& what);

    // Up to `most` jobs to be attempted now. They are active until one of the next three calls answers each.
    std::vector<attempt> due(unix_seconds now, std::size_t most = 100);
    // When due() or overdue() will next have something, if nothing else happens; a time that is past means now.
    std::optional<unix_seconds> next_event() const;

    // The attempt settled this destination's recipients, one way or the other: forget the job.
    void done(entry_id id, std::string_view destination);
    // The destination answered, and some recipients must be tried again: at `when`.
    void retry(entry_id id, std::string_view destination, unix_seconds when);
    // The destination did not answer: no connection, or it refused the session. The destination waits, and the job
    // keeps waiting with it. Returns the time of the next probe, for which another job is chosen when there is one.
    // Several jobs that fail together count as one failure.
    unix_seconds unreachable(entry_id id, std::string_view destination, unix_seconds now, std::uint32_t chance);
    // The destination can be reached after all: if it waits, it does no longer, and neither does any job of it.
    void reachable(std::string_view destination, unix_seconds now);

    // Waiting jobs whose milestone has come, at most `most` of them; a job that is active is told of after its answer,
    // one that is held after its release. Each is told once: the caller then gives the message its next milestone by
    // set_milestone(), or forgets the job.
    std::vector<job_name> overdue(unix_seconds now, std::size_t most = 100);
    void set_milestone(entry_id id, unix_seconds when);
    // Takes out a job that is not active (expired, for instance). An active one ends with its answer, whatever that is.
    void forget(entry_id id, std::string_view destination);

    // By an operator. They work on all jobs of a message and say whether there are any. A job that is active stays so;
    // what is asked here comes into force with its answer.
    bool hold(entry_id id);
    bool release(entry_id id);
    bool retry_now(entry_id id, unix_seconds now); // also ends the wait of its destinations
    bool remove(entry_id id);                      // as forget(), for all jobs of the message

    std::optional<job_state> find(entry_id id, std::string_view destination) const;
    schedule_counts counts() const;
    // Waiting jobs that would be attempted now if there were no limit on concurrency. Looks at each of them.
    std::size_t count_due(unix_seconds now) const;

  private:
    struct state;
    std::unique_ptr<state> state_;
};

} // namespace gateway::queue
