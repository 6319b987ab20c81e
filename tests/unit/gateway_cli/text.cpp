// Facts for people, and terminals that obey no peer.
#include "gateway/cli/text.hpp"

#include <gtest/gtest.h>

namespace gateway::cli {
namespace {

TEST(Text, ShowsAgesByTheirTwoLargestUnits)
{
    const std::pair<std::int64_t, const char*> rows[] = {
        {0, "0s"},         {1, "1s"},        {59, "59s"},    {60, "1m"},      {61, "1m 1s"},
        {3599, "59m 59s"}, {3600, "1h"},     {3601, "1h"},   {3660, "1h 1m"}, {86'400, "1d"},
        {90'061, "1d 1h"}, {864'000, "10d"}, {-61, "-1m 1s"}};
    for (const auto& [seconds, want] : rows) EXPECT_EQ(age_text(seconds), want) << seconds;
}

TEST(Text, ShowsSizes)
{
    const std::pair<std::uint64_t, const char*> rows[] = {
        {0, "0 B"},           {1023, "1023 B"},         {1024, "1.0 KiB"},
        {81'818, "79.9 KiB"}, {52'428'800, "50.0 MiB"}, {1ull << 52, "4096.0 TiB"}};
    for (const auto& [octets, want] : rows) EXPECT_EQ(size_text(octets), want);
}

TEST(Text, ShowsTimes)
{
    EXPECT_EQ(time_text(0), "1970-01-01 00:00:00 UTC");
    EXPECT_EQ(time_text(1763774625), "2025-11-22 01:23:45 UTC");
    EXPECT_EQ(time_text(951782400), "2000-02-29 00:00:00 UTC");
    EXPECT_EQ(time_text(-1), "1969-12-31 23:59:59 UTC");
}

TEST(Text, GivesNoControlsToTerminals)
{
    const std::pair<std::string, std::string> rows[] = {
        {"plain jürgen 😀", "plain jürgen 😀"},
        {"\x1b[31mred", "?[31mred"},
        {"a\r\nb\tc\x7f", "a??b?c?"},
        {std::string("a\0b", 3), "a?b"},
        {"\xc2\x9b[2J", "?[2J"}, // CSI as a C1 control
        {"\xe2\x80\xae"
         "evil",
         "?evil"}, // right-to-left override
        {"\xe2\x81\xa6x\xe2\x81\xa9", "?x?"},
        {"\xe2\x80\xa6", "\xe2\x80\xa6"}, // an ellipsis is harmless
        {"\xff", "\xef\xbf\xbd"},
    };
    for (const auto& [text, want] : rows) EXPECT_EQ(printable(text), want);
}

TEST(Text, AlignsColumnsByCharacters)
{
    EXPECT_EQ(columns({{"a", "b"}, {"müller", "c"}, {"", "d", "e"}}), "a       b\nmüller  c\n        d  e\n");
    EXPECT_EQ(columns({}), "");
}

TEST(Text, CountsInWords)
{
    EXPECT_EQ(count_text(0, "message", "messages"), "0 messages");
    EXPECT_EQ(count_text(1, "message", "messages"), "1 message");
    EXPECT_EQ(count_text(2, "message", "messages"), "2 messages");
}

} // namespace
} // namespace gateway::cli
