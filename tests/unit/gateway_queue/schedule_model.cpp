// The schedule against a plain model of it: whatever is asked in whatever order, it gives out nothing that the rules
// forbid, and holds back nothing that they allow.
#include "gateway/queue/schedule.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <random>
#include <set>

namespace {

using namespace gateway::queue;

constexpr std::array<std::int64_t, 3> intervals{2, 5, 9};
constexpr std::int64_t longest_pause = 7;

struct model_job {
    unix_seconds when = 0;
    unix_seconds milestone = 0;
    bool active = false, held = false, removed = false;
};

struct model_destination {
    std::uint32_t at_once = 1;
    std::uint32_t failures = 0;
    unix_seconds blocked_until = 0;

    void answered()
    {
        failures = 0;
        blocked_until = 0;
    }
};

// Does to a schedule what happens in a gateway, and to a model the same; the model says by looking at everything what
// the schedule says by its heaps.
class rehearsal {
  public:
    using key = std::pair<std::uint64_t, std::string>;

    rehearsal(std::uint32_t seed, std::size_t limit) : random_(seed), limit_(limit), real_(policy(), limit) {}

    void step()
    {
        switch (pick(12)) {
        case 0:
        case 1:
        case 2: arrive(); break;
        case 3:
        case 4:
        case 5: answer(); break;
        case 6: operate(); break;
        case 7: tell_milestones(); break;
        case 8: now_ += static_cast<unix_seconds>(pick(4)); break;
        default: work();
        }
        forget_empty_destinations();
        ASSERT_EQ(real_.counts().jobs, jobs_.size());
        ASSERT_EQ(real_.counts().active, active());
    }

  private:
    static retry_policy policy()
    {
        retry_policy p;
        p.intervals.assign(intervals.begin(), intervals.end());
        p.jitter_percent = 0;
        p.destination_pause = longest_pause;
        return p;
    }

    std::uint64_t pick(std::uint64_t below) { return random_() % below; }

    void arrive()
    {
        const auto id = next_id_++;
        for (auto n = 1 + pick(3); n-- > 0;) {
            job j;
            j.id = entry_id(id);
            j.destination = std::string(1, static_cast<char>('a' + pick(5)));
            j.at_once = static_cast<std::uint32_t>(1 + pick(4));
            j.when = pick(2) ? 0 : now_ + static_cast<unix_seconds>(pick(10));
            j.milestone = pick(3) ? 0 : now_ + static_cast<unix_seconds>(pick(20));
            j.held = pick(8) == 0;
            real_.add(j);
            jobs_[{id, j.destination}] = {j.when, j.milestone, false, j.held, false};
            destinations_[j.destination].at_once = j.at_once;
        }
    }

    void answer()
    {
        const auto k = random_job();
        if (!k || !jobs_.at(*k).active) return;
        auto& j = jobs_.at(*k);
        auto& d = destinations_.at(k->second);
        const entry_id id(k->first);
        const auto kind = pick(3);
        if (kind == 0) {
            real_.done(id, k->second);
            d.answered();
            jobs_.erase(*k);
            return;
        }
        if (kind == 1) {
            j.when = now_ + static_cast<unix_seconds>(pick(10));
            real_.retry(id, k->second, j.when);
            d.answered();
        }
        if (kind == 2) {
            if (d.failures == 0 || d.blocked_until <= now_) {
                d.blocked_until = now_ + std::min(longest_pause, intervals.at(std::min(d.failures, 2u)));
                ++d.failures;
            }
            j.when = now_;
            ASSERT_EQ(real_.unreachable(id, k->second, now_, 0), d.blocked_until);
        }
        j.active = false;
        if (j.removed) jobs_.erase(*k);
    }

    void operate()
    {
        const auto k = random_job();
        if (!k || jobs_.at(*k).removed) return;
        const entry_id id(k->first);
        const auto what = pick(4);
        ASSERT_TRUE(what == 0   ? real_.hold(id)
                    : what == 1 ? real_.release(id)
                    : what == 2 ? real_.retry_now(id, now_)
                                : real_.remove(id));
        for (auto at = jobs_.lower_bound({k->first, ""}); at != jobs_.end() && at->first.first == k->first;) {
            auto& j = at->second;
            auto& d = destinations_.at(at->first.second);
            if (what == 0) j.held = true;
            if (what == 1) j.held = false;
            if (what == 2) d.blocked_until = std::min(d.blocked_until, now_);
            if (what == 2) j.when = std::min(j.when, now_);
            if (what == 3) j.removed = true;
            if (what == 3 && !j.active)
                at = jobs_.erase(at);
            else
                ++at;
        }
    }

