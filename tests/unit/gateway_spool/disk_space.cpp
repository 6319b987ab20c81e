// Disk space comes back: whole segments when all their messages are settled, and what is dead beside the few that stay.
#include "gateway/spool/ranges.hpp"
#include "gateway/spool/segment_log.hpp"
#include "tests/unit/gateway_spool/support.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sys/stat.h>

#include <cerrno>
#include <random>
#include <thread>

namespace {

using namespace gateway::spool;
using namespace gateway::spool::test;
using testing::ElementsAre;
using testing::IsEmpty;

// --- ranges ---

TEST(OctetRanges, JoinWhatTouchesInWhateverOrderItComes)
{
    octet_ranges ranges;
    for (const auto& [offset, octets] : {std::pair{10, 5}, {0, 5}, {20, 0}, {5, 5}, {30, 10}, {32, 3}, {38, 10}})
        ranges.add(static_cast<std::uint64_t>(offset), static_cast<std::uint64_t>(octets));
    EXPECT_THAT(ranges.joined(), ElementsAre(octet_range{0, 15}, octet_range{30, 48}));
}

TEST(OctetRanges, HaveAnInverse)
{
    octet_ranges ranges;
    EXPECT_THAT(ranges.inverse(100).joined(), ElementsAre(octet_range{0, 100}));
    EXPECT_THAT(ranges.inverse(0).joined(), IsEmpty());
    ranges.add(10, 10);
    ranges.add(90, 20);
    EXPECT_THAT(ranges.inverse(100).joined(), ElementsAre(octet_range{0, 10}, octet_range{20, 90}));
    EXPECT_THAT(ranges.inverse(50).joined(), ElementsAre(octet_range{0, 10}, octet_range{20, 50}));
    EXPECT_THAT(ranges.inverse(5).joined(), ElementsAre(octet_range{0, 5}));
}

TEST(OctetRanges, AgreeWithASetOfOctets)
{
    std::mt19937 random(1);
    std::vector<bool> want(3000);
    octet_ranges ranges;
    for (int i = 0; i < 2000; ++i) {
        const auto offset = random() % 2900;
        const auto octets = random() % 4;
        ranges.add(offset, octets);
        for (std::uint64_t at = offset; at < offset + octets; ++at) want[at] = true;
    }
    std::vector<bool> found(3000);
    std::uint64_t last = 0;
    for (const auto& range : ranges.joined()) {
        EXPECT_TRUE(last == 0 || range.begin > last);
        last = range.end;
        for (auto at = range.begin; at < range.end; ++at) found[at] = true;
    }
    EXPECT_EQ(found, want);
}

// --- the spool ---

class DiskSpace : public testing::Test {
  protected:
    // What the folder's segments take up on the disk, holes not counted.
    std::uint64_t blocks() const
    {
        std::uint64_t octets = 0;
        for (const auto& name : segment_names(b.path())) {
            struct stat facts = {};
            EXPECT_EQ(::stat((b.path() / "segments" / name).c_str(), &facts), 0);
            octets += static_cast<std::uint64_t>(facts.st_blocks) * 512;
        }
        return octets;
    }
    void fill(std::uint64_t count, std::size_t body)
    {
        for (std::uint64_t i = 0; i < count; ++i) stored.push_back(*commit(*b.store, b.loop, make_message(i, body)));
    }
    void settle_all_but(std::size_t every)
    {
        for (std::size_t i = 0; i < stored.size(); ++i)
            if (i % every != 0) b.store->settle(stored[i].id);
    }
    bool shrinks_to(std::uint64_t octets)
    {
        return b.loop.run_until([&] {
            b.loop.post()([] { std::this_thread::sleep_for(std::chrono::milliseconds(5)); });
            return b.store->usage().disk_octets < octets;
        });
    }
    void expect_the_kept_intact(std::size_t every, std::size_t body)
    {
        for (std::size_t i = 0; i < stored.size(); i += every)
            expect_intact(*b.store, *b.store->find(stored[i].id), make_message(i, body));
    }

