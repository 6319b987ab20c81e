// What /proc says about processes, read without being fooled by their names.
#include "gateway/tools/processes.hpp"

#include <gtest/gtest.h>

#include <sys/wait.h>
#include <unistd.h>

namespace gateway::tools {
namespace {

constexpr auto fields = " S 41 1 1 0 -1 4194560 100 200 0 0 1500 250 30 7 20 0 1 0 100 1000000 100";

TEST(ParseStat, FindsParentAndTimes)
{
    const process_times want{41, 1750, 37};
    EXPECT_EQ(parse_stat("77 (master)" + std::string(fields)), want);
}

TEST(ParseStat, ANameMayHoldAnything)
{
    const process_times want{41, 1750, 37};
    EXPECT_EQ(parse_stat("77 (a) R 1 2 3 (b\n c)" + std::string(fields)), want);
}

TEST(ParseStat, RefusesWhatIsNoStatLine)
{
    for (const auto* line : {"", "77", "77 (x)", "77 (x) S 41", "77 (x) S x 1 1 0 -1 0 1 2 0 0 1 2 3 4"})
        EXPECT_EQ(parse_stat(line), std::nullopt) << line;
}

TEST(ParsePeakRss, IsInOctets)
{
    EXPECT_EQ(parse_memory("Name:\tx\nVmPeak:\t  9 kB\nVmHWM:\t    5120 kB\nVmRSS:\t 1 kB\n", "VmHWM"), 5120u * 1024);
    EXPECT_EQ(parse_memory("VmHWM:\t    5120 kB\nVmRSS:\t 1 kB\n", "VmRSS"), 1024u);
    EXPECT_EQ(parse_memory("Name:\tx\n", "VmHWM"), 0u);
}

TEST(CostOf, ThisProcessHasOneAndAMissingOneHasNone)
{
    const auto own = cost_of(::getpid());
    ASSERT_TRUE(own);
    EXPECT_GT(own->peak_rss, 100'000u);
    EXPECT_EQ(cost_of(0), std::nullopt);
    EXPECT_EQ(cost_of_tree(0), std::nullopt);
}

TEST(CostOfTree, CountsChildrenThatRunAndChildrenThatHaveEnded)
{
    const auto work = [] {
        const auto until = own_cpu_seconds() + 0.15;
        while (own_cpu_seconds() < until) continue;
    };
    const auto before = cost_of_tree(::getpid())->cpu_seconds;
    const pid_t ended = ::fork();
    if (ended == 0) {
        work();
        ::_exit(0);
    }
    int status = 0;
    ASSERT_EQ(::waitpid(ended, &status, 0), ended);
    EXPECT_GE(cost_of_tree(::getpid())->cpu_seconds, before + 0.1) << "one that has ended";

    const pid_t running = ::fork();
    if (running == 0) {
        work();
        ::pause();
        ::_exit(0);
    }
    for (int i = 0; i < 500 && cost_of(running)->cpu_seconds < 0.14; ++i) ::usleep(10'000);
    EXPECT_GE(cost_of_tree(::getpid())->cpu_seconds, before + 0.2) << "one that runs";
    ::kill(running, SIGKILL);
    ::waitpid(running, &status, 0);
}

} // namespace
} // namespace gateway::tools
