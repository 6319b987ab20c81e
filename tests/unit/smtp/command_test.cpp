// Command lines and their arguments, read and written.
#include "smtp/bdat.hpp"
#include "smtp/command.hpp"

#include <gtest/gtest.h>

namespace smtp {
void PrintTo(const parameter& p, std::ostream* out)
{
    *out << p.keyword << (p.value ? "=" + *p.value : "");
}
} // namespace smtp

namespace {

using smtp::verb;

struct command_row {
    std::string line;
    verb name;
    std::string argument;
};

TEST(SmtpCommand, IsSplitIntoVerbAndArgument)
{
    const command_row table[] = {
        {"EHLO host", verb::ehlo, "host"},
        {"helo host", verb::helo, "host"},
        {"Mail FROM:<a@b>", verb::mail, "FROM:<a@b>"},
        {"RCPT  TO:<a@b>  ", verb::rcpt, "TO:<a@b>"},
        {"DATA", verb::data, ""},
        {"DATA ", verb::data, ""},
        {"BDAT 1 LAST", verb::bdat, "1 LAST"},
        {"RSET", verb::rset, ""},
        {"NOOP x y", verb::noop, "x y"},
        {"VRFY a", verb::vrfy, "a"},
        {"EXPN a", verb::expn, "a"},
        {"HELP", verb::help, ""},
        {"QUIT\t", verb::quit, ""},
        {"StartTLS", verb::start_tls, ""},
        {"GET / HTTP/1.1", verb::http, "/ HTTP/1.1"},
        {"MAILS", verb::unknown, ""},
        {"X1", verb::unknown, ""},
    };
    for (const auto& [line, name, argument] : table) {
        const auto read = smtp::parse_command(line);
        ASSERT_TRUE(read) << line;
        EXPECT_EQ(read->name, name) << line;
        EXPECT_EQ(read->argument, argument) << line;
    }
}

TEST(SmtpCommand, IsRefusedWithoutAVerb)
{
    for (const std::string line :
         {"", " ", " NOOP", "NO-OP", "NOOP:x", "ÄHLO host", "RCPT\tTO:<a@b>", "A123456789012345678901234567890123"}) {
        const auto read = smtp::parse_command(line);
        ASSERT_FALSE(read) << line;
        EXPECT_EQ(read.error(), smtp::errc::bad_command);
    }
}

struct parameters_row {
    std::string text;
    std::vector<smtp::parameter> want;
};

TEST(SmtpCommand, ParametersAreKeptAsWritten)
{
    const parameters_row table[] = {
        {"", {}},
        {"  ", {}},
        {"SIZE=1", {{"SIZE", "1"}}},
        {" SmtpUtf8  body=8BitMime ", {{"SmtpUtf8", std::nullopt}, {"body", "8BitMime"}}},
        {"X-1-=<>+;,\"'()", {{"X-1-", "<>+;,\"'()"}}},
        {"ORCPT=utf-8;é", {{"ORCPT", "utf-8;é"}}},
    };
    for (const auto& [text, want] : table) {
        const auto read = smtp::parse_parameters(text);
        ASSERT_TRUE(read) << text;
        EXPECT_EQ(*read, want) << text;
    }
}

TEST(SmtpCommand, ParametersAreRefused)
{
    using namespace std::string_literals;
    for (const auto& text : {"="s, "=1"s, "-X"s, "X_Y"s, "SIZE="s, "A=b=c"s, "A=\x01"s, "A=\x7F"s, "A=\0"s, "A=\xC3"s,
                             "A B a=1"s, "A\tB"s}) {
        const auto read = smtp::parse_parameters(text);
        ASSERT_FALSE(read) << text;
        EXPECT_EQ(read.error(), smtp::errc::bad_parameter) << text;
    }
}

TEST(SmtpCommand, MailAndRcptAreReadBackFromWhatWasWritten)
{
    const std::vector<smtp::parameter> parameters = {{"SIZE", "10"}, {"SMTPUTF8", std::nullopt}};
    const auto mail = smtp::format_mail("a@b.test", parameters);
    EXPECT_EQ(mail, "MAIL FROM:<a@b.test> SIZE=10 SMTPUTF8");
    const auto mail_command = smtp::parse_command(mail);
    ASSERT_TRUE(mail_command);
    const auto read_mail = smtp::parse_mail(mail_command->argument);
    ASSERT_TRUE(read_mail);
    EXPECT_EQ(read_mail->reverse_path, "a@b.test");
    EXPECT_EQ(read_mail->parameters, parameters);

    const smtp::recipient to{R"("odd > one"@b.test)", {{"NOTIFY", "NEVER"}}};
    const auto rcpt = smtp::format_rcpt(to);
    EXPECT_EQ(rcpt, R"(RCPT TO:<"odd > one"@b.test> NOTIFY=NEVER)");
    const auto rcpt_command = smtp::parse_command(rcpt);
    ASSERT_TRUE(rcpt_command);
    const auto read_rcpt = smtp::parse_rcpt(rcpt_command->argument);
    ASSERT_TRUE(read_rcpt);
    EXPECT_EQ(read_rcpt->recipient, to);

    EXPECT_EQ(smtp::format_mail("", {}), "MAIL FROM:<>");
}

struct chunk_row {
    std::string argument;
    smtp::chunk want;
};

TEST(SmtpBdat, IsReadBackFromWhatWasWritten)
{
    const chunk_row table[] = {
        {"0", {0, false}},
        {"0 LAST", {0, true}},
        {"1000", {1000, false}},
        {"86   last", {86, true}},
        {"0000000000000000000000001", {1, false}},
        {"9223372036854775807 LAST", {9223372036854775807U, true}},
    };
    for (const auto& [argument, want] : table) {
        const auto read = smtp::parse_chunk(argument);
        ASSERT_TRUE(read) << argument;
        EXPECT_EQ(*read, want) << argument;
        const auto again = smtp::parse_chunk(smtp::format(want).substr(5));
        ASSERT_TRUE(again);
        EXPECT_EQ(*again, want) << argument;
    }
}

TEST(SmtpBdat, IsRefusedWhenTheSizeIsInDoubt)
{
    for (const std::string argument :
         {"", "LAST", "-1", "+1", "0x10", "1LAST", "1 FIRST", "1 LAST LAST", "9223372036854775808",
          "18446744073709551616", "99999999999999999999999999", "1\tLAST"}) {
        EXPECT_FALSE(smtp::parse_chunk(argument)) << argument;
    }
}

} // namespace