    bench b;
    std::vector<record> stored;
};

TEST_F(DiskSpace, AFewMessagesThatStayDoNotKeepAllTheOthersOctets)
{
    b.settings.limits.segment_octets = 4 << 20;
    b.settings.limits.punch_after = 0;
    b.settings.tick = std::chrono::milliseconds(20);
    b.open();
    fill(500, 30'000);
    const auto before = blocks();
    EXPECT_GT(before, 15'000'000u);
    settle_all_but(50);
    ASSERT_TRUE(shrinks_to(5'000'000)) << b.store->usage().disk_octets;
    EXPECT_LT(blocks(), 6'000'000u) << "the segment that is appended to, and ten messages";
    EXPECT_EQ(segment_names(b.path()).size(), 4u);
    expect_the_kept_intact(50, 30'000);

    b.open();
    ASSERT_TRUE(shrinks_to(1'000'000)) << "after a restart no segment is appended to";
    EXPECT_LT(blocks(), 1'500'000u);
    expect_the_kept_intact(50, 30'000);
    b.open();
    expect_the_kept_intact(50, 30'000);
    b.loop.run_ready();
    EXPECT_THAT(b.notices, IsEmpty());
}

TEST_F(DiskSpace, HolesWaitAWhileUnlessSpaceIsShort)
{
    b.settings.limits.segment_octets = 1 << 20;
    b.settings.tick = std::chrono::milliseconds(10);
    b.open();
    fill(100, 30'000);
    settle_all_but(20);
    std::this_thread::sleep_for(std::chrono::milliseconds(60));
    EXPECT_GT(b.store->usage().disk_octets, 2'500'000u) << "most segments go whole a moment later";
    b.files.free = 0;
    ASSERT_TRUE(shrinks_to(1'500'000));
    expect_the_kept_intact(20, 30'000);
}

TEST_F(DiskSpace, AFileSystemWithoutHolesIsNoTrouble)
{
    b.settings.limits.segment_octets = 1 << 20;
    b.settings.limits.punch_after = 0;
    b.settings.tick = std::chrono::milliseconds(10);
    b.files.fail(failing_files::fault::punch, EOPNOTSUPP);
    b.open();
    fill(50, 30'000);
    settle_all_but(20);
    std::this_thread::sleep_for(std::chrono::milliseconds(60));
    EXPECT_EQ(b.store->health().state, health_report::condition::ok);
    expect_the_kept_intact(20, 30'000);
    EXPECT_TRUE(commit(*b.store, b.loop, make_message(1, 10)));
}

TEST_F(DiskSpace, HolesAreMadeOnlyOfWhatNobodyHolds)
{
    std::filesystem::create_directory(b.folder.path / "segments");
    segment_log log(b.folder.path / "segments", 2'000'000, b.files);
    std::mt19937 random(3);
    const auto octets = octets_of(5, 100'000);
    struct held {
        std::vector<extent> extents;
        std::size_t size;
    };
    std::vector<held> messages;
    for (int i = 0; i < 400; ++i) {
        const auto size = 1 + random() % octets.size();
        const auto part = std::string_view(octets).substr(0, size);
        held m{{}, size};
        ASSERT_FALSE(log.append({&part, 1}, m.extents));
        ASSERT_FALSE(log.write_out());
        messages.push_back(std::move(m));
        if (random() % 8 == 0) continue;
        const auto which = random() % messages.size();
        log.release(messages[which].extents);
        messages.erase(messages.begin() + static_cast<std::ptrdiff_t>(which));
    }
    ASSERT_FALSE(log.sync());
    log.reclaim();
    const auto before = log.disk_octets();
    for (int round = 0; round < 3; ++round) ASSERT_FALSE(log.punch(1000 + round, 0, 100));
    EXPECT_LT(log.disk_octets(), before * 2 / 3);
    EXPECT_GE(log.disk_octets(), log.held_octets());
    for (const auto& m : messages) {
        std::string found;
        for (const auto& run : m.extents) {
            std::string part(run.octets, '\0');
            const auto in = b.files.open(log.folder() / segment_name(run.segment));
            ASSERT_TRUE(in);
            EXPECT_EQ(*b.files.read(*in, run.offset, part), part.size());
            found += part;
        }
        EXPECT_TRUE(found == octets.substr(0, m.size));
    }
}

} // namespace
