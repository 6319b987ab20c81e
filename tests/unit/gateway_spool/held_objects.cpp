// Leaves and broken-off objects: what is found again, by whom, and what goes when there is too much.
#include "gateway/spool/held_objects.hpp"

#include "tests/support/scratch.hpp"

#include <gtest/gtest.h>

#include <ctime>

namespace {

using namespace gateway::spool;

struct HeldObjects : testing::Test {
    HeldObjects()
    {
        limits.least_octets = 4;
        limits.free_space_floor = 0;
        limits.leaf_octets = 100;
        limits.partial_octets = 100;
        limits.partials = 3;
    }
    std::unique_ptr<held_objects> open()
    {
        auto made = std::make_unique<held_objects>(folder.path() / "held", limits, [this] { return now; });
        EXPECT_EQ(made->problem(), "");
        return made;
    }
    void put_leaf(held_objects& into, const std::string& peer, const std::string& digest, const std::string& octets)
    {
        const auto arriving = into.begin({peer, "m", digest}, octets.size());
        ASSERT_TRUE(arriving);
        arriving->append(octets);
        arriving->become_leaf();
    }
    static std::string all_of(const held_objects::leaf& from)
    {
        std::string octets(static_cast<std::size_t>(from.octets()) + 1, '\0');
        octets.resize(from.read(0, octets).value());
        return octets;
    }

