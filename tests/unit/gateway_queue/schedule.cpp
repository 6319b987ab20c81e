// What the schedule promises, one promise a test.
#include "gateway/queue/schedule.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace {

using namespace gateway::queue;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

constexpr std::uint32_t no_jitter = 0;

retry_policy minutes()
{
    retry_policy policy;
    policy.intervals = {60, 120, 600};
    policy.destination_pause = 300;
    return policy;
}

schedule fresh(std::size_t active_limit = 1000)
{
    return schedule(minutes(), active_limit);
}

job make(std::uint64_t id, std::string destination, unix_seconds when = 0, std::uint32_t at_once = 20)
{
    job j;
    j.id = entry_id(id);
    j.destination = std::move(destination);
    j.when = when;
    j.at_once = at_once;
    return j;
}

std::vector<std::uint64_t> ids(const std::vector<attempt>& started)
{
    std::vector<std::uint64_t> numbers;
    for (const auto& a : started) numbers.push_back(a.id.value());
    return numbers;
}

TEST(Schedule, AFreshMessageIsDueAtOnce)
{
    auto s = fresh();
    EXPECT_EQ(s.next_event(), std::nullopt);
    s.add(make(1, "a"));
    ASSERT_TRUE(s.next_event());
    EXPECT_LE(*s.next_event(), 1000);
    EXPECT_THAT(s.due(1000), ElementsAre(attempt{entry_id(1), "a", false}));
    EXPECT_THAT(s.due(1000), IsEmpty()) << "and given out once";
    EXPECT_EQ(s.next_event(), std::nullopt) << "an active job needs no timer";
}

TEST(Schedule, ALaterMessageWaitsForItsTime)
{
    auto s = fresh();
    s.add(make(1, "a", 2000));
    EXPECT_EQ(s.next_event(), 2000);
    EXPECT_THAT(s.due(1999), IsEmpty());
    EXPECT_THAT(ids(s.due(2000)), ElementsAre(1));
}

TEST(Schedule, TheLongestDueOfADestinationComesFirst)
{
    auto s = fresh();
    s.add(make(3, "a", 30));
    s.add(make(1, "a", 10));
    s.add(make(9, "a", 10));
    s.add(make(2, "a", 20));
    EXPECT_THAT(ids(s.due(100)), ElementsAre(1, 9, 2, 3));
}

TEST(Schedule, DestinationsTakeTurns)
{
    auto s = fresh();
    for (std::uint64_t i = 1; i <= 3; ++i) s.add(make(i, "backlog", 1));
    s.add(make(10, "b", 2));
    s.add(make(20, "c", 3));
    EXPECT_THAT(ids(s.due(100)), ElementsAre(1, 10, 20, 2, 3));
}

TEST(Schedule, NoDestinationGetsMoreThanItsShareAtATime)
{
    auto s = fresh();
    for (std::uint64_t i = 1; i <= 5; ++i) s.add(make(i, "a", 0, 2));
    EXPECT_THAT(ids(s.due(1)), ElementsAre(1, 2));
    EXPECT_THAT(s.due(1), IsEmpty());
    EXPECT_EQ(s.next_event(), std::nullopt) << "only an answer can free a place";
    s.done(entry_id(1), "a");
    EXPECT_THAT(ids(s.due(1)), ElementsAre(3));
}

TEST(Schedule, NoMoreAreActiveThanTheLimitForAll)
{
    auto s = fresh(3);
    for (std::uint64_t i = 1; i <= 5; ++i) s.add(make(i, "d" + std::to_string(i), static_cast<unix_seconds>(i)));
    EXPECT_EQ(s.due(10).size(), 3u);
    EXPECT_EQ(s.counts().active, 3u);
    EXPECT_EQ(s.next_event(), std::nullopt);
    s.done(entry_id(1), "d1");
    EXPECT_TRUE(s.next_event());
    EXPECT_THAT(ids(s.due(10)), ElementsAre(4));
    s.set(minutes(), 10);
    EXPECT_THAT(ids(s.due(10)), ElementsAre(5));
}

TEST(Schedule, WhatWasCutOffByTheCallersLimitComesWithTheNextCall)
{
    auto s = fresh();
    for (std::uint64_t i = 1; i <= 5; ++i) s.add(make(i, "a"));
    EXPECT_EQ(s.due(7, 2).size(), 2u);
    ASSERT_TRUE(s.next_event());
    EXPECT_LE(*s.next_event(), 7);
    EXPECT_EQ(s.due(7).size(), 3u);
}

