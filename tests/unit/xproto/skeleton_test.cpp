// A skeleton's table is read in exactly the form in which it is written, and in no other.
#include "xproto/skeleton.hpp"

#include "xproto/codes.hpp"

#include <gtest/gtest.h>

namespace {

using namespace xproto;

skeleton_table example()
{
    skeleton_table t;
    t.octets = 100;
    t.sha256 = sha256("body");
    t.leaves = {{10, 20, sha256("a")}, {30, 1, sha256("b")}, {40, 60, sha256("c")}};
    return t;
}

parsed<skeleton_table> read(std::string_view octets, const skeleton_limits& limits = {}, std::size_t piece = 1000)
{
    skeleton_reader reader(limits);
    for (std::size_t at = 0; at < octets.size(); at += piece)
        if (const auto taken = reader.push(octets.substr(at, piece)); !taken) return taken.error();
    if (!reader.is_complete()) return object_error{codes::not_valid, "skeleton", "it ends early"};
    return reader.table();
}

std::string name_of(char c)
{
    return to_text(sha256(std::string(1, c)));
}

TEST(Skeleton, IsWrittenAsThePageSays)
{
    EXPECT_EQ(write(example()), "xproto-skeleton-v1\nbody 100 " + to_text(sha256("body")) + "\nleaf 10 20 " +
                                    name_of('a') + "\nleaf 30 1 " + name_of('b') + "\nleaf 40 60 " + name_of('c') +
                                    "\n\n");
    EXPECT_EQ(example().rest(), 19u);
}

TEST(Skeleton, IsReadInAnyPieces)
{
    const auto table = write(example());
    for (std::size_t piece = 1; piece <= table.size(); ++piece) {
        const auto found = read(table + "left\n\n", {}, piece);
        ASSERT_TRUE(found) << piece;
        EXPECT_EQ(*found, example());
    }
    skeleton_reader reader;
    EXPECT_EQ(reader.push(table + "left").value(), table.size());
    EXPECT_TRUE(reader.is_complete());
    EXPECT_EQ(reader.push("more").value(), 0u);
}

TEST(Skeleton, RefusesEverythingElse)
{
    const std::string begin = "xproto-skeleton-v1\n", size = "body 100 " + name_of('x') + "\n", end = "\n";
    const auto leaf = [](std::string_view numbers) {
        return "leaf " + std::string(numbers) + ' ' + name_of('a') + '\n';
    };
    ASSERT_TRUE(read(begin + size + leaf("0 100") + end));
    ASSERT_TRUE(read(begin + size + end));
    const std::pair<std::string_view, std::string> table[] = {
        {"nothing", ""},
        {"another version", "xproto-skeleton-v2\n" + size + end},
        {"CRLF", "xproto-skeleton-v1\r\n" + size + end},
        {"no body", begin + end},
        {"no end", begin + size},
        {"the body twice", begin + size + size + end},
        {"an unknown line", begin + size + "part 1 2\n" + end},
        {"leading zero", begin + size + leaf("01 2") + end},
        {"a sign", begin + size + leaf("+1 2") + end},
        {"two spaces", begin + size + leaf("1  2") + end},
        {"space at the end", begin + size + "leaf 1 2 " + name_of('a') + " \n" + end},
        {"another digest", begin + size + "leaf 1 2 md5:aaaa\n" + end},
        {"no digest", begin + size + "leaf 1 2\n" + end},
        {"an empty leaf", begin + size + leaf("1 0") + end},
        {"a leaf beyond the end", begin + size + leaf("1 100") + end},
        {"a leaf behind the end", begin + size + leaf("101 1") + end},
        {"numbers that wrap around", begin + size + leaf("1 18446744073709551615") + end},
        {"a number of 65 bits", begin + size + leaf("1 18446744073709551616") + end},
        {"one leaf over another", begin + size + leaf("1 10") + leaf("10 10") + end},
        {"descending leaves", begin + size + leaf("50 10") + leaf("1 10") + end},
    };
    for (const auto& [name, octets] : table) {
        for (const std::size_t piece : {1, 7, 1000}) {
            const auto found = read(octets, {}, piece);
            ASSERT_FALSE(found) << name;
            EXPECT_EQ(found.error().code.text(), codes::not_valid.text()) << name;
        }
    }
}

TEST(Skeleton, IsBounded)
{
    skeleton_limits few;
    few.leaves = 3;
    const auto octets = write(example());
    EXPECT_TRUE(read(octets, few));
    few.leaves = 2;
    EXPECT_EQ(read(octets, few).error().code.text(), codes::object_limit.text());
    skeleton_limits small;
    small.table = octets.size();
    EXPECT_TRUE(read(octets + "left", small));
    small.table = octets.size() - 1;
    for (const std::size_t piece : {1, 7, 1000})
        EXPECT_EQ(read(octets + "left", small, piece).error().code.text(), codes::object_limit.text());
    EXPECT_EQ(read(std::string(100000, 'x')).error().code.text(), codes::object_limit.text());
}

} // namespace