    void tell_milestones()
    {
        std::set<key> late, told;
        for (auto& [k, j] : jobs_) {
            if (j.active || j.held || j.milestone == 0 || j.milestone > now_) continue;
            late.insert(k);
            j.milestone = 0;
        }
        for (const auto& name : real_.overdue(now_, 1000)) told.insert({name.id.value(), name.destination});
        ASSERT_EQ(told, late);
    }

    void work()
    {
        const auto most = 1 + pick(6);
        const auto started = real_.due(now_, most);
        ASSERT_LE(started.size(), most);
        for (const auto& a : started) {
            const key k{a.id.value(), a.destination};
            ASSERT_EQ(first(a.destination), k);
            ASSERT_LE(jobs_.at(k).when, now_);
            ASSERT_TRUE(open(a.destination, now_));
            ASSERT_LT(active(), limit_);
            ASSERT_EQ(a.probe, destinations_.at(a.destination).failures > 0);
            jobs_.at(k).active = true;
        }
        if (started.size() == most || active() == limit_) return;
        for (const auto& [name, d] : destinations_) {
            const auto k = first(name);
            if (!k) continue;
            const auto when = std::max(jobs_.at(*k).when, d.blocked_until);
            ASSERT_FALSE(when <= now_ && open(name, now_)) << name << " was passed over";
            if (!open(name, when)) continue;
            ASSERT_TRUE(real_.next_event());
            ASSERT_LE(*real_.next_event(), when) << name << " would be slept through";
        }
    }

    void forget_empty_destinations()
    {
        for (auto& [name, d] : destinations_) {
            if (d.failures == 0 || d.blocked_until > now_) continue;
            const auto here = [&n = name](const auto& j) { return j.first.second == n; };
            if (std::any_of(jobs_.begin(), jobs_.end(), here)) continue;
            real_.due(now_, 0); // lets it look at the clock
            d.answered();
        }
    }

    std::optional<key> random_job()
    {
        if (jobs_.empty()) return std::nullopt;
        return std::next(jobs_.begin(), static_cast<std::ptrdiff_t>(pick(jobs_.size())))->first;
    }
    std::size_t active() const
    {
        std::size_t count = 0;
        for (const auto& [k, j] : jobs_) count += j.active;
        return count;
    }
    // Might this destination be given one more job?
    bool open(const std::string& name, unix_seconds when) const
    {
        std::size_t busy = 0;
        for (const auto& [k, j] : jobs_) busy += j.active && k.second == name;
        const auto& d = destinations_.at(name);
        return d.blocked_until <= when && busy < (d.failures > 0 ? 1 : d.at_once);
    }
    std::optional<key> first(const std::string& name) const
    {
        std::optional<key> best;
        for (const auto& [k, j] : jobs_) {
            if (k.second != name || j.active || j.held) continue;
            if (!best || std::pair(j.when, k.first) < std::pair(jobs_.at(*best).when, best->first)) best = k;
        }
        return best;
    }

    std::mt19937 random_;
    std::size_t limit_;
    schedule real_;
    std::map<key, model_job> jobs_;
    std::map<std::string, model_destination> destinations_;
    unix_seconds now_ = 100;
    std::uint64_t next_id_ = 1;
};

TEST(ScheduleModel, FollowsTheRulesInAnyOrderOfEvents)
{
    for (std::uint32_t seed = 1; seed <= 40; ++seed) {
        rehearsal play(seed, 1 + seed % 12);
        for (int step = 0; step < 1000; ++step) {
            play.step();
            ASSERT_FALSE(HasFatalFailure()) << "seed " << seed << ", step " << step;
        }
    }
}

TEST(ScheduleModel, HoldsAMillionJobs)
{
    constexpr std::uint64_t million = 1'000'000;
    schedule s(retry_policy{}, 2 * million);
    for (std::uint64_t i = 1; i <= million; ++i) {
        job j;
        j.id = entry_id(i);
        j.destination = "smtp:mx" + std::to_string(i % 1000) + ".example:25";
        j.at_once = 2000;
        j.when = static_cast<unix_seconds>(i * 7919 % 3600);
        j.milestone = j.when + 86400;
        s.add(j);
    }
    EXPECT_EQ(s.counts().jobs, million);
    EXPECT_EQ(s.counts().destinations, 1000u);
    std::uint64_t settled = 0;
    unix_seconds now = 0;
    while (const auto next = s.next_event()) {
        now = std::max(now, *next);
        for (const auto& a : s.due(now, 1000)) {
            s.done(a.id, a.destination);
            ++settled;
        }
    }
    EXPECT_EQ(settled, million);
    EXPECT_LT(now, 3600);
    EXPECT_EQ(s.counts().destinations, 0u);
}

} // namespace
