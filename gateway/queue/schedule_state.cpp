// Keeps the schedule's tables in step with one another.
#include "gateway/queue/schedule_state.hpp"

#include <algorithm>
#include <cassert>

namespace gateway::queue {

// --- tables ---------------------------------------------------------------------------------------------------------

slot schedule::state::find(entry_id id, std::string_view name)
{
    const auto found = by_id.find(id);
    if (found == by_id.end()) return no_slot;
    for (auto at = *found; at != no_slot; at = job_at(at).next) {
        const auto& job = job_at(at);
        if (!job.removed && place_at(job.destination).name == name) return at;
    }
    return no_slot;
}

// The job that due() gave out, even when it was removed since.
slot schedule::state::find_active(entry_id id, std::string_view name)
{
    const auto found = by_id.find(id);
    if (found == by_id.end()) return no_slot;
    for (auto at = *found; at != no_slot; at = job_at(at).next) {
        const auto& job = job_at(at);
        if (job.active && place_at(job.destination).name == name) return at;
    }
    return no_slot;
}

slot schedule::state::enter_destination(std::string_view name)
{
    const auto found = by_name.find(name);
    if (found != by_name.end()) return *found;
    const auto at = places.take();
    place_at(at).name = name;
    by_name.insert(at);
    return at;
}

void schedule::state::link(slot at)
{
    const auto [first, fresh] = by_id.insert(at);
    if (fresh) return;
    auto& head = job_at(*first);
    job_at(at).next = head.next;
    head.next = at;
}

void schedule::state::unlink(slot at)
{
    const auto found = by_id.find(job_at(at).id);
    if (*found != at) {
        auto before = *found;
        while (job_at(before).next != at) before = job_at(before).next;
        job_at(before).next = job_at(at).next;
        return;
    }
    const auto next = job_at(at).next;
    by_id.erase(found);
    if (next != no_slot) by_id.insert(next);
}

void schedule::state::erase(slot at)
{
    auto& job = job_at(at);
    stop_waiting(at);
    if (job.held) --held;
    auto& where = place_at(job.destination);
    if (job.active) {
        --where.active;
        --active;
    }
    --where.jobs;
    const auto there = job.destination;
    unlink(at);
    jobs.give_back(at);
    file(there);
}

// --- waiting --------------------------------------------------------------------------------------------------------

// Puts a job that is neither active nor held where due() and overdue() look for it.
void schedule::state::wait(slot at)
{
    auto& job = job_at(at);
    assert(!job.active && !job.held);
    auto& waiting = place_at(job.destination).waiting;
    if (job.waiting_place == no_place)
        waiting.insert(at, when_order);
    else
        waiting.moved(at, when_order);
    if (job.milestone_place != no_place) milestones.erase(at, milestone_order);
    if (job.milestone != 0) milestones.insert(at, milestone_order);
    file(job.destination);
}

void schedule::state::stop_waiting(slot at)
{
    auto& job = job_at(at);
    if (job.waiting_place != no_place) place_at(job.destination).waiting.erase(at, when_order);
    if (job.milestone_place != no_place) milestones.erase(at, milestone_order);
}

// When a destination next has something to do; nothing while it waits for an answer or for work.
std::optional<unix_seconds> schedule::state::wakes(const destination& where) const
{
    if (where.jobs == 0) return where.blocked_until; // to be forgotten
    const auto limit = where.failures > 0 ? 1 : where.at_once;
    if (where.waiting.empty() || where.active >= limit) return std::nullopt;
    return std::max(jobs.things[where.waiting.first()].when, where.blocked_until);
}

void schedule::state::file(slot at)
{
    auto& where = place_at(at);
    if (where.in_turn) return; // looked at when its turn comes
    if (where.jobs == 0 && where.failures == 0) {
        if (where.wake_place != no_place) sleepers.erase(at, wake_order);
        by_name.erase(by_name.find(std::string_view(where.name)));
        places.give_back(at);
        return;
    }
    const auto wake = wakes(where);
    if (!wake) {
        if (where.wake_place != no_place) sleepers.erase(at, wake_order);
        return;
    }
    where.wake = *wake;
    if (where.wake_place == no_place)
        sleepers.insert(at, wake_order);
    else
        sleepers.moved(at, wake_order);
}

bool schedule::state::may_start(const destination& where, unix_seconds now) const
{
    const auto wake = wakes(where);
    return where.jobs > 0 && wake && *wake <= now;
}

// The destination was reached: whatever waited for that may go.
void schedule::state::answered(slot at)
{
    auto& where = place_at(at);
    if (where.failures > 0) --unreachable;
    where.failures = 0;
    where.blocked_until = 0;
}

void schedule::state::end_attempt(slot at)
{
    auto& job = job_at(at);
    job.active = false;
    --active;
    --place_at(job.destination).active;
    if (job.removed)
        erase(at);
    else if (job.held)
        file(job.destination);
    else
        wait(at);
}

} // namespace gateway::queue
