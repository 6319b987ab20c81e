// Messages are kept whole under the next number, or not at all.
#include "gateway/tools/message_folder.hpp"

#include "tests/support/scratch.hpp"

#include <gtest/gtest.h>

#include <set>

namespace gateway::tools {
namespace {

namespace fs = std::filesystem;

std::set<std::string> names_in(const fs::path& folder)
{
    std::set<std::string> names;
    for (const auto& one : fs::recursive_directory_iterator(folder))
        if (!one.is_directory()) names.insert(fs::relative(one.path(), folder).string());
    return names;
}

std::string contents(const fs::path& file)
{
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

TEST(MessageFolder, KeepsPartsUnderNumbers)
{
    const scratch::directory dir;
    const auto folder = message_folder::open(dir.path() / "in", message_folder::layout::folders);
    ASSERT_TRUE(folder);
    auto one = (*folder)->begin();
    one->write("body", "first ");
    auto two = (*folder)->begin();
    two->write("body", std::string("\0\r\n", 3));
    two->write("headers.xml", "<h/>");
    one->write("body", "and second piece");
    EXPECT_EQ(two->keep(), 1u) << "numbers are given in the order of keeping";
    EXPECT_EQ(one->keep(), 2u);
    one.reset();
    two.reset();
    EXPECT_EQ(names_in(dir.path() / "in"), (std::set<std::string>{"00001/body", "00001/headers.xml", "00002/body"}));
    EXPECT_EQ(contents(dir.path() / "in/00001/body"), std::string("\0\r\n", 3));
    EXPECT_EQ(contents(dir.path() / "in/00002/body"), "first and second piece");
}

TEST(MessageFolder, WhatIsNotKeptLeavesNothing)
{
    const scratch::directory dir;
    const auto folder = message_folder::open(dir.path(), message_folder::layout::files);
    ASSERT_TRUE(folder);
    {
        const auto entry = (*folder)->begin();
        entry->write("eml", "x");
        EXPECT_FALSE(names_in(dir.path()).empty());
    }
    EXPECT_TRUE(fs::is_empty(dir.path()));
}

TEST(MessageFolder, NumbersGoOnAfterThoseThatAreThere)
{
    const scratch::directory dir;
    dir.put("00041.eml", "");
    dir.put("notes.txt", "");
    const auto folder = message_folder::open(dir.path(), message_folder::layout::files);
    ASSERT_TRUE(folder);
    auto entry = (*folder)->begin();
    entry->write("eml", "x");
    entry->write("envelope", "y");
    EXPECT_EQ(entry->keep(), 42u);
    entry.reset();
    EXPECT_EQ(names_in(dir.path()), (std::set<std::string>{"00041.eml", "00042.eml", "00042.envelope", "notes.txt"}));
}

TEST(MessageFolder, WhatCannotBeWrittenIsNotKept)
{
    const scratch::directory dir;
    const auto folder = message_folder::open(dir.path() / "in", message_folder::layout::folders);
    ASSERT_TRUE(folder);
    const auto entry = (*folder)->begin();
    entry->write("no/such/folder", "x");
    EXPECT_EQ(entry->keep(), 0u);
    EXPECT_FALSE(message_folder::open("/proc/nothing", message_folder::layout::folders));
}

} // namespace
} // namespace gateway::tools
