// The copy of a list on the disk: what is written is read again, and whatever was damaged is not.
#include "gateway/trust/list_copy.hpp"

#include <gtest/gtest.h>

#include <fstream>

namespace gateway::trust {
namespace {

const list_copy example{
    "https://lists.example/a", 1795348800, {"\"v1\"", "Sun, 22 Nov 2026 12:00:00 GMT"}, "# ours\n\nmx1.a.example\n"};

TEST(ListCopy, ComesBackAsItWas)
{
    EXPECT_EQ(copy_from_text(to_text(example)).value(), example);
    const list_copy bare{"https://lists.example/", 0, {}, ""};
    EXPECT_EQ(copy_from_text(to_text(bare)).value(), bare);
}

TEST(ListCopy, IsRefusedWhenAnyOctetIsAnotherOrMissing)
{
    const auto whole = to_text(example);
    for (std::size_t i = 0; i < whole.size(); ++i) {
        auto damaged = whole;
        damaged[i] = static_cast<char>(damaged[i] ^ 1);
        EXPECT_FALSE(copy_from_text(damaged)) << i;
        EXPECT_FALSE(copy_from_text(std::string_view(whole).substr(0, i))) << i;
    }
    EXPECT_FALSE(copy_from_text(whole + "x"));
}

TEST(ListCopy, IsNotReadWhenItIsTooLarge)
{
    const auto file = std::filesystem::path(testing::TempDir()) / ("isthmus-copy" + std::to_string(::getpid()));
    auto large = example;
    large.text.assign(20'000, '\n');
    std::ofstream(file) << to_text(large);
    EXPECT_EQ(read_copy(file, 20'000).value(), large);
    EXPECT_FALSE(read_copy(file, 10'000));
    EXPECT_FALSE(read_copy(file.string() + ".none", 10'000));
}

} // namespace
} // namespace gateway::trust
