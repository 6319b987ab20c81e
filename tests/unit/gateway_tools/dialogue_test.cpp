// The dialogue shows every control line and counts everything else, however the octets are cut.
#include "gateway/tools/dialogue.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace gateway::tools {
namespace {

struct said {
    bool by_us;
    std::string octets;
};

// What is shown when each piece is cut into chunks of `chunk` octets.
std::string shown(const std::vector<said>& session, std::size_t chunk)
{
    std::string out;
    dialogue words([&](std::string_view line) { out += std::string(line) + "\n"; });
    for (const auto& [by_us, octets] : session)
        for (std::size_t at = 0; at < octets.size(); at += chunk) {
            const auto piece = std::string_view(octets).substr(at, chunk);
            by_us ? words.sent(piece) : words.received(piece);
        }
    return out;
}

const std::vector<said> synchronous{
    {false, "[* TMP 99.0.3.1 (VER=1.0) (HOST=b.example) (NONCE=00) Hello.]\r\n"},
    {true, "[1 HELO a.example {12} (VER=1.0)]\r\n"},
    {false, "[1 TMP 99.0.3.2 Prove it.]\r\n"},
    {true, "]\n[9 NOOP]\r\n"}, // twelve octets that look like lines
    {false, "[1 OK 99.0.2.1 Welcome.]\r\n"},
    {true, "[2 XFER id@a.example message/envelope {5} {0}]\r\n"},
    {false, "[2 TMP 99.0.3.5 Send it.]\r\n"},
    {true, "<env>"},
    {false, "[2 OK 99.0.2.5 Got it.]\r\n"},
    {true, "[3 XFER id@a.example message/headers {7} {0}]\r\n"},
    {false, "[3 ERR 99.0.5.26 No.]\r\n"},
    {true, "[4 QUIT]\r\n"},
    {false, "[4 OK 99.0.2.4 Bye.]\r\n"},
};

constexpr auto synchronous_shown = "<- [* TMP 99.0.3.1 (VER=1.0) (HOST=b.example) (NONCE=00) Hello.]\n"
                                   "-> [1 HELO a.example {12} (VER=1.0)]\n"
                                   "<- [1 TMP 99.0.3.2 Prove it.]\n"
                                   "-> (12 octets)\n"
                                   "<- [1 OK 99.0.2.1 Welcome.]\n"
                                   "-> [2 XFER id@a.example message/envelope {5} {0}]\n"
                                   "<- [2 TMP 99.0.3.5 Send it.]\n"
                                   "-> (5 octets)\n"
                                   "<- [2 OK 99.0.2.5 Got it.]\n"
                                   "-> [3 XFER id@a.example message/headers {7} {0}]\n"
                                   "<- [3 ERR 99.0.5.26 No.]\n"
                                   "-> [4 QUIT]\n"
                                   "<- [4 OK 99.0.2.4 Bye.]\n";

TEST(Dialogue, ShowsLinesAndCountsTheOctetsOfObjects)
{
    for (std::size_t chunk = 1; chunk < 80; ++chunk)
        EXPECT_EQ(shown(synchronous, chunk), synchronous_shown) << "chunk " << chunk;
}

TEST(Dialogue, InPipelinedModePermissionIsFollowedByLines)
{
    const std::vector<said> session{
        {true, "[2 OPT (PIPE=ON)]\r\n"},
        {false, "[2 OK 99.0.2.2 (PIPE OK 99.0.2.2)]\r\n"},
        {true, "[3 XFER a@a.example message/body {9} {0}]\r\n[4 XFER b@a.example message/body {3} {0}]\r\n"},
        {false, "[3 TMP 99.0.3.8 Send.]\r\n[4 TMP 99.0.3.8 Send.]\r\n"},
        {true, "[3 DATA {4}]\r\nabcd[4 DATA {3}]\r\nxyz[3 DATA {5}]\r\n[5 Q]"},
        {false, "[3 TMP 99.0.3.7 Working.]\r\n[3 OK 99.0.2.6 Stored.]\r\n"},
    };
    const auto want = "-> [2 OPT (PIPE=ON)]\n"
                      "<- [2 OK 99.0.2.2 (PIPE OK 99.0.2.2)]\n"
                      "-> [3 XFER a@a.example message/body {9} {0}]\n"
                      "-> [4 XFER b@a.example message/body {3} {0}]\n"
                      "<- [3 TMP 99.0.3.8 Send.]\n"
                      "<- [4 TMP 99.0.3.8 Send.]\n"
                      "-> [3 DATA {4}]\n"
                      "-> (4 octets)\n"
                      "-> [4 DATA {3}]\n"
                      "-> (3 octets)\n"
                      "-> [3 DATA {5}]\n"
                      "-> (5 octets)\n"
                      "<- [3 TMP 99.0.3.7 Working.]\n"
                      "<- [3 OK 99.0.2.6 Stored.]\n";
    for (std::size_t chunk = 1; chunk < 80; ++chunk) EXPECT_EQ(shown(session, chunk), want) << "chunk " << chunk;
}

TEST(Dialogue, TheServersOwnHeloIsSeenToo)
{
    const std::vector<said> session{
        {false, "[1 HELO b.example {4}]\r\n"},
        {true, "[1 TMP 99.0.3.2 Prove it.]\r\n"},
        {false, "\r\n\r\n"},
        {true, "[1 OK 99.0.2.1 Fine.]\r\n"},
    };
    EXPECT_EQ(shown(session, 7), "<- [1 HELO b.example {4}]\n-> [1 TMP 99.0.3.2 Prove it.]\n"
                                 "<- (4 octets)\n-> [1 OK 99.0.2.1 Fine.]\n");
}

TEST(Dialogue, WhatIsNoControlLineIsShownWithoutControls)
{
    EXPECT_EQ(shown({{false, "220 \x1b[2Jmail\r\n"}}, 100), "<- 220 ?[2Jmail\n");
    EXPECT_EQ(shown({{false, "\xff\xfe\n"}}, 100).find('\xff'), std::string::npos);
}

TEST(Dialogue, AnEndlessLineIsShownInPieces)
{
    const auto line = shown({{false, std::string(3 * dialogue::max_line, 'x')}}, 1000);
    EXPECT_EQ(line.size(), 3 * (dialogue::max_line + 4)); // arrow and line end
}

} // namespace
} // namespace gateway::tools
