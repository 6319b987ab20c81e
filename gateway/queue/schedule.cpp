// The schedule's operations; schedule_state.hpp has its shape.
#include "gateway/queue/schedule.hpp"

#include "gateway/queue/schedule_state.hpp"

#include <algorithm>

namespace gateway::queue {

schedule::schedule(retry_policy policy, std::size_t active_limit)
    : state_(std::make_unique<state>(std::move(policy), active_limit))
{
}
schedule::~schedule() = default;
schedule::schedule(schedule&&) noexcept = default;
schedule& schedule::operator=(schedule&&) noexcept = default;

void schedule::set(retry_policy policy, std::size_t active_limit)
{
    state_->policy = std::move(policy);
    state_->active_limit = active_limit;
}

void schedule::add(const job& what)
{
    auto& s = *state_;
    auto at = s.find(what.id, what.destination);
    if (at == no_slot) {
        at = s.jobs.take();
        const auto there = s.enter_destination(what.destination);
        s.job_at(at).id = what.id;
        s.job_at(at).destination = there;
        ++s.place_at(there).jobs;
        s.link(at);
    }
    auto& job = s.job_at(at);
    s.place_at(job.destination).at_once = std::max<std::uint32_t>(what.at_once, 1);
    s.held += what.held;
    s.held -= job.held;
    job.when = what.when;
    job.milestone = what.milestone;
    job.held = what.held;
    if (job.active) return;
    if (job.held) {
        s.stop_waiting(at);
        s.file(job.destination);
        return;
    }
    s.wait(at);
}

std::vector<attempt> schedule::due(unix_seconds now, std::size_t most)
{
    auto& s = *state_;
    while (!s.sleepers.empty() && s.place_at(s.sleepers.first()).wake <= now) {
        const auto at = s.sleepers.first();
        s.sleepers.erase(at, s.wake_order);
        auto& where = s.place_at(at);
        if (where.jobs == 0) { // its failures are old enough to be forgotten
            s.answered(at);
            s.file(at);
            continue;
        }
        where.in_turn = true;
        s.ring.push_back(at);
    }

    std::vector<attempt> started;
    while (!s.ring.empty() && started.size() < most && s.active < s.active_limit) {
        const auto at = s.ring.front();
        s.ring.pop_front();
        auto& where = s.place_at(at);
        if (!s.may_start(where, now)) {
            where.in_turn = false;
            s.file(at);
            continue;
        }
        const auto next = where.waiting.first();
        s.stop_waiting(next);
        auto& job = s.job_at(next);
        job.active = true;
        ++where.active;
        ++s.active;
        started.push_back({job.id, where.name, where.failures > 0});
        s.ring.push_back(at);
    }
    return started;
}

std::optional<unix_seconds> schedule::next_event() const
{
    const auto& s = *state_;
    std::optional<unix_seconds> next;
    const auto sooner = [&next](unix_seconds when) { next = std::min(next.value_or(when), when); };
    if (!s.milestones.empty()) sooner(s.jobs.things[s.milestones.first()].milestone);
    if (s.active >= s.active_limit) return next; // an answer comes first
    if (!s.ring.empty()) sooner(0);              // due() stopped at its caller's limit
    if (!s.sleepers.empty()) sooner(s.places.things[s.sleepers.first()].wake);
    return next;
}

void schedule::done(entry_id id, std::string_view destination)
{
    auto& s = *state_;
    const auto at = s.find_active(id, destination);
    if (at == no_slot) return;
    s.answered(s.job_at(at).destination);
    s.erase(at);
}

void schedule::retry(entry_id id, std::string_view destination, unix_seconds when)
{
    auto& s = *state_;
    const auto at = s.find_active(id, destination);
    if (at == no_slot) return;
    s.answered(s.job_at(at).destination);
    s.job_at(at).when = when;
    s.end_attempt(at);
}

unix_seconds schedule::unreachable(entry_id id, std::string_view destination, unix_seconds now, std::uint32_t chance)
{
    auto& s = *state_;
    const auto at = s.find_active(id, destination);
    if (at == no_slot) return now;
    auto& job = s.job_at(at);
    auto& where = s.place_at(job.destination);
    if (where.failures == 0 || where.blocked_until <= now) {
        if (where.failures == 0) ++s.unreachable;
        ++where.failures;
        const auto wait = std::min(wait_after(s.policy, where.failures, chance), s.policy.destination_pause);
        where.blocked_until = now + std::max<std::int64_t>(wait, 1);
    }
    const auto probe = where.blocked_until;
    job.when = now; // behind the others that are due: no one job may spoil all probes
    s.end_attempt(at);
    return probe;
}

void schedule::reachable(std::string_view destination, unix_seconds now)
{
    auto& s = *state_;
    const auto found = s.by_name.find(destination);
    if (found == s.by_name.end()) return;
    const auto at = *found;
    s.answered(at);
    const auto waiting = s.place_at(at).waiting.members(); // a copy: they change places
    for (const auto one : waiting) {
        s.job_at(one).when = std::min(s.job_at(one).when, now);
        s.wait(one);
    }
    s.file(at);
}

std::vector<job_name> schedule::overdue(unix_seconds now, std::size_t most)
{
    auto& s = *state_;
    std::vector<job_name> late;
    while (!s.milestones.empty() && late.size() < most) {
        const auto at = s.milestones.first();
        auto& job = s.job_at(at);
        if (job.milestone > now) break;
        s.milestones.erase(at, s.milestone_order);
        job.milestone = 0;
        late.push_back({job.id, s.place_at(job.destination).name});
    }
    return late;
}

void schedule::set_milestone(entry_id id, unix_seconds when)
{
    auto& s = *state_;
    s.for_all(id, [&s, when](slot at) {
        auto& job = s.job_at(at);
        job.milestone = when;
        if (!job.active && !job.held) s.wait(at);
    });
}

void schedule::forget(entry_id id, std::string_view destination)
{
    auto& s = *state_;
    const auto at = s.find(id, destination);
    if (at == no_slot) return;
    if (s.job_at(at).active)
        s.job_at(at).removed = true;
    else
        s.erase(at);
}

bool schedule::hold(entry_id id)
{
    auto& s = *state_;
    return s.for_all(id, [&s](slot at) {
        auto& job = s.job_at(at);
        if (job.held) return;
        job.held = true;
        ++s.held;
        if (job.active) return;
        s.stop_waiting(at);
        s.file(job.destination);
    });
}

bool schedule::release(entry_id id)
{
    auto& s = *state_;
    return s.for_all(id, [&s](slot at) {
        auto& job = s.job_at(at);
        if (!job.held) return;
        job.held = false;
        --s.held;
        if (!job.active) s.wait(at);
    });
}

bool schedule::retry_now(entry_id id, unix_seconds now)
{
    auto& s = *state_;
    return s.for_all(id, [&s, now](slot at) {
        auto& job = s.job_at(at);
        auto& where = s.place_at(job.destination);
        where.blocked_until = std::min(where.blocked_until, now);
        if (job.active) return; // that is the attempt
        job.when = std::min(job.when, now);
        if (job.held)
            s.file(job.destination);
        else
            s.wait(at);
    });
}

bool schedule::remove(entry_id id)
{
    auto& s = *state_;
    return s.for_all(id, [&s](slot at) {
        if (s.job_at(at).active)
            s.job_at(at).removed = true;
        else
            s.erase(at);
    });
}

std::optional<job_state> schedule::find(entry_id id, std::string_view destination) const
{
    const auto at = state_->find(id, destination);
    if (at == no_slot) return std::nullopt;
    const auto& job = state_->job_at(at);
    const auto& where = state_->place_at(job.destination);
    if (job.active) return job_state{job_state::kind::active, job.when};
    if (job.held) return job_state{job_state::kind::held, job.when};
    return job_state{job_state::kind::waiting, std::max(job.when, where.blocked_until)};
}

schedule_counts schedule::counts() const
{
    const auto& s = *state_;
    return {s.jobs.used(), s.active, s.held, s.places.used(), s.unreachable};
}

std::size_t schedule::count_due(unix_seconds now) const
{
    const auto& jobs = state_->jobs.things;
    std::size_t count = 0;
    std::vector<std::size_t> branches;
    for (const auto& where : state_->places.things) {
        if (where.waiting.empty() || where.blocked_until > now) continue;
        // Below a job that is not due nothing is.
        const auto& waiting = where.waiting.members();
        branches.assign(1, 0);
        while (!branches.empty()) {
            const auto at = branches.back();
            branches.pop_back();
            if (at >= waiting.size() || jobs[waiting[at]].when > now) continue;
            ++count;
            branches.push_back(2 * at + 1);
            branches.push_back(2 * at + 2);
        }
    }
    return count;
}

} // namespace gateway::queue
