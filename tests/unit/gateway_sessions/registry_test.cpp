// A round of reviews: each session of then has one turn, whatever comes and goes meanwhile.
#include "gateway/sessions/registry.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <vector>

namespace gateway::sessions {
namespace {

class fake_session final : public live_session {
  public:
    void drain() override {}
    void abort() override {}
    void review() override
    {
        ++reviews;
        if (const auto then = on_review) then(); // a copy: it may be the end of this
    }

    int reviews = 0;
    std::function<void()> on_review;
};

class Reviews : public testing::Test {
  protected:
    fake_session& add()
    {
        all.push_back(std::make_unique<fake_session>());
        sessions.add(*all.back());
        return *all.back();
    }
    void finish_round()
    {
        for (int turns = 0; sessions.review_some(); ++turns) ASSERT_LT(turns, 1000);
    }

    metrics::daemon counters;
    registry sessions{counters};
    std::vector<std::unique_ptr<fake_session>> all;
};

TEST_F(Reviews, GiveEachSessionOneTurn)
{
    for (int i = 0; i < 100; ++i) add();
    EXPECT_TRUE(sessions.begin_reviews());
    EXPECT_TRUE(sessions.review_some()) << "all of them in one turn of the loop";
    finish_round();
    for (const auto& one : all) EXPECT_EQ(one->reviews, 1);
    EXPECT_FALSE(sessions.review_some());
    EXPECT_TRUE(sessions.begin_reviews());
    finish_round();
    for (const auto& one : all) EXPECT_EQ(one->reviews, 2);
}

TEST_F(Reviews, BeginAgainInTheMiddleWithoutASecondWorker)
{
    for (int i = 0; i < 100; ++i) add();
    EXPECT_TRUE(sessions.begin_reviews());
    EXPECT_TRUE(sessions.review_some());
    EXPECT_FALSE(sessions.begin_reviews());
    finish_round();
    for (const auto& one : all) EXPECT_TRUE(one->reviews == 1 || one->reviews == 2);
    EXPECT_EQ(all.front()->reviews, 2) << "it was reviewed by what was known before";
    EXPECT_EQ(all.back()->reviews, 1);
}

TEST_F(Reviews, DoNotConcernWhoComesLaterOrHasGone)
{
    for (int i = 0; i < 100; ++i) add();
    all[3]->on_review = [this] { all[4].reset(); };
    all[99]->on_review = [this] { all[99].reset(); };
    EXPECT_TRUE(sessions.begin_reviews());
    EXPECT_TRUE(sessions.review_some());
    auto& late = add();
    finish_round();
    EXPECT_EQ(late.reviews, 0);
    EXPECT_EQ(all[98]->reviews, 1);
    EXPECT_EQ(all[99], nullptr);
    registry none(counters);
    EXPECT_TRUE(none.begin_reviews());
    EXPECT_FALSE(none.review_some());
}

} // namespace
} // namespace gateway::sessions
