// The counting server counts right, however its client's octets are cut: a benchmark that miscounts is worth nothing.
#include "gateway/tools/sample_message.hpp"
#include "gateway/tools/smtp_counter.hpp"

#include <gtest/gtest.h>

namespace gateway::tools {
namespace {

struct outcome {
    std::uint64_t messages = 0;
    std::uint64_t octets = 0;
    std::string replies;
    bool over = false;

    bool operator==(const outcome&) const = default;
};

outcome play(std::string_view octets, std::size_t chunk)
{
    smtp_counter counter;
    outcome out;
    for (std::size_t at = 0; at < octets.size() && !counter.over(); at += chunk)
        counter.take(octets.substr(at, chunk), out.replies);
    out.messages = counter.messages();
    out.octets = counter.octets();
    out.over = counter.over();
    return out;
}

struct row {
    const char* name;
    std::string octets;
    std::uint64_t messages;
    bool over;
    std::string replies; // their codes
};

void PrintTo(const row& r, std::ostream* out)
{
    *out << r.name;
}

std::string codes(const std::string& replies)
{
    std::string out;
    for (std::size_t at = 0; at < replies.size(); at = replies.find('\n', at) + 1)
        if (replies[at + 3] == ' ') out += (out.empty() ? "" : " ") + replies.substr(at, 3);
    return out;
}

class SmtpCounter : public testing::TestWithParam<row> {};

TEST_P(SmtpCounter, CountsHoweverTheOctetsAreCut)
{
    const auto& r = GetParam();
    const auto whole = play(r.octets, r.octets.size());
    EXPECT_EQ(whole.messages, r.messages);
    EXPECT_EQ(whole.over, r.over);
    EXPECT_EQ(codes(whole.replies), r.replies);
    for (std::size_t chunk = 1; chunk < r.octets.size(); ++chunk)
        EXPECT_EQ(play(r.octets, chunk), whole) << "chunk " << chunk;
}

const std::string begin = "MAIL FROM:<a@a.example>\r\nRCPT TO:<b@b.example>\r\nDATA\r\n";

INSTANTIATE_TEST_SUITE_P(
    All, SmtpCounter,
    testing::Values(
        row{"OneMessage", "EHLO x\r\n" + begin + "Subject: x\r\n\r\nhello\r\n.\r\nQUIT\r\n", 1, true,
            "250 250 250 354 250 221"},
        row{"LowerCase", "ehlo x\r\nmail from:<>\r\nrcpt to:<b>\r\ndata\r\nx\r\n.\r\nquit\r\n", 1, true,
            "250 250 250 354 250 221"},
        row{"EmptyMessage", begin + ".\r\n", 1, false, "250 250 354 250"},
        row{"DotsThatAreNoEnd", begin + "..\r\n.x\r\n.\n.\r.\r\r\n..\r\nx.\r\n.\r\n", 1, false, "250 250 354 250"},
        row{"EndAfterAnEmptyLine", begin + "\r\n\r\n.\r\n", 1, false, "250 250 354 250"},
        row{"PipelinedMessages", begin + "x\r\n.\r\n" + begin + "y\r\n.\r\n" + begin + ".\r\n", 3, false,
            "250 250 354 250 250 250 354 250 250 250 354 250"},
        row{"UnendedMessage", begin + "x\r\n.\r", 0, false, "250 250 354"},
        row{"Chunks", "BDAT 3\r\nabcBDAT 5 LAST\r\n.\r\n\r\nBDAT 0 LAST\r\nNOOP\r\n", 2, false, "250 250 250 250"},
        row{"ChunkThatLooksLikeCommands", "BDAT 6 LAST\r\nQUIT\r\nRSET\r\n", 1, false, "250 250"},
        row{"ChunkWithoutSize", "BDAT LAST\r\n", 0, true, ""}, row{"Unknown", "AUTH PLAIN\r\n", 0, false, "502"},
        row{"EndlessLine", std::string(5000, 'x'), 0, true, ""}),
    [](const auto& r) { return r.param.name; });

TEST(SampleMessage, HasExactlyTheSizeAskedForAndHarmsNoHop)
{
    for (const std::size_t size : {300u, 301u, 302u, 373u, 374u, 375u, 376u, 377u, 1024u, 10240u, 99999u}) {
        const auto message = sample_message(size, "a@a.example", "b@b.example");
        EXPECT_EQ(message.size(), size);
        EXPECT_TRUE(message.ends_with("\r\n"));
        EXPECT_EQ(message.find("\n."), std::string::npos);
        for (std::size_t i = 0; i < message.size(); ++i) {
            const char c = message[i];
            ASSERT_TRUE(c == '\r' ? message[i + 1] == '\n' : c == '\n' ? message[i - 1] == '\r' : c >= ' ' && c < 127);
        }
    }
    const auto least = sample_message(0, "a@a.example", "b@b.example");
    EXPECT_TRUE(least.ends_with("\r\n\r\n")) << "the header is always whole";
}

} // namespace
} // namespace gateway::tools
