// What the durable spool promises beyond the contract: restarts, order on disk, space, and clear words when it cannot
// open.
#include "gateway/spool/segment_log.hpp"
#include "tests/unit/gateway_spool/support.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

namespace {

using namespace gateway::spool;
using namespace gateway::spool::test;
using testing::ElementsAre;
using testing::IsEmpty;

class DiskSpool : public testing::Test {
  protected:
    bench b;
};

TEST_F(DiskSpool, EverythingIsThereAfterARestart)
{
    b.open();
    std::vector<message> want;
    std::vector<record> stored;
    for (const std::size_t size : {0, 500, 300'000, 2'000'000}) {
        want.push_back(make_message(size, size));
        stored.push_back(*commit(*b.store, b.loop, want.back()));
    }
    stored[1].recipients[0].attempts = 3;
    stored[1].delay_notice_sent = true;
    b.store->update(stored[1]);
    b.store->settle(stored[2].id);
    b.open();
    EXPECT_THAT(all_records(*b.store), ElementsAre(stored[0], stored[1], stored[3]));
    for (const std::size_t i : {0, 1, 3}) expect_intact(*b.store, stored[i], want[i]);
    EXPECT_EQ(b.store->usage().messages, 3u);
    EXPECT_THAT(b.notices, IsEmpty());
}

TEST_F(DiskSpool, IdsGoOnAfterARestartEvenWhenTheClockWasSetBack)
{
    b.open();
    const auto first = commit(*b.store, b.loop, make_message(1, 10))->id;
    b.store->settle(first);
    b.clock = 5;
    b.open();
    EXPECT_GT(b.store->begin()->id(), first);
}

TEST_F(DiskSpool, ASmallMessageLiesInOnePiece)
{
    b.open();
    const auto stored = *commit(*b.store, b.loop, make_message(1, 200'000));
    EXPECT_EQ(stored.place.extents.size(), 1u);
}

TEST_F(DiskSpool, ALargeBodyGoesToDiskAsItComesAndPartsThatTouchAreJoined)
{
    b.settings.limits.segment_octets = 8 << 20;
    b.open();
    const auto want = make_message(1, 30'000'000);
    auto writer = b.store->begin();
    for (std::size_t at = 0; at < want.body.size(); at += 50'000) {
        writer->append(std::string_view(want.body).substr(at, 50'000));
        if (!writer->congested()) continue;
        bool drained = false;
        writer->on_drained([&] { drained = true; });
        ASSERT_TRUE(b.loop.run_until([&] { return drained; }));
        EXPECT_FALSE(writer->congested());
        EXPECT_LT(b.store->usage().memory_octets, b.settings.limits.writer_octets + 600'000) << "never held whole";
    }
    std::optional<result<record>> outcome;
    writer->commit(want.facts, want.envelope, want.headers, [&](result<record> r) { outcome = std::move(r); });
    ASSERT_TRUE(b.loop.run_until([&] { return outcome.has_value(); }));
    ASSERT_TRUE(*outcome);
    EXPECT_EQ((*outcome)->place.extents.size(), 4u) << "one for each segment";
    expect_intact(*b.store, **outcome, want);
    EXPECT_EQ(b.store->usage().memory_octets, 0u);
    b.open();
    expect_intact(*b.store, **outcome, want);
}

TEST_F(DiskSpool, SmallMessagesAreCommittedWhileALargeOneArrives)
{
    b.settings.limits.segment_octets = 2 << 20;
    b.open();
    const auto large = make_message(1, 5'000'000);
    std::vector<std::pair<record, message>> small;
    auto writer = b.store->begin();
    for (std::size_t at = 0; at < large.body.size(); at += 300'000) {
        writer->append(std::string_view(large.body).substr(at, 300'000));
        const auto m = make_message(100 + at, 1000);
        small.emplace_back(*commit(*b.store, b.loop, m), m);
    }
    std::optional<result<record>> outcome;
    writer->commit(large.facts, large.envelope, large.headers, [&](result<record> r) { outcome = std::move(r); });
    ASSERT_TRUE(b.loop.run_until([&] { return outcome.has_value(); }));
    ASSERT_TRUE(*outcome);
    EXPECT_GT((*outcome)->place.extents.size(), 10u) << "they lie between its parts";
    b.open();
    expect_intact(*b.store, **outcome, large);
    for (const auto& [facts, m] : small) expect_intact(*b.store, facts, m);
}

TEST_F(DiskSpool, BodiesLeaveMemoryWhenThereAreVeryManyOfThem)
{
    b.settings.limits.memory_octets = 1 << 20;
    b.open();
    std::vector<std::unique_ptr<writer>> writers;
    for (int i = 0; i < 100; ++i) {
        writers.push_back(b.store->begin());
        writers.back()->append(octets_of(1, 100'000));
        b.loop.run_ready();
    }
    for (auto& w : writers) {
        bool drained = false;
        w->on_drained([&] { drained = true; });
        ASSERT_TRUE(b.loop.run_until([&] { return drained; })) << "nobody waits for ever";
    }
    EXPECT_LE(b.store->usage().memory_octets, 2u << 20) << "of ten million";
    writers.clear();
    ASSERT_TRUE(commit(*b.store, b.loop, make_message(1, 10)));
    EXPECT_EQ(b.store->usage().memory_octets, 0u);
    EXPECT_LT(b.store->usage().octets, 1000u) << "and what was abandoned is nobody's";
}

TEST_F(DiskSpool, WhoWaitsSharesOneSync)
{
    b.open();
    ASSERT_TRUE(commit(*b.store, b.loop, make_message(0, 10)));
    std::vector<std::uint64_t> shared;
    const int before = b.files.syncs;
    std::size_t done = 0;
    for (std::uint64_t i = 1; i <= 200; ++i) {
        const auto m = make_message(i, 1000);
        auto writer = b.store->begin();
        writer->append(m.body);
        writer->commit(m.facts, m.envelope, m.headers, [&](const result<record>& r) { done += r.has_value(); });
    }
    ASSERT_TRUE(b.loop.run_until([&] { return done == 200; }));
    EXPECT_LT(b.files.syncs - before, 100);
}

TEST_F(DiskSpool, TellsOfEachRound)
{
    std::atomic<std::uint64_t> committed{0}, failed{0};
    b.settings.on_round = [&](const commit_round& round) {
        committed += round.committed;
        failed += round.failed;
        EXPECT_GE(round.seconds, 0);
    };
    b.open();
    commit(*b.store, b.loop, make_message(1, 10));
    auto large = make_message(2, 10);
    large.envelope.assign((1 << 20) + 1, 'x');
    EXPECT_EQ(commit(*b.store, b.loop, large).error(), errc::record_too_large);
    EXPECT_EQ(committed, 1u);
    EXPECT_EQ(failed, 1u);
}

TEST_F(DiskSpool, ClosingFinishesWhatWasHandedOver)
{
    b.open();
    std::vector<result<record>> outcomes;
    for (std::uint64_t i = 0; i < 50; ++i) {
        const auto m = make_message(i, 400'000);
        auto writer = b.store->begin();
        writer->append(m.body);
        writer->commit(m.facts, m.envelope, m.headers, [&](result<record> r) { outcomes.push_back(std::move(r)); });
    }
    auto late = b.store->begin();
    b.close();
    late->append("x");
    late->commit({}, "e", "h", [&](result<record> r) { outcomes.push_back(std::move(r)); });
    late.reset();
    b.loop.run_ready();
    ASSERT_EQ(outcomes.size(), 51u);
    EXPECT_EQ(outcomes.back().error(), errc::closed);
    b.open();
    EXPECT_EQ(all_records(*b.store).size(), 50u);
}

// --- space on disk ---

TEST_F(DiskSpool, SegmentsAreUnlinkedWhenAllTheirMessagesAreSettled)
{
    b.settings.limits.segment_octets = 100'000;
    b.open();
    std::vector<record> stored;
    for (std::uint64_t i = 0; i < 20; ++i) stored.push_back(*commit(*b.store, b.loop, make_message(i, 50'000)));
    EXPECT_EQ(segment_names(b.path()).size(), 10u);
    for (std::size_t i = 0; i < stored.size(); ++i)
        if (i != 7) b.store->settle(stored[i].id);
    const auto last = make_message(99, 10);
    stored.push_back(*commit(*b.store, b.loop, last));
    EXPECT_EQ(segment_names(b.path()).size(), 2u) << "the one that number 7 is in, and the last";
    expect_intact(*b.store, stored[7], make_message(7, 50'000));
    b.store->settle(stored[7].id);
    b.open();
    expect_intact(*b.store, stored.back(), last);
    EXPECT_EQ(segment_names(b.path()).size(), 1u);
    EXPECT_EQ(b.store->usage().segments, 1u);
}

TEST_F(DiskSpool, AReaderKeepsWhatItReads)
{
    b.settings.limits.segment_octets = 1000;
    b.open();
    const auto want = make_message(1, 600'000);
    const auto stored = *commit(*b.store, b.loop, want);
    auto reader = std::move(*b.store->open(stored));
    b.store->settle(stored.id);
    for (std::uint64_t i = 2; i < 5; ++i) commit(*b.store, b.loop, make_message(i, 2000));
    EXPECT_THAT(segment_names(b.path()),
                testing::Not(testing::Contains(segment_name(stored.place.extents.at(0).segment))));
    std::string body;
    while (true) {
        const auto part = reader->body(body.size());
        ASSERT_TRUE(part);
        if (part->empty()) break;
        body += *part;
    }
    EXPECT_TRUE(body == want.body);
}

TEST_F(DiskSpool, WhatACrashLeftIsRemovedAtStart)
{
    b.open();
    const auto stored = *commit(*b.store, b.loop, make_message(1, 10));
    b.close();
    std::ofstream(b.path() / "segments" / "000000000077.seg") << "octets of a message that was never acknowledged";
    b.open();
    EXPECT_THAT(segment_names(b.path()), ElementsAre("000000000001.seg"));
    expect_intact(*b.store, stored, make_message(1, 10));
    EXPECT_EQ(commit(*b.store, b.loop, make_message(2, 10))->place.extents.at(0).segment, 78u);
}

// --- the duplicate memory ---

TEST_F(DiskSpool, RemembersDuplicatesOverARestartAndForgetsThemInTime)
{
    b.settings.duplicate_memory = 1000;
    b.open();
    auto m = make_message(1, 10);
    m.facts.peer_identity = "mx.peer.example";
    ASSERT_TRUE(commit(*b.store, b.loop, m));
    b.open();
    EXPECT_EQ(commit(*b.store, b.loop, m).error(), errc::already_have);
    b.clock += 999'000'000;
    EXPECT_EQ(b.store->already_have("mx.peer.example", m.facts.message_id).size(), 1u);
    b.clock += 1'000'000;
    EXPECT_THAT(b.store->already_have("mx.peer.example", m.facts.message_id), IsEmpty());
    EXPECT_TRUE(commit(*b.store, b.loop, m)) << "a new message by the same name";
}

// --- damage ---

TEST_F(DiskSpool, NoOctetThatChangedOnDiskIsGivenOut)
{
    b.open();
    const auto want = make_message(1, 700'000);
    const auto small = make_message(2, 1000);
    const auto stored = *commit(*b.store, b.loop, want);
    const auto stored_small = *commit(*b.store, b.loop, small);
    const auto file = b.path() / "segments" / "000000000001.seg";
    const auto flip = [&file](std::uint64_t at) {
        std::fstream octets(file, std::ios::in | std::ios::out | std::ios::binary);
        octets.seekg(static_cast<std::streamoff>(at));
        const char was = static_cast<char>(octets.get());
        octets.seekp(static_cast<std::streamoff>(at));
        octets.put(static_cast<char>(was ^ 1));
    };

    flip(600'000);
    auto reader = std::move(*b.store->open(stored));
    EXPECT_EQ(*reader->envelope(), want.envelope) << "what is intact is readable";
    EXPECT_TRUE(*reader->body(0) == std::string_view(want.body).substr(0, 262144));
    EXPECT_EQ(reader->body(524288).error(), errc::damaged);
    EXPECT_EQ(reader->body(650'000).error(), errc::damaged);
    flip(600'000);
    expect_intact(*b.store, stored, want);

    const auto start = stored_small.place.extents.at(0).offset;
    flip(start + 1000 + 3); // in the envelope
    reader = std::move(*b.store->open(stored_small));
    EXPECT_EQ(reader->envelope().error(), errc::damaged);
    EXPECT_TRUE(reader->headers());
    b.loop.run_ready();
    EXPECT_TRUE(b.noticed("id=" + stored_small.id.text()));
    EXPECT_TRUE(b.noticed("segment 1, octets"));
}

TEST_F(DiskSpool, AMessageWhoseOctetsAreGoneIsReportedAndKept)
{
    b.settings.limits.segment_octets = 1000;
    b.open();
    const auto lost = *commit(*b.store, b.loop, make_message(1, 2000));
    const auto cut = *commit(*b.store, b.loop, make_message(2, 2000));
    const auto whole = *commit(*b.store, b.loop, make_message(3, 2000));
    b.close();
    std::filesystem::remove(b.path() / "segments" / "000000000001.seg");
    std::filesystem::resize_file(b.path() / "segments" / "000000000002.seg", 1500);
    b.open();
    b.loop.run_ready();
    EXPECT_TRUE(b.noticed("id=" + lost.id.text() + ": some of its octets are missing"));
    EXPECT_TRUE(b.noticed("id=" + cut.id.text() + ": some of its octets are missing"));
    EXPECT_TRUE(b.noticed("2 messages have lost octets"));
    EXPECT_EQ(b.store->open(lost).error(), errc::damaged);
    EXPECT_EQ((*b.store->open(cut))->body(0).error(), errc::damaged);
    expect_intact(*b.store, whole, make_message(3, 2000));
    EXPECT_EQ(all_records(*b.store).size(), 3u) << "an operator decides";
    b.store->settle(lost.id);
    b.store->settle(cut.id);
    ASSERT_TRUE(commit(*b.store, b.loop, make_message(4, 10)));
    EXPECT_EQ(all_records(*b.store).size(), 2u);
}

} // namespace
