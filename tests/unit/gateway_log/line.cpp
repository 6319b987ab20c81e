// A peer chooses many of the octets that are logged. Whatever they are, a line stays one line with the program's
// fields.
#include "gateway/log/logger.hpp"

#include <gtest/gtest.h>

namespace gateway::log {
namespace {

constexpr std::int64_t moment = 1763774625678; // 2025-11-22 01:23:45.678 UTC

struct value_row {
    const char* name;
    std::string value;
    std::string logfmt; // as it stands after v=
    std::string json;   // as it stands after "v":
};

class LogLine : public testing::TestWithParam<value_row> {};

TEST_P(LogLine, QuotesWhateverAValueHolds)
{
    const auto& row = GetParam();
    EXPECT_EQ(line(format::logfmt, moment, level::info, "e", {{"v", row.value}}),
              "id=- time=2025-11-22T01:23:45.678Z level=info event=e v=" + row.logfmt);
    EXPECT_EQ(line(format::json, moment, level::info, "e", {{"v", row.value}}),
              R"({"id":"-","time":"2025-11-22T01:23:45.678Z","level":"info","event":"e","v":)" + row.json + "}");
}

const auto long_run = std::string(max_value_octets, 'a');

INSTANTIATE_TEST_SUITE_P(
    Table, LogLine,
    testing::Values(
        value_row{"Plain", "bob@edge.example", "bob@edge.example", R"("bob@edge.example")"},
        value_row{"Empty", "", R"("")", R"("")"}, value_row{"Space", "a b", R"("a b")", R"("a b")"},
        value_row{"ForgedField", "x level=error", R"("x level=error")", R"("x level=error")"},
        value_row{"Equals", "a=b", R"("a=b")", R"("a=b")"},
        value_row{"ForgedLine", "x\r\nid=7 event=delivered", R"("x\r\nid=7 event=delivered")",
                  R"("x\r\nid=7 event=delivered")"},
        value_row{"Quote", R"(say "hi")", R"("say \"hi\"")", R"("say \"hi\"")"},
        value_row{"Backslash", R"(a\b)", R"("a\\b")", R"("a\\b")"}, value_row{"Tab", "a\tb", R"("a\tb")", R"("a\tb")"},
        value_row{"Nul", std::string("a\0b", 3), R"("a\x00b")", R"("a\\x00b")"},
        value_row{"TerminalEscape", "\x1b[31m", R"("\x1b[31m")", R"("\\x1b[31m")"},
        value_row{"Delete", "\x7f", R"("\x7f")", R"("\\x7f")"},
        value_row{"Utf8", "jürgen", R"("jürgen")", R"("jürgen")"}, value_row{"FourOctets", "😀", R"("😀")", R"("😀")"},
        value_row{"Latin1", "j\xfcrgen", R"("j\xfcrgen")", R"("j\\xfcrgen")"},
        value_row{"CutSequence", "\xe2\x82", R"("\xe2\x82")", R"("\\xe2\\x82")"},
        value_row{"Overlong", "\xc0\xaf", R"("\xc0\xaf")", R"("\\xc0\\xaf")"},
        value_row{"OverlongThree", "\xe0\x80\xaf", R"("\xe0\x80\xaf")", R"("\\xe0\\x80\\xaf")"},
        value_row{"Surrogate", "\xed\xa0\x80", R"("\xed\xa0\x80")", R"("\\xed\\xa0\\x80")"},
        value_row{"BeyondUnicode", "\xf4\x90\x80\x80", R"("\xf4\x90\x80\x80")", R"("\\xf4\\x90\\x80\\x80")"},
        value_row{"NextLineC1", "\xc2\x85", R"("\xc2\x85")", R"("\\xc2\\x85")"},
        value_row{"LineSeparator", "\xe2\x80\xa8", R"("\xe2\x80\xa8")", R"("\\xe2\\x80\\xa8")"},
        value_row{"RightToLeftOverride", "\xe2\x80\xae", R"("\xe2\x80\xae")", R"("\\xe2\\x80\\xae")"},
        value_row{"LongestUncut", long_run, long_run, "\"" + long_run + "\""},
        value_row{"Cut", long_run + "b", "\"" + long_run + "...\"", "\"" + long_run + "...\""},
        value_row{"CutBeforeACharacter", long_run.substr(1) + "ü", "\"" + long_run.substr(1) + "...\"",
                  "\"" + long_run.substr(1) + "...\""}),
    [](const auto& row) { return row.param.name; });

TEST(LogLineOfAnyOctets, StaysOneLineOfPrintableTextWithBalancedQuotes)
{
    for (int first = 0; first < 256; ++first)
        for (int second = 0; second < 256; ++second) {
            const std::string value{static_cast<char>(first), static_cast<char>(second)};
            for (const auto style : {format::logfmt, format::json}) {
                const auto text = line(style, moment, level::info, "e", {{"v", value}, {"w", 1}});
                for (const char c : text) ASSERT_FALSE((c >= 0 && c < ' ') || c == 127) << first << ' ' << second;
                EXPECT_TRUE(text.ends_with(style == format::json ? ",\"w\":1}" : " w=1")) << text;
            }
        }
}

TEST(LogLineFields, PutTheIdFirstWhereverItStands)
{
    EXPECT_EQ(line(format::logfmt, moment, level::warning, "deferred", {{"rcpt", "a@b"}, {"id", "4fa1.2"}}),
              "id=4fa1.2 time=2025-11-22T01:23:45.678Z level=warning event=deferred rcpt=a@b");
}

TEST(LogLineFields, WriteNumbersAndTruthPlainly)
{
    EXPECT_EQ(
        line(format::logfmt, 0, level::debug, "e",
             {{"a", -1}, {"b", std::uint64_t{18446744073709551615u}}, {"c", true}, {"d", false}, {"e", 'x'}}),
        "id=- time=1970-01-01T00:00:00.000Z level=debug event=e a=-1 b=18446744073709551615 c=true d=false e=120");
    EXPECT_EQ(line(format::json, 951782400000, level::error, "e", {{"n", 5}, {"t", true}}),
              R"({"id":"-","time":"2000-02-29T00:00:00.000Z","level":"error","event":"e","n":5,"t":true})");
}

} // namespace
} // namespace gateway::log