TEST(Schedule, AnAnswerSettlesOrPutsOff)
{
    auto s = fresh();
    s.add(make(1, "a"));
    s.add(make(2, "a"));
    s.due(100);
    s.done(entry_id(1), "a");
    s.retry(entry_id(2), "a", 160);
    EXPECT_EQ(s.find(entry_id(1), "a"), std::nullopt);
    EXPECT_EQ(s.next_event(), 160);
    EXPECT_THAT(s.due(159), IsEmpty());
    EXPECT_THAT(ids(s.due(160)), ElementsAre(2));
}

TEST(Schedule, AMessageHasAJobForEachOfItsDestinations)
{
    auto s = fresh();
    s.add(make(1, "a"));
    s.add(make(1, "b"));
    s.add(make(1, "c", 500));
    EXPECT_THAT(s.due(1), UnorderedElementsAre(attempt{entry_id(1), "a", false}, attempt{entry_id(1), "b", false}));
    s.done(entry_id(1), "a");
    s.retry(entry_id(1), "b", 90);
    EXPECT_EQ(s.find(entry_id(1), "a"), std::nullopt);
    EXPECT_EQ(s.find(entry_id(1), "b")->when, 90);
    EXPECT_EQ(s.find(entry_id(1), "c")->when, 500);
    EXPECT_TRUE(s.remove(entry_id(1)));
    EXPECT_EQ(s.counts().jobs, 0u);
    EXPECT_EQ(s.counts().destinations, 0u) << "an empty destination is forgotten";
    EXPECT_FALSE(s.remove(entry_id(1)));
}

TEST(Schedule, AddingAJobAgainChangesIt)
{
    auto s = fresh();
    s.add(make(1, "a", 500));
    s.add(make(1, "a", 50));
    EXPECT_EQ(s.counts().jobs, 1u);
    EXPECT_EQ(s.next_event(), 50);
    auto held = make(1, "a", 50);
    held.held = true;
    s.add(held);
    EXPECT_EQ(s.counts().held, 1u);
    EXPECT_THAT(s.due(100), IsEmpty());
    s.add(make(1, "a", 70));
    EXPECT_EQ(s.counts().held, 0u);
    EXPECT_THAT(ids(s.due(100)), ElementsAre(1));
}

// --- destinations that cannot be reached ---

TEST(ScheduleUnreachable, TheWholeDestinationWaits)
{
    auto s = fresh();
    for (std::uint64_t i = 1; i <= 4; ++i) s.add(make(i, "a", 0, 1));
    s.add(make(5, "b"));
    EXPECT_THAT(ids(s.due(1000)), ElementsAre(1, 5));
    EXPECT_EQ(s.unreachable(entry_id(1), "a", 1000, no_jitter), 1060);
    EXPECT_THAT(s.due(1059), IsEmpty()) << "three more messages wait, and none hammers it";
    EXPECT_EQ(s.next_event(), 1060);
    EXPECT_EQ(s.counts().destinations_waiting, 1u);
    EXPECT_EQ(s.find(entry_id(4), "a")->when, 1060) << "fresh ones wait with it";
}

TEST(ScheduleUnreachable, OneIsSentAheadAsAProbeEachTimeAnother)
{
    auto s = fresh();
    for (std::uint64_t i = 1; i <= 3; ++i) s.add(make(i, "a", i));
    s.due(1000, 1);
    s.unreachable(entry_id(1), "a", 1000, no_jitter);
    EXPECT_THAT(s.due(1060), ElementsAre(attempt{entry_id(2), "a", true}));
    EXPECT_THAT(s.due(1060), IsEmpty()) << "only one";
    EXPECT_EQ(s.unreachable(entry_id(2), "a", 1060, no_jitter), 1180) << "the second interval";
    EXPECT_THAT(s.due(1180), ElementsAre(attempt{entry_id(3), "a", true})) << "no job may spoil all probes";
    EXPECT_EQ(s.unreachable(entry_id(3), "a", 1180, no_jitter), 1480) << "never longer than destination_pause";
    EXPECT_THAT(s.due(1480), ElementsAre(attempt{entry_id(1), "a", true}));
}

TEST(ScheduleUnreachable, WhenAProbeGetsThroughAllThatAreDueFollowAtOnce)
{
    auto s = fresh();
    for (std::uint64_t i = 1; i <= 4; ++i) s.add(make(i, "a"));
    s.due(1000, 1);
    s.unreachable(entry_id(1), "a", 1000, no_jitter);
    const auto probe = s.due(1060);
    ASSERT_EQ(probe.size(), 1u);
    s.retry(probe[0].id, "a", 2000); // a refusal is an answer too
    EXPECT_EQ(s.due(1060).size(), 3u);
    EXPECT_EQ(s.counts().destinations_waiting, 0u);
}

