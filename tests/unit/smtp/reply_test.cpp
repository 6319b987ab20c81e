// Replies and the answer to EHLO, read and written.
#include "smtp/errc.hpp"
#include "smtp/extensions.hpp"
#include "smtp/reply.hpp"

#include <gtest/gtest.h>

namespace smtp {
void PrintTo(const reply& r, std::ostream* out)
{
    *out << format(r);
}
} // namespace smtp

namespace {

using smtp::reply;
using smtp::reply_parser;

struct reply_row {
    const char* name;
    reply value;
    std::string octets;
};

const std::vector<reply_row>& table()
{
    static const std::vector<reply_row> rows = {
        {"plain", {250, "ok"}, "250 ok\r\n"},
        {"enhanced", {550, {5, 1, 1}, "no such user"}, "550 5.1.1 no such user\r\n"},
        {"wide enhanced", {450, {4, 123, 999}, "x"}, "450 4.123.999 x\r\n"},
        {"lines",
         {250, {}, std::vector<std::string>{"host", "SIZE 10", "DSN"}},
         "250-host\r\n250-SIZE 10\r\n250 DSN\r\n"},
        {"enhanced lines", {550, {5, 7, 1}, std::vector<std::string>{"a", "b"}}, "550-5.7.1 a\r\n550 5.7.1 b\r\n"},
        {"empty text", {354, ""}, "354 \r\n"},
        {"an empty line between", {214, {}, std::vector<std::string>{"a", "", "b"}}, "214-a\r\n214-\r\n214 b\r\n"},
    };
    return rows;
}

TEST(SmtpReply, IsReadBackFromWhatWasWritten)
{
    for (const auto& [name, value, octets] : table()) {
        EXPECT_EQ(format(value), octets) << name;
        for (std::size_t split = 1; split <= octets.size(); ++split) {
            reply_parser parser;
            std::optional<reply> read;
            for (std::size_t at = 0; at < octets.size(); at += split) {
                ASSERT_FALSE(read) << name;
                std::string_view piece = std::string_view(octets).substr(at, split);
                const auto step = parser.read(piece);
                ASSERT_TRUE(step) << name;
                EXPECT_TRUE(piece.empty());
                read = *step;
                EXPECT_EQ(parser.pending(), !read) << name;
            }
            ASSERT_TRUE(read) << name << " split " << split;
            EXPECT_EQ(*read, value) << name << " split " << split;
        }
    }
}

TEST(SmtpReply, StopsAtItsEnd)
{
    reply_parser parser;
    std::string_view input = "250-a\r\n250 b\r\n354 next\r\n";
    const auto first = parser.read(input);
    ASSERT_TRUE(first && *first);
    EXPECT_EQ((*first)->text(), "a b");
    EXPECT_EQ(input, "354 next\r\n");
}

TEST(SmtpReply, ForgivesWhatRealServersWrite)
{
    const reply_row rows[] = {
        {"no text, no space", {250, ""}, "250\r\n"},
        {"LF alone", {250, "ok"}, "250 ok\n"},
        {"code of another class is text", {250, "5.1.1 hm"}, "250 5.1.1 hm\r\n"},
        {"version number is text", {220, "2.0 server"}, "220 2.0 server\r\n"},
        {"enhanced code alone", {250, {2, 0, 0}, ""}, "250 2.0.0\r\n"},
        {"enhanced code only in the first line",
         {250, {2, 0, 0}, std::vector<std::string>{"a", "b"}},
         "250-2.0.0 a\r\n250 b\r\n"},
        {"enhanced code only in the last line",
         {250, {2, 0, 0}, std::vector<std::string>{"a", "b"}},
         "250-a\r\n250 2.0.0 b\r\n"},
        {"enhanced codes that differ",
         {250, {2, 0, 0}, std::vector<std::string>{"a", "2.1.0 b"}},
         "250-2.0.0 a\r\n250 2.1.0 b\r\n"},
        {"8-bit text", {250, "gr\xFC\xDF"}, "250 gr\xFC\xDF\r\n"},
    };
    for (const auto& [name, want, octets] : rows) {
        reply_parser parser;
        std::string_view input = octets;
        const auto read = parser.read(input);
        ASSERT_TRUE(read && *read) << name;
        EXPECT_EQ(**read, want) << name;
    }
}

TEST(SmtpReply, RefusesWhatIsNone)
{
    for (const std::string octets :
         {"\r\n", "\n", "ok\r\n", "25 ok\r\n", "2500 ok\r\n", "250_ok\r\n", "150 ok\r\n", "650 ok\r\n", "25x ok\r\n",
          " 250 ok\r\n", "250-a\r\n251 b\r\n", "250-a\r\nb\r\n"}) {
        reply_parser parser;
        std::string_view input = octets;
        const auto read = parser.read(input);
        ASSERT_FALSE(read) << octets;
        EXPECT_EQ(read.error(), smtp::errc::bad_reply) << octets;
    }
}

TEST(SmtpReply, IsBounded)
{
    smtp::reply_limits limits;
    limits.line = 20;
    limits.lines = 3;
    limits.octets = 40;
    const auto read = [&](const std::string& octets) {
        reply_parser parser(limits);
        std::string_view input = octets;
        return parser.read(input);
    };
    EXPECT_TRUE(read("250 " + std::string(14, 'x') + "\r\n"));
    EXPECT_EQ(read("250 " + std::string(15, 'x') + "\r\n").error(), smtp::errc::reply_too_long);
    EXPECT_EQ(read("250 " + std::string(17, 'x')).error(), smtp::errc::reply_too_long);
    EXPECT_TRUE(read("250-x\r\n250-x\r\n250 x\r\n"));
    EXPECT_EQ(read("250-x\r\n250-x\r\n250-x\r\n250 x\r\n").error(), smtp::errc::reply_too_long);
    EXPECT_EQ(read("250-xxxxxxxxxxxx\r\n250-xxxxxxxxxxxx\r\n250 xxx\r\n").error(), smtp::errc::reply_too_long);
}

TEST(SmtpReply, TextCannotForgeLines)
{
    EXPECT_EQ(format(reply(250, {2, 0, 0}, std::string("a\r\n250 b\0c\x7F", 11))), "250 2.0.0 a??250 b?c?\r\n");
}

TEST(SmtpReply, LongLinesAreContinued)
{
    std::string words;
    for (int i = 0; i < 300; ++i) words += "word ";
    std::string umlauts = "x"; // so that a cut at an even distance would go through a character
    for (int i = 0; i < 600; ++i) umlauts += "ü";
    const std::vector<std::string> texts = {words + "end", std::string(3000, 'x'), umlauts, std::string(1000, ' ')};
    for (const auto& text : texts) {
        const auto octets = format(reply(550, {5, 123, 456}, text));
        std::string joined;
        std::string_view rest = octets;
        while (!rest.empty()) {
            const auto end = rest.find("\r\n");
            ASSERT_LE(end + 2, 512U);
            const auto line = rest.substr(0, end);
            EXPECT_EQ(line.substr(4, 10), "5.123.456 ");
            EXPECT_EQ(line[3], end + 2 == rest.size() ? ' ' : '-');
            const auto last = static_cast<unsigned char>(line.back());
            const auto first = static_cast<unsigned char>(line[14]);
            EXPECT_FALSE((first & 0xC0) == 0x80) << "a line begins inside a character";
            EXPECT_FALSE(last >= 0xC0) << "a line ends inside a character";
            joined += line.substr(14);
            rest.remove_prefix(end + 2);
        }
        const auto without_spaces = [](std::string s) {
            std::erase(s, ' ');
            return s;
        };
        EXPECT_EQ(without_spaces(joined), without_spaces(text)) << "nothing but spaces at the cuts may go";
    }
}

TEST(SmtpExtensions, AreReadBackFromWhatWasOffered)
{
    smtp::extensions all;
    all.pipelining = all.size = all.eight_bit_mime = all.smtputf8 = all.chunking = all.binarymime = true;
    all.enhanced_codes = all.dsn = all.start_tls = all.require_tls = true;
    all.size_limit = 12345678901;
    for (const auto& offered : {smtp::extensions(), all}) {
        auto lines = ehlo_lines(offered);
        lines.insert(lines.begin(), "PIPELINING is a strange name for a host");
        EXPECT_EQ(smtp::parse_ehlo(reply(250, {}, lines)), offered);
    }
    EXPECT_EQ(ehlo_lines(all).size(), 10U);
}

TEST(SmtpExtensions, UnknownAndMalformedOnesArePassedOver)
{
    const reply answer(
        250, {},
        std::vector<std::string>{"host", "size -5", "SIZE", "8bitmime", "X-NEW thing", "", "AUTH=LOGIN", "DSN extra"});
    smtp::extensions want;
    want.size = want.eight_bit_mime = want.dsn = true;
    EXPECT_EQ(smtp::parse_ehlo(answer), want);
}

} // namespace
