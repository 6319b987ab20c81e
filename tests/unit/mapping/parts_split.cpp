// A body taken apart and put together is the same octets, whatever they are, wherever the leaves lie, however they
// come.
#include "mapping/parts/split.hpp"

#include "mapping/parts/scan.hpp"
#include "tests/unit/mapping/support.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <random>

using namespace mapping::parts;

namespace {

struct taken_apart {
    xproto::skeleton_table table;
    std::string rest;
    std::vector<std::string> leaves;
};

taken_apart split(std::string_view body, const std::vector<place>& places, std::size_t piece)
{
    taken_apart out;
    out.leaves.resize(places.size());
    body_splitter splitter(places);
    for (std::size_t at = 0; at < body.size(); at += piece) {
        auto octets = body.substr(at, piece);
        while (!octets.empty()) {
            const auto taken = splitter.take(octets);
            (taken.leaf ? out.leaves[*taken.leaf] : out.rest) += taken.octets;
        }
    }
    out.table = splitter.finish();
    return out;
}

// Nothing when some octets turn out not to be those that the table names.
std::optional<std::string> join(const taken_apart& parts, std::size_t piece)
{
    std::string body;
    body_joiner joiner(parts.table);
    std::string_view rest = parts.rest;
    std::vector<std::string_view> leaves(parts.leaves.begin(), parts.leaves.end());
    while (const auto due = joiner.due()) {
        auto& from = due->leaf ? leaves[*due->leaf] : rest;
        const auto octets = from.substr(0, std::min<std::uint64_t>(due->octets, piece));
        if (octets.empty()) return std::nullopt;
        from.remove_prefix(octets.size());
        body += octets;
        if (!joiner.push(octets)) return std::nullopt;
    }
    if (!joiner.finish()) return std::nullopt;
    return body;
}

constexpr std::string_view header = "Content-Type: multipart/mixed; boundary=b\r\n";
const std::string body = "before\r\n--b\r\n\r\nshort\r\n--b\r\nContent-Type: image/png\r\n\r\n" +
                         std::string(100, 'x') + "\r\n--b\r\n\r\n" + std::string(50, 'y') + "\r\n--b--\r\nafter\r\n";

split_limits from(std::uint64_t threshold)
{
    split_limits l;
    l.threshold = threshold;
    return l;
}

TEST(SplitBodies, LeaveLargeLeavesOut)
{
    const auto places = large_leaves(scan(header, body), from(50));
    ASSERT_EQ(places.size(), 2u);
    const auto parts = split(body, places, 1000);
    EXPECT_EQ(parts.rest, "before\r\n--b\r\n\r\nshort\r\n--b\r\nContent-Type: image/png\r\n\r\n\r\n--b\r\n\r\n\r\n"
                          "--b--\r\nafter\r\n");
    EXPECT_EQ(parts.leaves, (std::vector<std::string>{std::string(100, 'x'), std::string(50, 'y')}));
    EXPECT_EQ(parts.table.octets, body.size());
    EXPECT_EQ(parts.table.sha256, xproto::sha256(body));
    EXPECT_EQ(parts.table.rest(), parts.rest.size());
    EXPECT_EQ(parts.table.leaves[1].sha256, xproto::sha256(std::string(50, 'y')));
}

TEST(SplitBodies, TakeNoLeafBelowTheThresholdAndNoMoreThanTheLimit)
{
    const auto found = scan(header, body);
    EXPECT_EQ(large_leaves(found, from(101)).size(), 0u);
    EXPECT_EQ(large_leaves(found, from(100)).size(), 1u);
    EXPECT_EQ(large_leaves(found, from(51)).size(), 1u);
    EXPECT_EQ(large_leaves(found, from(1)).size(), 3u);
    EXPECT_EQ(large_leaves(found, from(0)).size(), 3u);
    EXPECT_EQ(large_leaves(scan("", ""), from(0)).size(), 0u); // there are no empty leaves
    auto few = from(1);
    few.leaves = 2;
    EXPECT_EQ(large_leaves(found, few).size(), 2u);
}

TEST(SplitBodies, JoinToTheSameOctetsForEveryThresholdAndEveryCut)
{
    for (const std::uint64_t threshold : {0, 1, 5, 6, 50, 51, 100, 101}) {
        const auto places = large_leaves(scan(header, body), from(threshold));
        for (std::size_t piece = 1; piece <= body.size(); ++piece) {
            const auto parts = split(body, places, piece);
            EXPECT_EQ(join(parts, piece), body) << "threshold " << threshold << " in pieces of " << piece;
            EXPECT_EQ(join(parts, body.size()), body);
        }
    }
}

TEST(SplitBodies, JoinForAnyPlaces)
{
    std::mt19937 random(20261122);
    for (int i = 0; i < 2000; ++i) {
        std::string octets(random() % 200, '\0');
        for (auto& c : octets) c = static_cast<char>(random());
        std::vector<place> places;
        for (std::uint64_t at = 0; at < octets.size();) {
            at += random() % 3 == 0 ? 0 : random() % 40; // leaves may touch
            if (at >= octets.size()) break;
            const auto size = 1 + random() % (octets.size() - at);
            places.push_back({at, size});
            at += size;
        }
        const auto parts = split(octets, places, 1 + random() % 30);
        ASSERT_EQ(join(parts, 1 + random() % 30), octets);
    }
}

TEST(SplitBodies, AreNotBelievedWhenAnOctetIsAnother)
{
    const auto good = split(body, large_leaves(scan(header, body), from(50)), 64);
    auto bad = good;
    bad.leaves[0][99] = 'y';
    EXPECT_EQ(join(bad, 7), std::nullopt);
    bad = good;
    bad.rest[3] = 'x';
    EXPECT_EQ(join(bad, 7), std::nullopt);
    bad = good;
    std::swap(bad.table.leaves[0].sha256, bad.table.leaves[1].sha256);
    EXPECT_EQ(join(bad, 7), std::nullopt);
    bad = good;
    bad.rest.pop_back();
    EXPECT_EQ(join(bad, 7), std::nullopt);
    bad = good;
    ++bad.table.leaves[1].offset;
    EXPECT_EQ(join(bad, 7), std::nullopt);
}

// Mail that others wrote, when ISTHMUS_TESTMAIL names a folder of it.
TEST(SplitBodies, JoinOtherPeoplesMail)
{
    const auto* const folder = std::getenv("ISTHMUS_TESTMAIL");
    if (folder == nullptr) GTEST_SKIP() << "ISTHMUS_TESTMAIL names no folder";
    for (const auto& file : mapping_test::files_below(folder)) {
        const auto message = mapping_test::split(mapping_test::read_file(file));
        for (const std::uint64_t threshold : {1, 100, 10000}) {
            const auto places = large_leaves(scan(message.header().octets(), message.body), from(threshold));
            EXPECT_EQ(join(split(message.body, places, 4096), 1000), message.body) << file;
        }
    }
}

} // namespace