TEST(ScheduleUnreachable, EverythingGoesAtOnceWhenItCanBeReachedAfterAll)
{
    auto s = fresh();
    for (std::uint64_t i = 1; i <= 3; ++i) s.add(make(i, "a"));
    s.due(1000, 2);
    s.retry(entry_id(1), "a", 5000);
    s.unreachable(entry_id(2), "a", 1000, no_jitter);
    s.reachable("a", 1001);
    s.reachable("nobody", 1001);
    EXPECT_THAT(ids(s.due(1001)), ElementsAre(3, 2, 1)) << "the deferred one too";
}

TEST(ScheduleUnreachable, SeveralThatFailTogetherAreOneFailure)
{
    auto s = fresh();
    for (std::uint64_t i = 1; i <= 3; ++i) s.add(make(i, "a"));
    EXPECT_EQ(s.due(1000).size(), 3u);
    EXPECT_EQ(s.unreachable(entry_id(1), "a", 1000, no_jitter), 1060);
    EXPECT_EQ(s.unreachable(entry_id(2), "a", 1001, no_jitter), 1060);
    EXPECT_EQ(s.unreachable(entry_id(3), "a", 1059, no_jitter), 1060);
}

TEST(ScheduleUnreachable, WaitsAtLeastASecondWhateverTheConfiguration)
{
    auto policy = minutes();
    policy.intervals = {0};
    schedule s(policy, 10);
    s.add(make(1, "a"));
    s.due(1000);
    EXPECT_EQ(s.unreachable(entry_id(1), "a", 1000, no_jitter), 1001);
}

TEST(ScheduleUnreachable, IsForgottenWhenNothingIsLeftToSend)
{
    auto s = fresh();
    s.add(make(1, "a"));
    s.due(1000);
    s.unreachable(entry_id(1), "a", 1000, no_jitter);
    s.remove(entry_id(1));
    s.add(make(2, "a"));
    EXPECT_THAT(s.due(1059), IsEmpty()) << "not while its wait lasts";
    s.remove(entry_id(2));
    EXPECT_EQ(s.counts().destinations, 1u);
    s.due(1060);
    EXPECT_EQ(s.counts().destinations, 0u);
    EXPECT_EQ(s.counts().destinations_waiting, 0u);
}

// --- milestones ---

TEST(ScheduleMilestone, IsToldOnceAlsoWhileTheDestinationWaits)
{
    auto s = fresh();
    auto j = make(1, "a");
    j.milestone = 5000;
    s.add(j);
    s.due(1000);
    EXPECT_EQ(s.next_event(), std::nullopt) << "an active job is told of after its answer";
    EXPECT_THAT(s.overdue(6000), IsEmpty());
    s.unreachable(entry_id(1), "a", 5999, no_jitter);
    EXPECT_EQ(s.next_event(), 5000);
    EXPECT_THAT(s.overdue(4999), IsEmpty());
    EXPECT_THAT(s.overdue(6000), ElementsAre(job_name{entry_id(1), "a"}));
    EXPECT_THAT(s.overdue(6000), IsEmpty());

    s.set_milestone(entry_id(1), 7000);
    EXPECT_THAT(s.overdue(7000), ElementsAre(job_name{entry_id(1), "a"}));
    s.forget(entry_id(1), "a");
    EXPECT_EQ(s.counts().jobs, 0u);
}

TEST(ScheduleMilestone, DoesNotTouchWhatIsHeld)
{
    auto s = fresh();
    auto j = make(1, "a");
    j.milestone = 5000;
    s.add(j);
    s.hold(entry_id(1));
    EXPECT_THAT(s.overdue(9000), IsEmpty()) << "an operator looks at it";
    s.release(entry_id(1));
    EXPECT_EQ(s.overdue(9000).size(), 1u);
}

TEST(ScheduleMilestone, GivesNoMoreThanAskedFor)
{
    auto s = fresh();
    for (std::uint64_t i = 1; i <= 5; ++i) {
        auto j = make(i, "a");
        j.milestone = static_cast<unix_seconds>(100 + i);
        s.add(j);
    }
    EXPECT_THAT(s.overdue(200, 2), ElementsAre(job_name{entry_id(1), "a"}, job_name{entry_id(2), "a"}));
    EXPECT_EQ(s.overdue(104).size(), 2u);
    EXPECT_EQ(s.overdue(200).size(), 1u);
}

