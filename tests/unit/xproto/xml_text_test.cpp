// Characters, escapes, numbers and timestamps of XML objects.
#include "xproto/xml_text.hpp"

#include "xproto/field.hpp"

#include <gtest/gtest.h>

namespace {

using namespace xproto;

TEST(PlainText, IsUtf8OfXmlCharactersWithoutLineEnds)
{
    struct row {
        std::string_view name, octets;
        bool plain;
    };
    using namespace std::string_view_literals;
    const row table[] = {
        {"empty", ""sv, true},
        {"ASCII and specials", "a <b> & \"c\" ]]>"sv, true},
        {"tab", "\ta"sv, true},
        {"DEL is an XML character", "\x7f"sv, true},
        {"two, three and four octets", "\xc3\xa9\xe4\xbe\x8b\xf0\x9f\x99\x82"sv, true},
        {"last character", "\xf4\x8f\xbf\xbf"sv, true},
        {"private use", "\xee\x80\x80"sv, true},
        {"U+FFFD", "\xef\xbf\xbd"sv, true},
        {"carriage return", "a\rb"sv, false},
        {"line feed", "a\nb"sv, false},
        {"NUL", "a\0b"sv, false},
        {"U+0001", "\x01"sv, false},
        {"U+001F", "\x1f"sv, false},
        {"lone continuation", "\x80"sv, false},
        {"cut short", "abcdefgh\xe4\xbe"sv, false},
        {"overlong slash", "\xc0\xaf"sv, false},
        {"overlong, three octets", "\xe0\x80\xaf"sv, false},
        {"overlong, four octets", "\xf0\x80\x80\xaf"sv, false},
        {"surrogate", "\xed\xa0\x80"sv, false},
        {"U+FFFE", "\xef\xbf\xbe"sv, false},
        {"U+FFFF", "\xef\xbf\xbf"sv, false},
        {"above U+10FFFF", "\xf4\x90\x80\x80"sv, false},
        {"five octets", "\xf8\x88\x80\x80\x80"sv, false},
        {"Latin-1", "caf\xe9 noir"sv, false},
    };
    for (const auto& [name, octets, plain] : table) {
        EXPECT_EQ(is_plain_text(octets), plain) << name;
        for (std::size_t before = 1; before < 10; ++before) // the same in every lane of the fast path
            EXPECT_EQ(is_plain_text(std::string(before, 'x') + std::string(octets) + "yyyyyyyyy"), plain) << name;
    }
}

TEST(XmlText, EscapesWhatCharacterDataMayNotHold)
{
    std::string out;
    xml::append_text(out, "a<b & \"c\" > d ]]> ]>");
    EXPECT_EQ(out, "a&lt;b &amp; \"c\" > d ]]&gt; ]&gt;");
}

TEST(XmlText, EscapesWhatAttributesMayNotHold)
{
    std::string out;
    xml::append_attribute(out, "v", "<\t&\">'");
    EXPECT_EQ(out, " v=\"&lt;&#9;&amp;&quot;>'\"");
}

TEST(XmlText, KnowsTheCodePointsOfXml)
{
    for (const std::uint32_t code : {0x9u, 0xau, 0xdu, 0x20u, 0x7fu, 0xd7ffu, 0xe000u, 0xfffdu, 0x10000u, 0x10ffffu})
        EXPECT_TRUE(xml::is_character(code)) << code;
    for (const std::uint32_t code : {0u, 0x1fu, 0xd800u, 0xdfffu, 0xfffeu, 0xffffu, 0x110000u, 0xffffffffu})
        EXPECT_FALSE(xml::is_character(code)) << code;
}

TEST(Timestamp, IsRfc3339InUtc)
{
    const std::pair<std::int64_t, std::string_view> table[] = {
        {0, "1970-01-01T00:00:00Z"},
        {1'795'348'800, "2026-11-22T12:00:00Z"},
        {951'782'400, "2000-02-29T00:00:00Z"},
        {-1, "1969-12-31T23:59:59Z"},
        {xml::first_timestamp, "0000-01-01T00:00:00Z"},
        {xml::last_timestamp, "9999-12-31T23:59:59Z"},
    };
    for (const auto& [time, text] : table) {
        EXPECT_EQ(xml::timestamp(time), text);
        EXPECT_EQ(xml::from_timestamp(text), time);
    }
}

TEST(Timestamp, RefusesEveryOtherSpelling)
{
    for (const std::string_view text :
         {"", "2026-11-22T12:00:00", "2026-11-22T12:00:00z", "2026-11-22t12:00:00Z", "2026-11-22 12:00:00Z",
          "2026-11-22T12:00:00.0Z", "2026-11-22T12:00:00+00:00", "2026-02-29T00:00:00Z", "2026-13-01T00:00:00Z",
          "2026-00-01T00:00:00Z", "2026-01-00T00:00:00Z", "2026-01-01T24:00:00Z", "2026-01-01T23:60:00Z",
          "2016-12-31T23:59:60Z", "12026-01-01T00:00:00Z", "-026-01-01T00:00:00Z", "2026-1-01T00:00:00Z "})
        EXPECT_EQ(xml::from_timestamp(text), std::nullopt) << text;
}

TEST(Number, IsDecimalWithoutSignOrLeadingZeros)
{
    EXPECT_EQ(xml::number("0"), 0u);
    EXPECT_EQ(xml::number("18446744073709551615"), UINT64_MAX);
    for (const std::string_view text : {"", "00", "01", "-1", "+1", " 1", "1 ", "1.0", "0x1", "18446744073709551616"})
        EXPECT_EQ(xml::number(text), std::nullopt) << text;
}

} // namespace
