// A job in two parts is done once, when both are, with each recipient's own verdict in its own place.
#include "gateway/delivery/job_parts.hpp"

#include <gtest/gtest.h>

#include <string>

namespace {

using gateway::delivery::divide;
using gateway::delivery::job;
using gateway::delivery::outcome;

struct divided {
    std::vector<outcome> done; // as the whole job was told
    std::pair<job, job> parts;
};

// A job for the recipients 10, 11, 12... of a message.
void divide_job(divided& out, std::size_t recipients, const std::vector<std::size_t>& first)
{
    job whole;
    whole.message = std::make_shared<gateway::spool::record>();
    for (std::size_t i = 0; i < recipients; ++i) whole.recipients.push_back(10 + i);
    whole.done = [&out](outcome result) { out.done.push_back(std::move(result)); };
    out.parts = divide(std::move(whole), first);
}

// Each recipient's verdict says which one it is.
void answer(const job& part, bool unreachable = false)
{
    outcome made;
    for (const auto recipient : part.recipients)
        made.verdicts.push_back(mapping::verdict::delivered(std::to_string(recipient)));
    made.unreachable = unreachable;
    part.done(std::move(made));
}

TEST(JobParts, HaveTheRecipientsBetweenThem)
{
    divided all;
    divide_job(all, 5, {1, 3});
    EXPECT_EQ(all.parts.first.recipients, (std::vector<std::size_t>{11, 13}));
    EXPECT_EQ(all.parts.second.recipients, (std::vector<std::size_t>{10, 12, 14}));
    EXPECT_EQ(all.parts.first.message, all.parts.second.message);
    EXPECT_TRUE(all.done.empty());
}

TEST(JobParts, AreDoneWhenBothAreInEitherOrder)
{
    for (const bool backwards : {false, true}) {
        divided all;
        divide_job(all, 4, {0, 3});
        answer(backwards ? all.parts.second : all.parts.first);
        EXPECT_TRUE(all.done.empty());
        answer(backwards ? all.parts.first : all.parts.second);
        ASSERT_EQ(all.done.size(), 1u);
        ASSERT_EQ(all.done[0].verdicts.size(), 4u);
        for (std::size_t i = 0; i < 4; ++i) EXPECT_EQ(all.done[0].verdicts[i].text, std::to_string(10 + i));
        EXPECT_FALSE(all.done[0].unreachable);
    }
}

TEST(JobParts, AreUnreachableWhenOneIs)
{
    for (const bool first : {false, true}) {
        divided all;
        divide_job(all, 2, {0});
        answer(all.parts.first, first);
        answer(all.parts.second, !first);
        ASSERT_EQ(all.done.size(), 1u);
        EXPECT_TRUE(all.done[0].unreachable);
    }
}

TEST(JobParts, CanBeDividedAgain)
{
    divided all;
    divide_job(all, 3, {0});
    auto [second, third] = divide(std::move(all.parts.second), {0});
    answer(third);
    answer(all.parts.first);
    EXPECT_TRUE(all.done.empty());
    answer(second);
    ASSERT_EQ(all.done.size(), 1u);
    for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(all.done[0].verdicts[i].text, std::to_string(10 + i));
}

} // namespace
