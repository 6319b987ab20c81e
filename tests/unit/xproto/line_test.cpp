// The grammar of control lines: what is one, what is none and why, and that reading undoes writing.
#include "xproto/line.hpp"
#include "xproto/line_writer.hpp"
#include "xproto/utf8.hpp"

#include <gtest/gtest.h>

#include <random>

namespace {

using namespace xproto;
using namespace std::literals;

struct malformed {
    std::string octets;
    errc why;
};

TEST(XprotoLine, RefusesWhatIsNotOneLine)
{
    const malformed cases[] = {
        {"", errc::not_a_line},
        {" [1 NOOP]", errc::not_a_line},
        {"1 NOOP", errc::not_a_line},
        {"[]", errc::bad_tag},
        {"[1]", errc::bad_tag},
        {"[ 1 NOOP]", errc::bad_tag},
        {"[0 NOOP]", errc::bad_tag},
        {"[01 NOOP]", errc::bad_tag},
        {"[-1 NOOP]", errc::bad_tag},
        {"[+1 NOOP]", errc::bad_tag},
        {"[1x NOOP]", errc::bad_tag},
        {"[4294967296 NOOP]", errc::bad_tag},
        {"[99999999999999999999999999 NOOP]", errc::bad_tag},
        {"[** NOOP]", errc::bad_tag},
        {"[1 ]", errc::bad_verb},
        {"[1  NOOP]", errc::bad_verb},
        {"[1 noop]", errc::bad_verb},
        {"[1 (NOOP)]", errc::bad_verb},
        {"[1 ABCDEFGHIJKLMNOPQ]", errc::bad_verb},
        {"[1 NOOP", errc::bad_end},
        {"[1 NOOP]]", errc::bad_end},
        {"[1 NOOP] ", errc::bad_end},
        {"[1 NOOP][2 NOOP]", errc::bad_end},
        {"[1 NOOPx]", errc::bad_end},
        {"[1 NOOP ]", errc::bad_parameter},
        {"[1 NOOP  a]", errc::bad_parameter},
        {"[1 NOOP a ]", errc::bad_parameter},
        {"[1 NOOP=]", errc::bad_parameter},
        {"[1 NOOP= a]", errc::bad_parameter},
        {"[1 NOOP a,b]", errc::bad_end},
        {"[1 NOOP a\"b\"]", errc::bad_end},
        {"[1 NOOP \"a]", errc::bad_parameter},
        {"[1 NOOP \"a\\n\"]", errc::bad_parameter},
        {"[1 NOOP \"a\\]", errc::bad_parameter},
        {"[1 NOOP {}]", errc::bad_parameter},
        {"[1 NOOP {x}]", errc::bad_parameter},
        {"[1 NOOP {-1}]", errc::bad_parameter},
        {"[1 NOOP {01}]", errc::bad_parameter},
        {"[1 NOOP {1]", errc::bad_parameter},
        {"[1 NOOP { 1}]", errc::bad_parameter},
        {"[1 NOOP {1000000000000000000}]", errc::bad_parameter},
        {"[1 XFER 1 2 3 4 5 6 7 8 9]", errc::too_many_parameters},
        {"[1 OPT (A) b]", errc::bad_end},
        {"[1 OPT (A) ]", errc::bad_end},
        {"[1 OPT (A)(B)]", errc::bad_end},
        {"[1 OPT(A)]", errc::bad_end},
        {"[1 OPT ()]", errc::bad_group},
        {"[1 OPT ( A)]", errc::bad_group},
        {"[1 OPT (A ]", errc::bad_group},
        {"[1 OPT (A]", errc::bad_group},
        {"[1 OPT (A=)]", errc::bad_group},
        {"[1 OPT (=B)]", errc::bad_group},
        {"[1 OPT (A,B)]", errc::bad_group},
        {"[1 OPT (A,  B)]", errc::bad_group},
        {"[1 OPT (A, )]", errc::bad_group},
        {"[1 OPT (A, B text)]", errc::bad_group},
        {"[1 OPT (A (B))]", errc::bad_group},
        {"[1 OPT (A OK)]", errc::bad_group},
        {"[1 OPT (A OK )]", errc::bad_group},
        {"[1 OPT (A OK text)]", errc::bad_group},
        {"[1 OPT (A OK 99.0.2.1 )]", errc::bad_group},
        {"[1 OPT (A OK 99.0.2.1text)]", errc::bad_group},
        {"[1 OPT (A \\x)]", errc::bad_group},
        {"[1 OPT (" + std::string(65, 'A') + ")]", errc::bad_group},
        {"[1 OK]", errc::bad_code},
        {"[1 OK ]", errc::bad_code},
        {"[1 OK text]", errc::bad_code},
        {"[1 OK 99]", errc::bad_code},
        {"[1 OK 99.]", errc::bad_code},
        {"[1 OK 99..2]", errc::bad_code},
        {"[1 OK 99.00]", errc::bad_code},
        {"[1 OK 99.4294967296]", errc::bad_code},
        {"[1 OK 1.2.3.4.5.6.7.8.9.10.11.12.13.14.15.16.17]", errc::bad_code},
        {"[1 OK 99.0.2.1text]", errc::bad_end},
        {"[1 OK 99.0.2.1 ]", errc::bad_text},
        {"[1 OK 99.0.2.1 a)]", errc::bad_end},
        {"[1 OK 99.0.2.1 a(]", errc::bad_end},
        {"[1 OK 99.0.2.1 a]b]", errc::bad_end},
        {"[1 OK 99.0.2.1 a\\]", errc::bad_end},
        {"[1 OK 99.0.2.1 a\\b]", errc::bad_text},
        {"[1 OK 99.0.2.1 (A) (B]", errc::bad_group},
        {"[1 NOOP \0]"s, errc::control_character},
        {"[1 NOOP \t]", errc::control_character},
        {"[1 NOOP \x7f]", errc::control_character},
        {"[1 NOOP]\r", errc::bare_return},
        {"[1 NOOP]\n", errc::bare_newline},
        {"[1 NOOP \xff]", errc::not_utf8},
        {"[1 NOOP \xc0\x80]", errc::not_utf8},
        {"[1 NOOP \xed\xa0\x80]", errc::not_utf8},
        {"[1 NOOP \xf4\x90\x80\x80]", errc::not_utf8},
        {"[1 NOOP \xe2\x82]", errc::not_utf8},
    };
    for (const auto& bad : cases) {
        const auto got = parse_line(bad.octets);
        ASSERT_FALSE(got) << bad.octets;
        EXPECT_EQ(got.error(), bad.why) << bad.octets << ": " << got.error().message();
    }
}

TEST(XprotoLine, TakesWhatIsOne)
{
    const std::string cases[] = {
        "[4294967295 NOOP]",
        "[* ALERT]",
        "[1 ABCDEFGHIJKLMNOP]",
        "[1 OKAY]",
        "[1 XFER a=b;c:d<e>f/g|h~i]",
        "[1 XFER \"\"]",
        "[1 XFER \"a b ] ) ( \\\\ \\\" {}\" {999999999999999999}]",
        "[1 XFER 1 2 3 4 5 6 7 8]",
        "[1 XFER gr\xc3\xbc\xc3\x9f"
        "e@est.com]",
        "[1 OPT (A=\"b ) c\", D.E-F_g) (H)]",
        "[1 OPT (A OKAY then)]",
        "[1 OPT (LIMITS CHUNK=1 BODY=2)]",
        "[1 OK 0.0]",
        "[1 OK 99.0.2.1 [text, {with} \"most\" octets = fine \xf0\x9f\x90\xa7]",
        "[1 OK 99.0.2.1 \\(all\\) \\] \\\\ escapes]",
        "[1 OK 99.0.2.1  two spaces]",
        "[1 ERR 99.0.5.0 (A TMP 99.0.3.1) (B=1 ERR 1.2.3 \\(x\\)) text]",
    };
    for (const auto& good : cases) {
        const auto got = parse_line(good);
        EXPECT_TRUE(got) << good << ": " << got.error().message();
    }
}

TEST(XprotoLine, EscapesAreUndone)
{
    EXPECT_EQ(unescape("\\(a\\) \\] \\\\"), "(a) ] \\");
    EXPECT_EQ(unquote("\"a \\\"b\\\" \\\\\""), "a \"b\" \\");
    EXPECT_EQ(unquote("plain"), "plain");
    EXPECT_EQ(unquote("\"\""), "");
}

TEST(XprotoLine, NumbersHaveOneSpelling)
{
    EXPECT_EQ(braced_number("{0}"), 0U);
    EXPECT_EQ(braced_number("{999999999999999999}"), 999999999999999999U);
    for (const auto* bad : {"", "{}", "{", "0", "{00}", "{1", "1}", "{ 1}", "{1 }", "{0x1}", "{1000000000000000000}"})
        EXPECT_FALSE(braced_number(bad)) << bad;
    EXPECT_EQ(plain_number("18"), 18U);
    EXPECT_FALSE(plain_number("-18"));
}

// --- writing --------------------------------------------------------------------------------------------------------

std::string random_text(std::mt19937& random, std::size_t most)
{
    static const std::string_view pieces[] = {"a",
                                              "Z",
                                              "0",
                                              " ",
                                              "(",
                                              ")",
                                              "[",
                                              "]",
                                              "{",
                                              "}",
                                              "\\",
                                              "\"",
                                              ",",
                                              "=",
                                              ";",
                                              ".",
                                              "@",
                                              "/",
                                              "\xc3\xa4",
                                              "\xe2\x82\xac",
                                              "\xf0\x9f\x90\xa7"};
    std::string text;
    for (auto n = random() % (most + 1); n > 0; --n) text += pieces[random() % std::size(pieces)];
    return text;
}

std::string random_name(std::mt19937& random)
{
    std::string name;
    for (auto n = random() % 8 + 1; n > 0; --n) name += "AZaz09-_."[random() % 9];
    return name;
}

result_code random_code(std::mt19937& random)
{
    return {static_cast<std::uint32_t>(random()), 0, static_cast<std::uint32_t>(random() % 6), 4294967295U};
}

TEST(XprotoLine, RequestsAreReadAsTheyWereWritten)
{
    std::mt19937 random(1);
    for (int i = 0; i < 20000; ++i) {
        std::vector<std::string> parameters(random() % line::max_parameters);
        std::vector<std::pair<std::string, std::string>> groups(random() % 4);
        const auto tag = static_cast<std::uint32_t>(random());
        const auto octets = random() % 1000000;
        std::string out;
        line_writer writer(out, tag, "VERB");
        for (auto& p : parameters) writer.parameter(p = random_text(random, 9));
        writer.octets(octets);
        for (auto& [name, value] : groups) writer.group(name = random_name(random), value = random_text(random, 9));
        writer.end();

        ASSERT_TRUE(out.ends_with("]\r\n"));
        const auto got = parse_line(std::string_view(out).substr(0, out.size() - 2));
        ASSERT_TRUE(got) << out << got.error().message();
        EXPECT_EQ(got->tag, tag);
        EXPECT_EQ(got->verb, "VERB");
        ASSERT_EQ(got->parameter_count, parameters.size() + 1);
        for (std::size_t p = 0; p < parameters.size(); ++p) EXPECT_EQ(unquote(got->parameters[p]), parameters[p]);
        EXPECT_EQ(braced_number(got->parameters[parameters.size()]), octets);
        group_reader reader(got->groups);
        for (const auto& [name, value] : groups) {
            const auto item = reader.next();
            ASSERT_TRUE(item);
            EXPECT_EQ(item->name, name);
            EXPECT_EQ(unquote(item->value.value()), value);
            EXPECT_TRUE(item->first);
        }
        EXPECT_FALSE(reader.next());
    }
}

TEST(XprotoLine, ResponsesAreReadAsTheyWereWritten)
{
    std::mt19937 random(2);
    for (int i = 0; i < 20000; ++i) {
        const auto code = random_code(random);
        const auto inner = random_code(random);
        const auto text = random_text(random, 30);
        const auto inner_text = random_text(random, 9);
        const auto value = std::to_string(random());
        const auto kind = static_cast<word>(1 + random() % 3);
        std::string out;
        line_writer(out, 0, kind, code)
            .answer("RCPT", value, word::err, inner, inner_text, 1000)
            .note("SMTP", "550")
            .text(text, 1000)
            .end();

        const auto got = parse_line(std::string_view(out).substr(0, out.size() - 2));
        ASSERT_TRUE(got) << out << got.error().message();
        EXPECT_EQ(got->tag, 0U);
        EXPECT_EQ(got->kind, kind);
        EXPECT_EQ(got->code, code);
        EXPECT_EQ(unescape(got->text), text);
        group_reader reader(got->groups);
        const auto recipient = reader.next();
        ASSERT_TRUE(recipient);
        EXPECT_EQ(recipient->value, value);
        EXPECT_EQ(recipient->answer, word::err);
        EXPECT_EQ(recipient->code, inner);
        EXPECT_EQ(unescape(recipient->text), inner_text);
        const auto smtp = reader.next();
        ASSERT_TRUE(smtp);
        EXPECT_EQ(smtp->name, "SMTP");
        EXPECT_EQ(smtp->text, "550");
    }
}

TEST(XprotoLine, NoTextCanBreakOutOfItsLine)
{
    struct {
        std::string text;
        std::string written;
    } const cases[] = {
        {"two\r\nlines", "two??lines"},
        {"nul \0!"s, "nul ?!"},
        {"\x7f\x1b[31m", "??[31m"},
        {"]\r\n[1 OK", "\\]??[1 OK"},
        {"not utf-8 \xff", "not utf-8 ?"},
        {"gr\xc3\xbc\xc3\x9f"
         "e",
         "gr\xc3\xbc\xc3\x9f"
         "e"},
    };
    for (const auto& one : cases) {
        std::string out;
        line_writer(out, 1, word::ok, {99, 0}).text(one.text, 100).end();
        EXPECT_EQ(out, "[1 OK 99.0 " + one.written + "]\r\n");
    }
}

TEST(XprotoLine, TextIsCutBetweenCharacters)
{
    for (std::size_t limit = 0; limit < 12; ++limit) {
        std::string out;
        line_writer(out, 1, word::ok, {99, 0}).text("\xc3\xa4\xe2\x82\xac\xf0\x9f\x90\xa7", limit).end();
        EXPECT_TRUE(is_utf8(out)) << limit;
        EXPECT_LE(out.size(), sizeof "[1 OK 99.0 ]\r\n" - 1 + limit);
        EXPECT_TRUE(parse_line(std::string_view(out).substr(0, out.size() - 2))) << out;
    }
}

} // namespace
