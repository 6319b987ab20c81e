// Lines and bare octets come out the same however the input was cut.
#include "xproto/line_reader.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace {

using namespace xproto;

// Lines until an error; after a line that ends in a digit, that many octets.
std::vector<std::string> cut(const std::string& input, std::size_t piece, std::size_t limit)
{
    std::vector<std::string> out;
    line_reader reader(limit);
    std::size_t octets = 0;
    for (std::size_t at = 0; at < input.size(); at += piece) {
        const auto given = input.substr(at, piece); // its own storage, so that a sanitizer sees a stale view
        reader.give(given);
        while (!reader.empty()) {
            if (octets != 0) {
                const auto taken = reader.take_octets(octets);
                octets -= taken.size();
                if (out.empty() || !out.back().starts_with("octets")) out.emplace_back("octets ");
                out.back() += taken;
                continue;
            }
            const auto line = reader.take_line();
            if (!line) {
                out.push_back("error " + line.error().message());
                return out;
            }
            if (!*line) continue;
            out.emplace_back(**line);
            const char last = (*line)->empty() ? ' ' : (*line)->back();
            if (last >= '1' && last <= '9') octets = static_cast<std::size_t>(last - '0');
        }
    }
    return out;
}

TEST(XprotoLineReader, DoesNotCareHowTheOctetsArrive)
{
    struct {
        std::string input;
        std::vector<std::string> want;
    } const cases[] = {
        {"[a]\r\n[b]\r\n[c", {"[a]", "[b]"}},
        {"[3\r\nx\n\r[4\r\n]]]]", {"[3", "octets x\n\r", "[4", "octets ]]]]"}},
        {"[a]\n[b]\r\n", {"error a line ends in CRLF, not in a bare LF"}},
        {"[a\r]\r\n", {"[a\r]"}},
        {"x[a]\r\n", {"error a line begins with ["}},
        {"[a]\r\n\r\n", {"[a]", "error a line begins with ["}},
        {"[12345678]\r\n", {"[12345678]"}},
        {"[123456789]\r\n", {"error the line is too long"}},
        {"[12345678901", {"error the line is too long"}},
    };
    for (const auto& one : cases) {
        for (std::size_t piece = 1; piece <= one.input.size(); ++piece)
            EXPECT_EQ(cut(one.input, piece, 12), one.want) << one.input << " by " << piece;
    }
}

TEST(XprotoLineReader, KeepsNoMoreThanALine)
{
    line_reader reader(100);
    const std::string first = "[" + std::string(98, 'x');
    reader.give(first);
    EXPECT_FALSE(reader.take_line().value());
    reader.give("x");
    EXPECT_EQ(reader.take_line().error(), errc::line_too_long);
}

} // namespace
