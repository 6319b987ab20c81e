// What every spool promises, on disk or in memory.
#include "gateway/spool/memory.hpp"
#include "tests/unit/gateway_spool/support.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace {

using namespace gateway::spool;
using namespace gateway::spool::test;
using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Not;

class SpoolContract : public testing::TestWithParam<const char*> {
  protected:
    void SetUp() override
    {
        if (std::string(GetParam()) == "memory")
            b.store = make_memory_spool(b.loop.post());
        else
            b.open();
        ASSERT_TRUE(b.store);
    }
    spool& s() { return *b.store; }

    bench b;
};
INSTANTIATE_TEST_SUITE_P(Kinds, SpoolContract, testing::Values("memory", "disk"),
                         [](const auto& kind) { return std::string(kind.param); });

TEST_P(SpoolContract, WhatWasCommittedIsFoundAndReadOctetForOctet)
{
    for (const std::size_t size : {0, 1, 1000, 262143, 262144, 262145, 600'000, 3'000'000}) {
        const auto want = make_message(size, size);
        const auto stored = commit(s(), b.loop, want);
        ASSERT_TRUE(stored) << stored.error().message();
        EXPECT_EQ(stored->place.body_octets, size);
        EXPECT_EQ(stored->message_id, want.facts.message_id);
        const auto found = s().find(stored->id);
        ASSERT_TRUE(found);
        EXPECT_EQ(*found, *stored);
        expect_intact(s(), *found, want);
    }
}

TEST_P(SpoolContract, AControlMessageHasAnEnvelopeOnly)
{
    auto want = make_message(1, 0);
    want.headers.clear();
    const auto stored = commit(s(), b.loop, want);
    ASSERT_TRUE(stored);
    expect_intact(s(), *stored, want);
}

TEST_P(SpoolContract, AWriterThatIsDestroyedLeavesNothing)
{
    for (const std::size_t size : {10, 2'000'000}) {
        auto writer = s().begin();
        writer->append(octets_of(1, size));
    }
    ASSERT_TRUE(commit(s(), b.loop, make_message(2, 10)));
    EXPECT_EQ(all_records(s()).size(), 1u);
}

TEST_P(SpoolContract, IdsAreNewAndAscend)
{
    entry_id last;
    for (int i = 0; i < 100; ++i) {
        const auto writer = s().begin();
        EXPECT_GT(writer->id(), last);
        last = writer->id();
    }
}

TEST_P(SpoolContract, ManyWritersAtOnceDoNotMixTheirOctets)
{
    constexpr std::size_t count = 20;
    std::vector<message> want;
    std::vector<std::unique_ptr<writer>> writers;
    std::vector<result<record>> outcomes(count, errc::closed);
    for (std::size_t i = 0; i < count; ++i) {
        want.push_back(make_message(i, 400'000 + i * 1000));
        writers.push_back(s().begin());
    }
    for (std::size_t at = 0; at < 420'000; at += 7000)
        for (std::size_t i = 0; i < count; ++i)
            if (at < want[i].body.size()) writers[i]->append(std::string_view(want[i].body).substr(at, 7000));
    std::size_t done = 0;
    for (std::size_t i = 0; i < count; ++i) {
        writers[i]->commit(want[i].facts, want[i].envelope, want[i].headers, [&, i](result<record> r) {
            outcomes[i] = std::move(r);
            ++done;
        });
        writers[i].reset();
    }
    ASSERT_TRUE(b.loop.run_until([&] { return done == count; }));
    for (std::size_t i = 0; i < count; ++i) {
        ASSERT_TRUE(outcomes[i]);
        expect_intact(s(), *outcomes[i], want[i]);
    }
}

TEST_P(SpoolContract, AnUpdateIsSeenAtOnce)
{
    auto stored = *commit(s(), b.loop, make_message(1, 10));
    auto& recipient = stored.recipients.at(0);
    for (std::uint32_t attempt = 1; attempt <= 3; ++attempt) {
        recipient.attempts = attempt;
        recipient.next_attempt = 1'700'000'000 + 60 * attempt;
        recipient.last_code = "4.4.1";
        recipient.last_text = "no route to host";
        stored.held = attempt == 2;
        s().update(stored);
        EXPECT_EQ(*s().find(stored.id), stored);
        EXPECT_THAT(all_records(s()), ElementsAre(stored));
    }
}

TEST_P(SpoolContract, AnUpdateCannotMoveAMessagesOctets)
{
    const auto want = make_message(1, 10);
    const auto stored = *commit(s(), b.loop, want);
    auto wrong = stored;
    wrong.place = {};
    s().update(wrong);
    ASSERT_TRUE(commit(s(), b.loop, make_message(2, 10))); // by now the update is applied
    EXPECT_EQ(s().find(stored.id)->place, stored.place);
    expect_intact(s(), *s().find(stored.id), want);
}

TEST_P(SpoolContract, ASettledMessageIsGoneAndStaysSo)
{
    const auto stored = *commit(s(), b.loop, make_message(1, 10));
    s().settle(stored.id);
    EXPECT_EQ(s().find(stored.id).error(), errc::not_found);
    EXPECT_THAT(all_records(s()), IsEmpty());
    s().update(stored);
    EXPECT_EQ(s().find(stored.id).error(), errc::not_found) << "a late answer does not bring it back";
    s().settle(stored.id);
    ASSERT_TRUE(commit(s(), b.loop, make_message(2, 10)));
    s().update(stored);
    ASSERT_TRUE(commit(s(), b.loop, make_message(3, 10)));
    EXPECT_EQ(s().find(stored.id).error(), errc::not_found);
    EXPECT_EQ(all_records(s()).size(), 2u);
}

TEST_P(SpoolContract, WalksThroughTheRecordsInOrderAndInPages)
{
    std::vector<entry_id> ids;
    for (std::uint64_t i = 0; i < 10; ++i) ids.push_back(commit(s(), b.loop, make_message(i, 10))->id);
    std::vector<entry_id> seen;
    for (entry_id after;;) {
        std::size_t page = 0;
        s().for_each(
            [&](const record& r) {
                seen.push_back(r.id);
                after = r.id;
                return ++page < 3;
            },
            after);
        if (page < 3) break;
    }
    EXPECT_EQ(seen, ids);
}

TEST_P(SpoolContract, AVisitorMaySettleWhatItSees)
{
    for (std::uint64_t i = 0; i < 5; ++i) commit(s(), b.loop, make_message(i, 10));
    s().for_each([this](const record& r) {
        s().settle(r.id);
        return true;
    });
    EXPECT_THAT(all_records(s()), IsEmpty());
}

TEST_P(SpoolContract, AVisitorDoesNotSeeWhatWasSettledMeanwhile)
{
    const auto first = commit(s(), b.loop, make_message(1, 10))->id;
    const auto second = commit(s(), b.loop, make_message(2, 10))->id;
    std::vector<entry_id> seen;
    s().for_each([&](const record& r) {
        seen.push_back(r.id);
        if (r.id != first) return true;
        s().settle(second);
        commit(s(), b.loop, make_message(3, 10)); // after which the catalogue has the settling, too
        return true;
    });
    EXPECT_THAT(seen, Contains(first));
    EXPECT_THAT(seen, Not(Contains(second)));
}

TEST_P(SpoolContract, KnowsWhatAPeerHasGivenAlready)
{
    auto m = make_message(1, 10);
    m.facts.peer_identity = "mx.peer.example";
    EXPECT_THAT(s().already_have("mx.peer.example", m.facts.message_id), IsEmpty());
    const auto stored = *commit(s(), b.loop, m);
    const auto address = m.facts.recipients.at(0).address;
    EXPECT_THAT(s().already_have("mx.peer.example", m.facts.message_id), ElementsAre(address));
    EXPECT_THAT(s().already_have("mx.other.example", m.facts.message_id), IsEmpty()) << "another peer's word";
    EXPECT_THAT(s().already_have("mx.peer.example", "other@example.org"), IsEmpty());
    s().settle(stored.id);
    EXPECT_THAT(s().already_have("mx.peer.example", m.facts.message_id), ElementsAre(address)) << "delivered long ago";
}

TEST_P(SpoolContract, DoesNotStoreARepeat)
{
    auto m = make_message(1, 10);
    m.facts.peer_identity = "mx.peer.example";
    ASSERT_TRUE(commit(s(), b.loop, m));
    EXPECT_EQ(commit(s(), b.loop, m).error(), errc::already_have);
    EXPECT_EQ(all_records(s()).size(), 1u);

    recipient further;
    further.number = 2;
    further.address = "further@example.net";
    m.facts.recipients.push_back(further);
    const auto partly = commit(s(), b.loop, m);
    ASSERT_TRUE(partly) << "one recipient is new";
    EXPECT_EQ(partly->recipients.at(0).state, recipient_state::repeated);
    EXPECT_EQ(partly->recipients.at(1).state, recipient_state::pending);
    EXPECT_EQ(s().already_have("mx.peer.example", m.facts.message_id).size(), 2u);
    EXPECT_EQ(commit(s(), b.loop, m).error(), errc::already_have);
}

TEST_P(SpoolContract, OfTwoCopiesAtTheSameInstantOneIsStored)
{
    auto m = make_message(1, 10);
    m.facts.peer_identity = "mx.peer.example";
    std::vector<result<record>> outcomes;
    for (int i = 0; i < 4; ++i) {
        auto writer = s().begin();
        writer->append(m.body);
        writer->commit(m.facts, m.envelope, m.headers, [&](result<record> r) { outcomes.push_back(std::move(r)); });
    }
    ASSERT_TRUE(b.loop.run_until([&] { return outcomes.size() == 4; }));
    int stored = 0;
    for (const auto& outcome : outcomes) {
        if (outcome)
            ++stored;
        else
            EXPECT_EQ(outcome.error(), errc::already_have);
    }
    EXPECT_EQ(stored, 1);
    EXPECT_EQ(all_records(s()).size(), 1u);
}

TEST_P(SpoolContract, MessagesFromSmtpAreNeverTakenForRepeats)
{
    const auto m = make_message(1, 10);
    ASSERT_TRUE(commit(s(), b.loop, m));
    ASSERT_TRUE(commit(s(), b.loop, m));
    EXPECT_EQ(all_records(s()).size(), 2u);
}

TEST_P(SpoolContract, CountsItsMessages)
{
    const auto first = *commit(s(), b.loop, make_message(1, 1000));
    commit(s(), b.loop, make_message(2, 1000));
    EXPECT_EQ(s().usage().messages, 2u);
    EXPECT_GT(s().usage().octets, 2000u);
    s().settle(first.id);
    commit(s(), b.loop, make_message(3, 1000));
    EXPECT_EQ(s().usage().messages, 2u);
    EXPECT_EQ(s().health().state, health_report::condition::ok);
}

TEST_P(SpoolContract, AWriterThatIsNotBehindIsReleasedSoon)
{
    auto writer = s().begin();
    bool released = false;
    writer->on_drained([&] { released = true; });
    EXPECT_FALSE(released);
    ASSERT_TRUE(b.loop.run_until([&] { return released; }));
}

} // namespace