    scratch::directory folder;
    held_limits limits;
    std::int64_t now = std::time(nullptr);
};

TEST_F(HeldObjects, FindsALeafForThePeerThatSentItAndNoOther)
{
    auto held = open();
    put_leaf(*held, "peer1", "aa", "octets");
    for (int restarts = 0; restarts < 2; ++restarts) {
        const auto found = held->find_leaf("peer1", "aa", 6);
        ASSERT_TRUE(found);
        EXPECT_EQ(all_of(*found), "octets");
        EXPECT_FALSE(held->find_leaf("peer2", "aa", 6));
        EXPECT_FALSE(held->find_leaf("peer1", "ab", 6));
        EXPECT_FALSE(held->find_leaf("peer1", "aa", 7));
        EXPECT_TRUE(held->partials("peer1", "m").empty());
        held = open();
    }
}

TEST_F(HeldObjects, ALeafThatIsForgottenCanStillBeReadByWhoeverFoundIt)
{
    const auto held = open();
    put_leaf(*held, "peer", "aa", "octets");
    const auto found = held->find_leaf("peer", "aa", 6);
    held->forget_leaf("peer", "aa");
    EXPECT_FALSE(held->find_leaf("peer", "aa", 6));
    EXPECT_EQ(all_of(*found), "octets");
}

TEST_F(HeldObjects, TheLeafThatWasOfUseLeastRecentlyGoesFirst)
{
    const auto held = open();
    put_leaf(*held, "peer", "aa", std::string(40, 'a'));
    ++now;
    put_leaf(*held, "peer", "bb", std::string(40, 'b'));
    ++now;
    EXPECT_TRUE(held->find_leaf("peer", "aa", 40));
    ++now;
    put_leaf(*held, "peer", "cc", std::string(40, 'c'));
    EXPECT_TRUE(held->find_leaf("peer", "aa", 40));
    EXPECT_FALSE(held->find_leaf("peer", "bb", 40));
    EXPECT_EQ(held->leaf_octets(), 80U);
}

TEST_F(HeldObjects, OldLeavesGo)
{
    auto held = open();
    put_leaf(*held, "peer", "aa", "octets");
    now += limits.leaf_age + 2;
    EXPECT_FALSE(held->find_leaf("peer", "aa", 6));
    EXPECT_EQ(held->leaf_octets(), 0U);
}

TEST_F(HeldObjects, WithoutRoomForLeavesNothingIsKept)
{
    limits.leaf_octets = 0;
    const auto held = open();
    put_leaf(*held, "peer", "aa", "octets");
    EXPECT_FALSE(held->find_leaf("peer", "aa", 6));
    EXPECT_TRUE(std::filesystem::is_empty(folder.path() / "held"));
}

TEST_F(HeldObjects, WhatHasBrokenOffGoesOn)
{
    auto held = open();
    held->begin({"peer", "m", "aa"}, 20)->append("0123456789");
    held = open(); // a crash leaves no less
    EXPECT_EQ(held->partials("peer", "m"), (std::vector{held_objects::partial{"aa", 10}}));
    EXPECT_TRUE(held->partials("peer2", "m").empty());
    EXPECT_TRUE(held->partials("peer", "m2").empty());
    EXPECT_FALSE(held->go_on({"peer2", "m", "aa"}, 8, 20));
    {
        const auto again = held->go_on({"peer", "m", "aa"}, 8, 20);
        ASSERT_TRUE(again);
        EXPECT_EQ(again->octets(), 8U);
        again->append("ab");
        std::string octets(20, '\0');
        octets.resize(again->read(0, octets).value());
        EXPECT_EQ(octets, "01234567ab");
    }
    EXPECT_EQ(held->partials("peer", "m"), (std::vector{held_objects::partial{"aa", 10}}));
    EXPECT_FALSE(held->go_on({"peer", "m", "aa"}, 11, 20)); // it claims to know more than there is: nothing is certain
    EXPECT_TRUE(held->partials("peer", "m").empty());
}

TEST_F(HeldObjects, ALaterTransferTakesTheObjectOver)
{
    const auto held = open();
    auto first = held->begin({"peer", "m", "aa"}, 20);
    first->append("01234");
    auto second = held->go_on({"peer", "m", "aa"}, 5, 20);
    ASSERT_TRUE(second);
    first->append("xxxxx");
    second->append("56789");
    first->become_leaf();
    first.reset();
    second.reset();
    EXPECT_EQ(held->partials("peer", "m"), (std::vector{held_objects::partial{"aa", 10}}));
    EXPECT_FALSE(held->find_leaf("peer", "aa", 10));
}

TEST_F(HeldObjects, WhatIsDroppedOrTooSmallIsNotThere)
{
    const auto held = open();
    auto dropped = held->begin({"peer", "m", "aa"}, 20);
    dropped->append("0123456789");
    dropped->drop();
    dropped->append("x");
    dropped.reset();
    held->begin({"peer", "m", "bb"}, 20)->append("012"); // of least_octets, 4
    EXPECT_FALSE(held->begin({"peer", "m", "cc"}, 3));
    EXPECT_FALSE(held->begin({"peer", "m", "dd"}, 101)); // of partial_octets, 100
    EXPECT_TRUE(held->partials("peer", "m").empty());
    EXPECT_EQ(held->partial_octets(), 0U);
    EXPECT_TRUE(std::filesystem::is_empty(folder.path() / "held"));
}

TEST_F(HeldObjects, TheOldestGoesWhenThereAreTooManyOrTooLarge)
{
    const auto held = open();
    for (const auto* digest : {"aa", "bb", "cc"}) {
        held->begin({"peer", "m", digest}, 20)->append("0123456789");
        ++now;
    }
    held->begin({"peer", "m", "dd"}, 20)->append("0123456789"); // a fourth
    EXPECT_EQ(held->partials("peer", "m").size(), 3U);
    EXPECT_EQ(held->partials("peer", "m").front().digest, "bb");
    ++now;
    const auto large = held->begin({"peer", "m", "ee"}, 85);
    EXPECT_LE(held->partial_octets(), 100U);
    now += limits.partial_age + 2;
    EXPECT_FALSE(held->go_on({"peer", "m", "dd"}, 1, 20));
    EXPECT_EQ(held->partial_octets(), 0U);
}

TEST_F(HeldObjects, WhatIsNoObjectOfOursGoesAtTheStart)
{
    auto held = open();
    put_leaf(*held, "peer", "aa", "octets");
    folder.put("held/leaf-x", "y");
    folder.put("held/rubbish", "y");
    folder.put("elsewhere", "precious");
    std::filesystem::create_symlink(folder.path() / "elsewhere", folder.path() / "held/leaf-peer-bb");
    held = open();
    EXPECT_TRUE(held->find_leaf("peer", "aa", 6));
    EXPECT_FALSE(held->find_leaf("peer", "bb", 8));
    EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder.path() / "held"), {}), 1);
    EXPECT_EQ(folder.get("elsewhere"), "precious");
}

TEST_F(HeldObjects, NamesAreReadAsTheyAreWritten)
{
    for (const held_name& name : {held_name{"a1", {}, "ff"}, held_name{"a1", "b2", "ff"}})
        EXPECT_EQ(held_name::parse(name.text()), name);
    for (const auto* wrong : {"", "leaf-", "leaf-a", "leaf-a-", "leaf-a-b-c", "leaf-A-b", "part-a-b", "part-a-b-c-d",
                              "part--b-c", "leaf-a-..", "note-a-b"})
        EXPECT_FALSE(held_name::parse(wrong)) << wrong;
}

} // namespace
