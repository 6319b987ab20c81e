// Appending to shared files, and knowing who still needs them.
#include "gateway/spool/segment_log.hpp"
#include "tests/unit/gateway_spool/support.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cerrno>
#include <fstream>

namespace {

using namespace gateway::spool;
using namespace gateway::spool::test;
using testing::ElementsAre;
using testing::IsEmpty;

class SegmentLog : public testing::Test {
  protected:
    SegmentLog() { std::filesystem::create_directory(folder); }

    segment_log fresh(std::uint64_t segment_octets = 100) { return segment_log(folder, segment_octets, files); }

    static std::vector<extent> append(segment_log& log, std::string_view octets, std::vector<extent> extents = {})
    {
        EXPECT_FALSE(log.append({&octets, 1}, extents));
        return extents;
    }
    static void finish(segment_log& log)
    {
        EXPECT_FALSE(log.write_out());
        EXPECT_FALSE(log.sync());
    }
    std::string content(std::uint64_t number) const
    {
        std::ifstream in(folder / segment_name(number), std::ios::binary);
        return {std::istreambuf_iterator<char>(in), {}};
    }

    temporary_folder outer;
    std::filesystem::path folder = outer.path / "segments";
    failing_files files;
};

TEST_F(SegmentLog, MessagesFollowOneAnother)
{
    auto log = fresh();
    const auto a = append(log, "first");
    const auto b = append(log, "second");
    finish(log);
    EXPECT_THAT(a, ElementsAre(extent{1, 0, 5}));
    EXPECT_THAT(b, ElementsAre(extent{1, 5, 6}));
    EXPECT_EQ(content(1), "firstsecond");
    EXPECT_TRUE(log.sound(a) && log.sound(b));
    EXPECT_EQ(log.disk_octets(), 11u);
    EXPECT_EQ(log.held_octets(), 11u);
}

TEST_F(SegmentLog, PiecesThatTouchAreOneExtent)
{
    auto log = fresh();
    auto a = append(log, "aa");
    a = append(log, "AA", a);
    EXPECT_THAT(a, ElementsAre(extent{1, 0, 4}));
    const auto b = append(log, "bbb");
    a = append(log, "aa", a);
    finish(log);
    EXPECT_THAT(a, ElementsAre(extent{1, 0, 4}, extent{1, 7, 2}));
    a = append(log, "!", a);
    finish(log);
    EXPECT_THAT(a, ElementsAre(extent{1, 0, 4}, extent{1, 7, 3})) << "also when they were written apart";
    EXPECT_EQ(content(1), "aaAAbbbaa!");
}

TEST_F(SegmentLog, AFullSegmentIsFollowedByTheNext)
{
    auto log = fresh(10);
    auto a = append(log, "123456789");
    const auto b = append(log, "a long one that ends the segment");
    a = append(log, "next", a);
    finish(log);
    EXPECT_THAT(a, ElementsAre(extent{1, 0, 9}, extent{2, 0, 4}));
    EXPECT_THAT(b, ElementsAre(extent{1, 9, 32})) << "in one piece";
    EXPECT_EQ(content(2), "next");
    EXPECT_EQ(files.syncs, 2) << "both segments";
}

TEST_F(SegmentLog, ASegmentThatNobodyHoldsIsRemoved)
{
    auto log = fresh(10);
    const auto a = append(log, "aaaaa");
    auto b = append(log, "bbbbbbbbb");
    b = append(log, "bb", b); // in the second segment
    const auto c = append(log, "ccccccccccc");
    append(log, "in the third");
    finish(log);
    log.release(a);
    EXPECT_THAT(log.reclaimable(), IsEmpty()) << "b is still in it";
    log.release(b);
    EXPECT_THAT(log.reclaimable(), ElementsAre(1));
    log.release(c);
    EXPECT_THAT(log.reclaimable(), ElementsAre(1, 2));
    log.reclaim();
    EXPECT_THAT(segment_names(outer.path), ElementsAre("000000000003.seg"));
    EXPECT_EQ(log.segments(), 1u);
    EXPECT_EQ(log.disk_octets(), 12u);
    EXPECT_EQ(log.held_octets(), 12u);
}

TEST_F(SegmentLog, TheOneThatIsAppendedToStays)
{
    auto log = fresh();
    const auto a = append(log, "aaa");
    finish(log);
    log.release(a);
    EXPECT_THAT(log.reclaimable(), IsEmpty());
    EXPECT_THAT(append(log, "b"), ElementsAre(extent{1, 3, 1}));
}

TEST_F(SegmentLog, AfterAStartOnlyWhatRecordsNameIsKeptAndNothingIsAppendedToIt)
{
    std::vector<extent> kept;
    {
        auto log = fresh(4);
        append(log, "lost");
        kept = append(log, "kept");
        append(log, "lost");
        finish(log);
    }
    std::ofstream(folder / "README") << "not ours";
    auto log = fresh();
    ASSERT_FALSE(log.adopt());
    EXPECT_TRUE(log.adopt_extents(kept));
    EXPECT_THAT(log.reclaimable(), ElementsAre(1, 3));
    log.reclaim();
    EXPECT_THAT(segment_names(outer.path), ElementsAre("000000000002.seg", "README"));
    EXPECT_THAT(append(log, "new"), ElementsAre(extent{4, 0, 3}));
    finish(log);
    log.release(kept);
    EXPECT_THAT(log.reclaimable(), ElementsAre(2));
}

TEST_F(SegmentLog, TellsOfOctetsThatAreMissing)
{
    {
        auto log = fresh();
        append(log, "12345");
        finish(log);
    }
    auto log = fresh();
    ASSERT_FALSE(log.adopt());
    EXPECT_TRUE(log.adopt_extents({{1, 0, 5}}));
    EXPECT_FALSE(log.adopt_extents({{1, 1, 5}})) << "one octet too many";
    EXPECT_FALSE(log.adopt_extents({{7, 0, 1}})) << "no such segment";
    EXPECT_EQ(append(log, "x").at(0).segment, 8u) << "a number that a record names is not used again";
    log.release({{7, 0, 1}});
    log.reclaim();
}

TEST_F(SegmentLog, PinnedSegmentsAreNeverRemoved)
{
    {
        auto log = fresh(4);
        append(log, "held");
        append(log, "perhaps");
        finish(log);
    }
    auto log = fresh(4);
    ASSERT_FALSE(log.adopt());
    EXPECT_TRUE(log.adopt_extents({{1, 0, 4}}));
    log.pin_adopted();
    EXPECT_THAT(log.reclaimable(), IsEmpty());
    log.release({{1, 0, 4}});
    EXPECT_THAT(log.reclaimable(), IsEmpty());
}

// --- failures ---

class SegmentLogFailure : public SegmentLog, public testing::WithParamInterface<failing_files::fault> {};
INSTANTIATE_TEST_SUITE_P(Faults, SegmentLogFailure,
                         testing::Values(failing_files::fault::write, failing_files::fault::half_write,
                                         failing_files::fault::sync, failing_files::fault::sync_folder));

TEST_P(SegmentLogFailure, ASegmentThatFailedOnceIsNotTrustedAgain)
{
    auto log = fresh();
    std::vector<extent> before;
    const bool folder_fault = GetParam() == failing_files::fault::sync_folder;
    if (!folder_fault) { // a new segment is where the folder is synced
        before = append(log, "before");
        finish(log);
    }

    files.fail(GetParam(), EIO);
    const auto lost = append(log, "lost");
    const auto written = log.write_out();
    const auto synced = log.sync();
    EXPECT_TRUE(written || synced);
    EXPECT_FALSE(log.sound(lost));

    files.work();
    const auto after = append(log, "after", lost);
    EXPECT_NE(after.back().segment, lost.back().segment) << "a new segment";
    finish(log);
    EXPECT_FALSE(log.sound(after)) << "a sync that succeeds later proves nothing";
    const auto fresh_one = append(log, "fresh");
    finish(log);
    EXPECT_TRUE(log.sound(fresh_one));

    log.release(after);
    EXPECT_EQ(log.reclaimable().size(), folder_fault ? 1u : 0u);
    log.release(before);
    EXPECT_THAT(log.reclaimable(), ElementsAre(1));
}

TEST_F(SegmentLog, WithoutANewFileNothingIsAppended)
{
    auto log = fresh();
    files.fail(failing_files::fault::create, ENOSPC);
    const std::string_view octets = "x";
    std::vector<extent> extents;
    EXPECT_EQ(log.append({&octets, 1}, extents), boost::system::errc::no_space_on_device);
    EXPECT_THAT(extents, IsEmpty());
    files.work();
    EXPECT_EQ(append(log, "x").size(), 1u);
}

TEST_F(SegmentLog, AFileThatIsInTheWayIsLeftAlone)
{
    auto log = fresh();
    std::ofstream(folder / segment_name(1)) << "somebody's";
    const std::string_view octets = "x";
    std::vector<extent> extents;
    EXPECT_EQ(log.append({&octets, 1}, extents), boost::system::errc::file_exists);
    EXPECT_THAT(append(log, "x"), ElementsAre(extent{2, 0, 1}));
    EXPECT_EQ(content(1), "somebody's");
}

// --- the system calls below ---

TEST(FileOperations, ManyPiecesAreWrittenInOrder)
{
    const temporary_folder folder;
    file_operations files;
    auto made = files.create(folder.path / "x");
    ASSERT_TRUE(made);
    std::vector<std::string> pieces;
    std::vector<std::string_view> views;
    std::string want;
    for (std::size_t i = 0; i < 1500; ++i) pieces.push_back(std::string(i % 7, static_cast<char>('a' + i % 26)));
    for (const auto& piece : pieces) {
        views.push_back(piece);
        want += piece;
    }
    ASSERT_FALSE(files.write(*made, 3, views));
    ASSERT_FALSE(files.sync(*made));
    std::string found(want.size() + 10, '?');
    EXPECT_EQ(*files.read(*made, 3, found), want.size());
    EXPECT_EQ(found.substr(0, want.size()), want);
    EXPECT_TRUE(files.create(folder.path / "x").has_error()) << "the name is taken";
    EXPECT_GT(*files.free_octets(folder.path), 0u);
    EXPECT_FALSE(files.remove(folder.path / "x"));
    EXPECT_TRUE(files.open(folder.path / "x").has_error());
}

} // namespace
