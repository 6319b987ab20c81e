// A disk that is full or fails: no commit is acknowledged that is not stored, none that was refused comes back, and the
// spool works again when the disk does.
#include "tests/unit/gateway_spool/failing_environment.hpp"
#include "tests/unit/gateway_spool/support.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cerrno>
#include <thread>

namespace {

using namespace gateway::spool;
using namespace gateway::spool::test;
using condition = health_report::condition;
using testing::ElementsAre;
using testing::IsEmpty;

class DiskFailure : public testing::Test {
  protected:
    DiskFailure() { b.settings.tick = std::chrono::milliseconds(20); }

    // The spool finds out by itself, with its next tick.
    bool becomes(condition state)
    {
        return b.loop.run_until([&] {
            b.loop.post()([] { std::this_thread::sleep_for(std::chrono::milliseconds(1)); });
            return b.store->health().state == state;
        });
    }
    void expect_only(const std::vector<std::pair<record, message>>& want)
    {
        std::vector<record> records;
        for (const auto& [facts, m] : want) records.push_back(facts);
        EXPECT_EQ(all_records(*b.store), records);
        for (const auto& [facts, m] : want) expect_intact(*b.store, facts, m);
    }

    bench b;
};

// --- the segments ---

struct segment_fault {
    const char* name;
    failing_files::fault fault;
    int error;
    errc told;
    condition health;
};

class SegmentFault : public DiskFailure, public testing::WithParamInterface<segment_fault> {};
INSTANTIATE_TEST_SUITE_P(
    Faults, SegmentFault,
    testing::Values(
        segment_fault{"write", failing_files::fault::write, EIO, errc::storage_failed, condition::failing},
        segment_fault{"half_write", failing_files::fault::half_write, EIO, errc::storage_failed, condition::failing},
        segment_fault{"full", failing_files::fault::half_write, ENOSPC, errc::short_of_space,
                      condition::short_of_space},
        segment_fault{"quota", failing_files::fault::write, EDQUOT, errc::short_of_space, condition::short_of_space},
        segment_fault{"sync", failing_files::fault::sync, EIO, errc::storage_failed, condition::failing}),
    [](const auto& fault) { return std::string(fault.param.name); });

TEST_P(SegmentFault, FailsTheCommitAndNothingElse)
{
    b.open();
    std::vector<std::pair<record, message>> want;
    const auto before = make_message(1, 5000);
    want.emplace_back(*commit(*b.store, b.loop, before), before);

    b.files.fail(GetParam().fault, GetParam().error);
    for (const std::size_t size : {100, 900'000})
        EXPECT_EQ(commit(*b.store, b.loop, make_message(2, size)).error(), GetParam().told);
    EXPECT_TRUE(becomes(GetParam().health));
    EXPECT_NE(b.store->health().text, "");
    expect_only(want); // what was there stays readable

    b.files.work();
    ASSERT_TRUE(becomes(condition::ok)) << "without a restart, and without anybody's mail as a probe";
    EXPECT_TRUE(b.loop.run_until([&] { return b.noticed("takes mail again"); }));
    const auto after = make_message(3, 5000);
    want.emplace_back(*commit(*b.store, b.loop, after), after);
    expect_only(want);
    b.open();
    expect_only(want);
    EXPECT_EQ(segment_names(b.path()).size(), 2u) << "the segments that failed are gone";
}

TEST_F(DiskFailure, ABodyWhoseEarlierPiecesWereNotWrittenCannotBeCommitted)
{
    b.open();
    const auto m = make_message(1, 1'000'000);
    auto writer = b.store->begin();
    writer->append(std::string_view(m.body).substr(0, 600'000));
    commit(*b.store, b.loop, make_message(2, 10)); // by now the first pieces are written and synced
    b.files.fail(failing_files::fault::write, EIO);
    writer->append(std::string_view(m.body).substr(600'000, 300'000));
    EXPECT_TRUE(becomes(condition::failing));
    b.files.work();
    ASSERT_TRUE(becomes(condition::ok));
    writer->append(std::string_view(m.body).substr(900'000));
    std::optional<result<record>> outcome;
    writer->commit(m.facts, m.envelope, m.headers, [&](result<record> r) { outcome = std::move(r); });
    ASSERT_TRUE(b.loop.run_until([&] { return outcome.has_value(); }));
    EXPECT_EQ(outcome->error(), errc::storage_failed);
    EXPECT_EQ(all_records(*b.store).size(), 1u);
}

TEST_F(DiskFailure, OneBadSegmentDoesNotTakeBackWhatWasSyncedBefore)
{
    b.open();
    const auto early = make_message(1, 1000);
    const auto stored = *commit(*b.store, b.loop, early);
    b.files.fail(failing_files::fault::sync, EIO);
    EXPECT_FALSE(commit(*b.store, b.loop, make_message(2, 1000)));
    b.files.work();
    b.open();
    EXPECT_THAT(all_records(*b.store), ElementsAre(stored));
    expect_intact(*b.store, stored, early);
}

TEST_F(DiskFailure, UnreadableOctetsAreDamageNotMail)
{
    b.open();
    const auto want = make_message(1, 1000);
    const auto stored = *commit(*b.store, b.loop, want);
    b.files.fail(failing_files::fault::read, EIO);
    auto reader = std::move(*b.store->open(stored));
    EXPECT_EQ(reader->envelope().error(), errc::damaged);
    EXPECT_EQ(reader->body(0).error(), errc::damaged);
    b.files.work();
    EXPECT_EQ(*reader->envelope(), want.envelope) << "the next try may succeed";
}

// --- space ---

TEST_F(DiskFailure, BelowTheFloorNoMailIsTakenButTheQueueMovesOn)
{
    b.open();
    const auto m = make_message(1, 1000);
    auto stored = *commit(*b.store, b.loop, m);
    const auto gone = *commit(*b.store, b.loop, make_message(2, 1000));
    b.files.free = b.settings.limits.free_space_floor - 1;
    EXPECT_EQ(commit(*b.store, b.loop, make_message(3, 10)).error(), errc::short_of_space);
    EXPECT_EQ(commit(*b.store, b.loop, make_message(3, 2'000'000)).error(), errc::short_of_space);
    EXPECT_EQ(b.store->health().state, condition::short_of_space);
    EXPECT_THAT(b.store->health().text, testing::HasSubstr("511 MiB free"));

    stored.recipients[0].attempts = 1;
    b.store->update(stored);
    b.store->settle(gone.id);
    b.open();
    EXPECT_EQ(b.store->health().state, condition::short_of_space) << "known from the first moment";
    expect_only({{stored, m}});

    b.files.free = b.settings.limits.free_space_floor;
    ASSERT_TRUE(becomes(condition::ok));
    EXPECT_TRUE(commit(*b.store, b.loop, make_message(4, 10)));
}

// --- the catalogue ---

class CatalogueFault : public DiskFailure, public testing::WithParamInterface<failing_environment::fault> {
  protected:
    CatalogueFault() { b.settings.environment = environment.env(); }
    ~CatalogueFault() override { b.close(); }

    failing_environment environment;
};
INSTANTIATE_TEST_SUITE_P(Faults, CatalogueFault,
                         testing::Values(failing_environment::fault::append, failing_environment::fault::half_append,
                                         failing_environment::fault::sync, failing_environment::fault::no_space));

TEST_P(CatalogueFault, FailsTheCommitWhichNeverComesBack)
{
    b.open();
    std::vector<std::pair<record, message>> want;
    const auto before = make_message(1, 5000);
    want.emplace_back(*commit(*b.store, b.loop, before), before);

    environment.fail(GetParam());
    auto lost = make_message(2, 5000);
    lost.facts.peer_identity = "mx.peer.example";
    EXPECT_FALSE(commit(*b.store, b.loop, lost));
    EXPECT_FALSE(commit(*b.store, b.loop, make_message(3, 600'000)));
    EXPECT_TRUE(becomes(condition::failing));
    for (int look = 0; look < 10; ++look) { // it tries again and again meanwhile
        std::this_thread::sleep_for(b.settings.tick / 2);
        expect_only(want);
        EXPECT_THAT(b.store->already_have("mx.peer.example", lost.facts.message_id), IsEmpty());
    }

    environment.work();
    ASSERT_TRUE(becomes(condition::ok));
    EXPECT_THAT(b.store->already_have("mx.peer.example", lost.facts.message_id), IsEmpty())
        << "it was refused: the peer will send it again";
    expect_only(want);
    want.emplace_back(*commit(*b.store, b.loop, lost), lost);
    b.open();
    expect_only(want);
    EXPECT_EQ(b.store->already_have("mx.peer.example", lost.facts.message_id).size(), 1u);
}

TEST_P(CatalogueFault, ChangesWaitUntilTheyCanBeStored)
{
    b.open();
    auto kept = *commit(*b.store, b.loop, make_message(1, 10));
    const auto settled = *commit(*b.store, b.loop, make_message(2, 10));
    environment.fail(GetParam());
    EXPECT_FALSE(commit(*b.store, b.loop, make_message(3, 10)));
    for (std::uint32_t i = 1; i < 5; ++i) {
        kept.recipients[0].attempts = i;
        b.store->update(kept);
    }
    b.store->settle(settled.id);
    EXPECT_THAT(all_records(*b.store), ElementsAre(kept)) << "its own changes are seen meanwhile";
    environment.work();
    ASSERT_TRUE(becomes(condition::ok));
    b.open();
    EXPECT_THAT(all_records(*b.store), ElementsAre(kept));
}

TEST_F(DiskFailure, ARepeatThatFailedLeavesTheDuplicateMemoryAsItWas)
{
    failing_environment environment;
    b.settings.environment = environment.env();
    b.open();
    auto m = make_message(1, 10);
    m.facts.peer_identity = "mx.peer.example";
    ASSERT_TRUE(commit(*b.store, b.loop, m));
    const auto known = b.store->already_have("mx.peer.example", m.facts.message_id);

    m.facts.recipients[0].address = "further@example.net";
    environment.fail(failing_environment::fault::sync);
    EXPECT_FALSE(commit(*b.store, b.loop, m));
    environment.work();
    ASSERT_TRUE(becomes(condition::ok));
    EXPECT_EQ(b.store->already_have("mx.peer.example", m.facts.message_id), known);
    EXPECT_TRUE(commit(*b.store, b.loop, m));
    b.close();
}

} // namespace