// --- operators ---

TEST(ScheduleOperator, HeldMessagesStayUntilReleased)
{
    auto s = fresh();
    s.add(make(1, "a"));
    s.add(make(1, "b"));
    EXPECT_TRUE(s.hold(entry_id(1)));
    EXPECT_TRUE(s.hold(entry_id(1))) << "twice is once";
    EXPECT_EQ(s.counts().held, 2u);
    EXPECT_THAT(s.due(100), IsEmpty());
    EXPECT_EQ(s.next_event(), std::nullopt);
    EXPECT_EQ(s.find(entry_id(1), "a")->state, job_state::kind::held);
    EXPECT_TRUE(s.release(entry_id(1)));
    EXPECT_EQ(s.counts().held, 0u);
    EXPECT_EQ(s.due(100).size(), 2u);
    EXPECT_FALSE(s.hold(entry_id(7)));
    EXPECT_FALSE(s.release(entry_id(7)));
}

TEST(ScheduleOperator, AHoldDuringAnAttemptComesIntoForceWithItsAnswer)
{
    auto s = fresh();
    s.add(make(1, "a"));
    s.due(100);
    s.hold(entry_id(1));
    EXPECT_EQ(s.find(entry_id(1), "a")->state, job_state::kind::active);
    s.retry(entry_id(1), "a", 160);
    EXPECT_EQ(s.find(entry_id(1), "a")->state, job_state::kind::held);
    EXPECT_THAT(s.due(1000), IsEmpty());
    s.release(entry_id(1));
    EXPECT_THAT(ids(s.due(1000)), ElementsAre(1));
}

TEST(ScheduleOperator, RetryNowEndsTheWaitOfTheMessageAndOfItsDestination)
{
    auto s = fresh();
    s.add(make(1, "a"));
    s.add(make(2, "a", 5000));
    s.due(1000);
    s.unreachable(entry_id(1), "a", 1000, no_jitter);
    EXPECT_TRUE(s.retry_now(entry_id(2), 1010));
    EXPECT_THAT(s.due(1010), ElementsAre(attempt{entry_id(1), "a", true})) << "one probe, the longest due";
    s.done(entry_id(1), "a");
    EXPECT_THAT(ids(s.due(1010)), ElementsAre(2));
    EXPECT_FALSE(s.retry_now(entry_id(7), 1010));
}

TEST(ScheduleOperator, AMessageRemovedDuringAnAttemptGoesWithItsAnswer)
{
    for (const int answer : {0, 1, 2}) {
        auto s = fresh();
        s.add(make(1, "a", 0, 1));
        s.add(make(2, "a", 0, 1));
        s.due(100);
        EXPECT_TRUE(s.remove(entry_id(1)));
        EXPECT_EQ(s.find(entry_id(1), "a"), std::nullopt);
        EXPECT_FALSE(s.hold(entry_id(1)));
        EXPECT_EQ(s.counts().active, 1u) << "its connection is still in use";
        if (answer == 0) s.done(entry_id(1), "a");
        if (answer == 1) s.retry(entry_id(1), "a", 500);
        if (answer == 2) s.unreachable(entry_id(1), "a", 100, no_jitter);
        EXPECT_EQ(s.counts().jobs, 1u);
        EXPECT_EQ(s.counts().active, 0u);
        EXPECT_THAT(ids(s.due(10000)), ElementsAre(2));
    }
}

TEST(ScheduleOperator, AnswersForUnknownJobsAreIgnored)
{
    auto s = fresh();
    s.add(make(1, "a", 500));
    s.done(entry_id(1), "a");
    s.retry(entry_id(1), "a", 900);
    s.unreachable(entry_id(1), "a", 100, no_jitter);
    s.done(entry_id(2), "nowhere");
    s.forget(entry_id(1), "b");
    EXPECT_EQ(s.find(entry_id(1), "a")->when, 500) << "it was not active: nothing changes";
    EXPECT_EQ(s.counts().destinations_waiting, 0u);
}

TEST(Schedule, CountsWhatIsDueAndNotWhatWaitsForTime)
{
    auto s = fresh();
    for (std::uint64_t i = 1; i <= 100; ++i) s.add(make(i, i % 2 ? "a" : "b", static_cast<unix_seconds>(i * 7 % 100)));
    std::size_t want = 0;
    for (std::uint64_t i = 1; i <= 100; ++i) want += i * 7 % 100 <= 41;
    EXPECT_EQ(s.count_due(41), want);
    s.due(1, 1);
    EXPECT_EQ(s.count_due(41), want - 1);
}

} // namespace
