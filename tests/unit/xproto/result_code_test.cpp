// Result codes as text, and the registry: sorted, unique, complete.
#include "xproto/codes.hpp"
#include "xproto/line.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <set>
#include <sstream>

namespace {

using namespace xproto;

TEST(XprotoResultCode, HasOneSpelling)
{
    for (const auto* good :
         {"0.0", "99.0.2.6", "99.821.5.1.1", "4294967295.0", "1.2.3.4.5.6.7.8.9.10.11.12.13.14.15.16"}) {
        const auto code = result_code::from_text(good);
        ASSERT_TRUE(code) << good;
        EXPECT_EQ(code->text(), good);
    }
    for (const auto* bad : {"", "1", ".", "1.", ".1", "1..2", "01.2", "1.02", "1.00", "+1.2", "-1.2", "1.2 ", " 1.2",
                            "1.x", "4294967296.1", "1.2.3.4.5.6.7.8.9.10.11.12.13.14.15.16.17"})
        EXPECT_FALSE(result_code::from_text(bad)) << bad;
}

TEST(XprotoResultCode, KnowsItsClass)
{
    EXPECT_EQ(codes::stored.status_class(), 2U);
    EXPECT_EQ(codes::busy.status_class(), 4U);
    EXPECT_EQ((result_code{99, 821, 5, 1, 1}).status_class(), 5U);
    EXPECT_EQ((result_code{121, 0, 2, 1}).status_class(), 0U);
    EXPECT_EQ(codes::killed.status_class(), 0U);
}

TEST(XprotoCodes, AreSortedNamedAndSendable)
{
    std::set<std::string_view> names;
    const code_entry* before = nullptr;
    for (const auto& row : code_registry()) {
        EXPECT_TRUE(!before || before->code < row.code) << row.name;
        before = &row;
        EXPECT_TRUE(names.insert(row.name).second) << row.name << " twice";
        EXPECT_EQ(text_of(row.code), row.text);
        EXPECT_EQ(name_of(row.code), row.name);
        const auto sent = "[1 OK " + row.code.text() + ' ' + std::string(row.text) + ']';
        EXPECT_TRUE(parse_line(sent)) << sent;
    }
    EXPECT_EQ(text_of({121, 0, 2, 1}), "");
    EXPECT_EQ(name_of({99, 0, 5, 999}), "");
}

// The specification prints the registry: `| 99.0.2.1 | greetings | Greetings friend. | ...`.
TEST(XprotoCodes, AreThoseOfTheSpecification)
{
    std::ifstream file(std::string(ISTHMUS_TESTS_DIR) + "/../docs/xproto.md");
    std::set<std::string> printed;
    for (std::string row; std::getline(file, row);) {
        const auto second = row.find(" | ", 2);
        const auto third = second == row.npos ? row.npos : row.find(" | ", second + 3);
        const auto fourth = third == row.npos ? row.npos : row.find(" |", third + 3);
        if (row.starts_with("| 99.0.") || row.starts_with("| 108.")) printed.insert(row.substr(2, fourth - 2));
    }
    std::set<std::string> registered;
    for (const auto& row : code_registry()) {
        std::ostringstream text;
        text << row.code.text() << " | " << row.name << " | " << row.text;
        registered.insert(text.str());
    }
    EXPECT_EQ(printed, registered);
}

} // namespace
