// What the schedule is made of: its tables, and where each job and destination stands in them. Every destination that
// has anything to do is in one of two places: in the ring (it may have something to do now, and takes turns with the
// others) or in the heap of sleepers, by the time at which it will. file() puts it there after each change.
#pragma once

#include "gateway/queue/schedule.hpp"
#include "gateway/queue/schedule_tables.hpp"

#include <deque>

namespace gateway::queue {

struct schedule::state {
    state(retry_policy p, std::size_t limit) : policy(std::move(p)), active_limit(limit) {}
    state(const state&) = delete; // the orders and indexes point into it
    state& operator=(const state&) = delete;

    retry_policy policy;
    std::size_t active_limit;
    std::size_t active = 0;
    std::size_t held = 0;
    std::size_t unreachable = 0; // destinations with failures

    slots<entry> jobs;
    slots<destination> places;
    by_when when_order{&jobs.things};
    by_milestone milestone_order{&jobs.things};
    by_wake wake_order{&places.things};
    entry_index by_id{0, entry_hash{&jobs.things}, entry_equal{&jobs.things}};
    destination_index by_name{0, destination_hash{&places.things}, destination_equal{&places.things}};
    indexed_heap<by_milestone> milestones;
    indexed_heap<by_wake> sleepers;
    std::deque<slot> ring;

    entry& job_at(slot at) { return jobs.things[at]; }
    destination& place_at(slot at) { return places.things[at]; }

    slot find(entry_id id, std::string_view name);
    slot find_active(entry_id id, std::string_view name);
    template <class Change> bool for_all(entry_id id, Change change);

    slot enter_destination(std::string_view name);
    void link(slot at);
    void unlink(slot at);
    void erase(slot at);

    void wait(slot at);
    void stop_waiting(slot at);
    std::optional<unix_seconds> wakes(const destination& where) const;
    void file(slot at);
    bool may_start(const destination& where, unix_seconds now) const;
    void answered(slot at);
    void end_attempt(slot at);
};

// Calls change(slot) for each job of a message; it may erase that job. False: there are none.
template <class Change> bool schedule::state::for_all(entry_id id, Change change)
{
    const auto found = by_id.find(id);
    if (found == by_id.end()) return false;
    bool any = false;
    for (auto at = *found; at != no_slot;) {
        const auto next = job_at(at).next;
        if (!job_at(at).removed) {
            any = true;
            change(at);
        }
        at = next;
    }
    return any;
}

} // namespace gateway::queue
