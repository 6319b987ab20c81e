// When a message is tried again, when its sender is told, and when it is given up.
#include "gateway/queue/retry_policy.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace {

using namespace gateway::queue;

constexpr std::uint32_t no_jitter = 0;
constexpr std::uint32_t most_jitter = std::numeric_limits<std::uint32_t>::max();

retry_policy usual()
{
    retry_policy policy;
    policy.intervals = {60, 300, 900, 3600};
    policy.expire = 5 * 86400;
    policy.delay_notice = 4 * 3600;
    policy.jitter_percent = 10;
    return policy;
}

TEST(RetryPolicy, WaitsLongerAfterEachFailureAndThenRepeatsTheLastInterval)
{
    struct row {
        const char* name;
        std::uint32_t failures;
        std::int64_t want;
    };
    for (const auto& [name, failures, want] : {
             row{"none yet counts as the first", 0, 60},
             row{"first", 1, 60},
             row{"second", 2, 300},
             row{"third", 3, 900},
             row{"fourth", 4, 3600},
             row{"fifth repeats the last", 5, 3600},
             row{"for ever", std::numeric_limits<std::uint32_t>::max(), 3600},
         })
        EXPECT_EQ(wait_after(usual(), failures, no_jitter), want) << name;
}

TEST(RetryPolicy, JitterLengthensAWaitByAtMostItsPercentage)
{
    EXPECT_EQ(wait_after(usual(), 4, most_jitter), 3600 + 359);
    EXPECT_EQ(wait_after(usual(), 4, most_jitter / 2), 3600 + 179);
    EXPECT_EQ(wait_after(usual(), 1, most_jitter), 60 + 5);

    auto seconds = usual();
    seconds.intervals = {1};
    EXPECT_EQ(wait_after(seconds, 1, most_jitter), 1) << "a second stays a second";

    auto centuries = usual();
    centuries.intervals = {std::int64_t{1} << 56};
    EXPECT_GT(wait_after(centuries, 1, most_jitter), std::int64_t{1} << 56) << "no overflow";
    EXPECT_LT(wait_after(centuries, 1, most_jitter), std::int64_t{1} << 57);
}

TEST(RetryPolicy, TheLastAttemptIsMadeAtTheExpiry)
{
    const message_age age{1000, 2000, false};
    EXPECT_EQ(next_attempt(usual(), age, 1, 1000, no_jitter), 1060);
    EXPECT_EQ(next_attempt(usual(), age, 4, 1500, no_jitter), 2000);
    EXPECT_EQ(next_attempt(usual(), age, 1, 2000, no_jitter), 2060) << "past the expiry it is the caller who gives up";
}

TEST(RetryPolicy, TellsOfTheDelayOnceAndOfTheExpiryAlways)
{
    struct row {
        const char* name;
        bool sent;
        unix_seconds now;
        milestone want;
    };
    const unix_seconds created = 1'000'000, notice = created + 4 * 3600, expiry = created + 5 * 86400;
    for (const auto& [name, sent, now, want] : {
             row{"fresh", false, created, milestone::none},
             row{"just before the notice", false, notice - 1, milestone::none},
             row{"notice", false, notice, milestone::delay_notice},
             row{"notice was sent", true, notice, milestone::none},
             row{"just before the expiry", true, expiry - 1, milestone::none},
             row{"expiry", true, expiry, milestone::expired},
             row{"expiry before the notice was sent", false, expiry, milestone::expired},
         })
        EXPECT_EQ(reached(usual(), {created, expiry, sent}, now), want) << name;
}

TEST(RetryPolicy, TheNextMilestoneIsWhenReachedChanges)
{
    auto silent = usual();
    silent.delay_notice = 0;
    auto late = usual();
    late.delay_notice = 10 * 86400;
    for (const auto& policy : {usual(), silent, late}) {
        for (const bool sent : {false, true}) {
            const message_age age{1000, 1000 + policy.expire, sent};
            const auto next = next_milestone(policy, age);
            EXPECT_EQ(reached(policy, age, next - 1), milestone::none);
            EXPECT_NE(reached(policy, age, next), milestone::none);
        }
    }
}

} // namespace
