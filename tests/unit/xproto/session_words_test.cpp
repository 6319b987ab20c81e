// The small words of sessions, each with its inverse: windows, announcements, options, outcomes, names of objects,
// hosts and nonces.
#include "xproto/announcement.hpp"
#include "xproto/extensions.hpp"
#include "xproto/helo_transcript.hpp"
#include "xproto/options.hpp"
#include "xproto/outcome.hpp"
#include "xproto/window.hpp"

#include <gtest/gtest.h>

namespace {

using namespace xproto;

// The views in the result end with `octets`.
line read(std::string_view octets)
{
    return parse_line(octets.substr(0, octets.size() - 2)).value();
}

TEST(XprotoWindow, IsReadAsItWasWritten)
{
    for (const window w : {window{1, 1}, window{64, 16 << 20}, window{4294967295U, 999999999999999999U}})
        EXPECT_EQ(window_from_text(to_text(w)), w);
    for (const auto* bad : {"", ";", "1", "1;", ";1", "0;1", "1;0", "1;1;1", "4294967296;1", "01;1", "-1;1"})
        EXPECT_FALSE(window_from_text(bad)) << bad;
}

TEST(XprotoObjectType, HasANameBothWays)
{
    for (const auto type : object_types) EXPECT_EQ(object_type_from_text(to_text(type)), type);
    EXPECT_FALSE(object_type_from_text("message/rfc822"));
    EXPECT_FALSE(object_type_from_text("Message/Body"));
}

TEST(XprotoHostName, IsLettersDigitsHyphensAndDots)
{
    EXPECT_EQ(host_name("MX1.Example"), "mx1.example");
    EXPECT_EQ(host_name("a"), "a");
    EXPECT_EQ(host_name("xn--bcher-kva.example"), "xn--bcher-kva.example");
    EXPECT_TRUE(host_name(std::string(253, 'a')));
    const std::string too_long(254, 'a');
    for (const std::string& bad : {std::string(""), std::string("."), std::string("a."), std::string(".a"),
                                   std::string("a..b"), std::string("-a"), std::string("a.-b"), std::string("a_b"),
                                   std::string("b\xc3\xbc"
                                               "cher"),
                                   std::string("a b"), std::string("[127.0.0.1]"), too_long})
        EXPECT_FALSE(host_name(bad)) << bad;
}

TEST(XprotoNonce, IsLowerCaseHexadecimal)
{
    const std::string octets("\x00\x7f\x80\xff and twelve more", 20);
    EXPECT_EQ(nonce_from_text(nonce_text(octets)), octets);
    EXPECT_FALSE(nonce_from_text(nonce_text(std::string(15, 'x'))));
    EXPECT_TRUE(nonce_from_text(nonce_text(std::string(64, 'x'))));
    EXPECT_FALSE(nonce_from_text(nonce_text(std::string(65, 'x'))));
    EXPECT_FALSE(nonce_from_text("0123456789ABCDEF0123456789ABCDEF"));
    EXPECT_FALSE(nonce_from_text("0123456789abcdef0123456789abcdef0"));
}

TEST(XprotoAnnouncement, IsReadAsItWasWritten)
{
    announcement full;
    full.versions = {"0.9", "1.0"};
    full.host = "mx.test";
    full.nonce = std::string(16, '\xff');
    full.chunk = 1;
    full.objects[0] = 2;
    full.objects[1] = 3;
    full.objects[2] = 4;
    full.recipients = 5;
    full.options.set(option::pipe, true);
    full.window = window{7, 8};
    for (const auto& said : {announcement(), full}) {
        std::string out;
        line_writer line(out, 0, word::tmp, codes::welcome);
        write_announcement(core_extensions(), line, said);
        line.end();
        announcement heard;
        ASSERT_TRUE(read_announcement(core_extensions(), read(out).groups, heard)) << out;
        EXPECT_EQ(heard.versions, said.versions);
        EXPECT_EQ(heard.host, said.host);
        EXPECT_EQ(heard.nonce, said.nonce);
        EXPECT_EQ(heard.options, said.options);
        EXPECT_EQ(heard.window, said.window);
        EXPECT_EQ(heard.chunk, said.chunk);
        for (int i = 0; i < 3; ++i) EXPECT_EQ(heard.objects[i], said.objects[i]);
        EXPECT_EQ(heard.recipients, said.recipients);
    }
}

TEST(XprotoAnnouncement, KnownWordsMustBeUnderstoodAndUnknownOnesNeedNot)
{
    for (const auto* bad : {"(VER)", "(HOST)", "(NONCE)", "(WINDOW)", "(WINDOW=1)", "(LIMITS CHUNK=0)", "(HOST=a_b)",
                            "(NONCE=00)", "(LIMITS)", "(LIMITS BODY)", "(LIMITS BODY=x)", "(LIMITS BODY=1  CHUNK=1)",
                            "(VER=1;2;3;4;5;6;7;8;9;10;11;12;13;14;15;16;17)"}) {
        announcement heard;
        EXPECT_FALSE(
            read_announcement(core_extensions(), read("[* TMP 99.0.3.1 " + std::string(bad) + "]\r\n").groups, heard))
            << bad;
    }
    announcement heard;
    const auto odd = read("[* TMP 99.0.3.1 (BAZ) (FOO=1, BAR) (LIMITS MAILMAX=9 BODY=7) (X some text)]\r\n");
    EXPECT_TRUE(read_announcement(core_extensions(), odd.groups, heard));
    EXPECT_EQ(heard.objects[2], 7U);
    EXPECT_EQ(heard.chunk, announcement::unlimited);
}

TEST(XprotoOptions, NoMoreAreJudgedThanASessionNeeds)
{
    announcement said;
    std::string groups = "(A0";
    for (std::size_t i = 1; i < most_options; ++i) groups += ", A" + std::to_string(i);
    EXPECT_EQ(judge_options(core_extensions(), groups + ")", {}, {}, said).size(), most_options);
    EXPECT_TRUE(judge_options(core_extensions(), groups + ", B)", {}, {}, said).empty());
    EXPECT_TRUE(judge_options(core_extensions(), "", {}, {}, said).empty());
}

// However much is said about the recipients, every line fits, and everything is read again.
TEST(XprotoOutcome, IsReadAsItWasWritten)
{
    const session_limits limits;
    for (const std::size_t recipients : {0, 1, 9, 10, 1000}) {
        outcome said{{99, 821, 5, 7, 1}, std::string(400, ']'), 554, {}};
        for (std::size_t i = 1; i <= recipients; ++i) {
            recipient_answer r;
            r.number = static_cast<std::uint32_t>(4294967295U - i);
            r.accepted = i % 3 == 0;
            r.code = {4294967295U, 4294967295U, 4294967295U, 4294967295U, 4294967295U, 4294967295U,
                      4294967295U, 4294967295U, 4294967295U, 4294967295U, 4294967295U, 4294967295U,
                      4294967295U, 4294967295U, 4294967295U, 4294967295U};
            r.text = std::string(256, ')');
            r.smtp_code = i % 2 ? 550 : 0;
            said.recipients.push_back(r);
        }
        std::string out;
        write_outcome(out, 4294967295U, word::err, said, limits);
        outcome heard;
        for (std::size_t at = 0; at < out.size();) {
            const auto end = out.find("\r\n", at) + 2;
            EXPECT_LE(end - at, limits.line);
            const auto parsed = read(std::string_view(out).substr(at, end - at));
            EXPECT_TRUE(read_outcome(parsed, heard, limits));
            EXPECT_EQ(parsed.kind, end == out.size() ? word::err : word::tmp);
            EXPECT_EQ(parsed.tag, 4294967295U);
            at = end;
        }
        EXPECT_EQ(heard.code, said.code);
        EXPECT_EQ(heard.text, said.text);
        EXPECT_EQ(heard.smtp_code, said.smtp_code);
        EXPECT_EQ(heard.recipients, said.recipients);
    }
}

TEST(XprotoOutcome, WhatASloppyDriverSaysIsStillALine)
{
    session_limits limits;
    outcome said{codes::policy, "", 99, {}};
    said.recipients.resize(1);
    said.recipients[0].number = 1;
    said.recipients[0].smtp_code = 1000;
    std::string out;
    write_outcome(out, 1, word::err, said, limits);
    EXPECT_EQ(out, "[1 ERR 99.0.5.26 (RCPT=1 ERR 99.0.5.28) Refused by policy.]\r\n");
}

TEST(XprotoOutcome, WhatIsSaidAboutRecipientsMustBeUnderstood)
{
    const session_limits limits;
    for (const auto* bad : {"(RCPT)", "(RCPT=1)", "(RCPT=1 text)", "(RCPT ERR 1.2)", "(RCPT=0 ERR 1.2)",
                            "(RCPT=x ERR 1.2)", "(RCPT=4294967296 ERR 1.2)", "(RCPT=1;99 ERR 1.2)", "(RCPT=1; ERR 1.2)",
                            "(RCPT=1 TMP 1.2)", "(SMTP)", "(SMTP 99)", "(SMTP 600)", "(SMTP=550)"}) {
        const std::string octets = "[1 OK 99.0.2.6 " + std::string(bad) + "]";
        const auto response = parse_line(octets);
        ASSERT_TRUE(response) << octets;
        outcome heard;
        EXPECT_FALSE(read_outcome(*response, heard, limits)) << bad;
    }
}

TEST(XprotoHeloTranscript, NamesEveryFactWithItsLength)
{
    const helo_transcript facts{"client", "server nonce", "", "a.test", "b.test", std::string_view("\0\n", 2)};
    EXPECT_EQ(facts.octets(),
              std::string("xproto-helo-v1\nrole 6 client\nserver-nonce 12 server nonce\nclient-nonce 0 \n"
                          "client-host 6 a.test\nserver-host 6 b.test\ntls-exporter 2 ") +
                  std::string("\0\n\n", 3));
}

} // namespace
