// Cutting a stream into command lines, however it arrives.
#include "tests/unit/smtp/content_model.hpp"

#include "smtp/line_reader.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <vector>

namespace {

using status = smtp::line_reader::status;

std::string word(status s)
{
    switch (s) {
    case status::more: return "more";
    case status::line: return "line ";
    case status::too_long: return "too long";
    case status::bare_lf: return "bare lf";
    case status::bare_cr: return "bare cr";
    case status::nul: return "nul";
    }
    return "";
}

// What comes out, read in pieces.
std::vector<std::string> read(const std::string& octets, std::size_t limit, std::size_t split)
{
    smtp::line_reader reader(limit);
    std::vector<std::string> found;
    for (std::size_t at = 0; at < octets.size(); at += split) {
        const auto piece = std::make_unique<std::string>(octets.substr(at, split));
        std::string_view input = *piece;
        for (;;) {
            const auto s = reader.read(input);
            if (s == status::more) break;
            found.push_back(word(s) + (s == status::line ? std::string(reader.text()) : ""));
        }
        EXPECT_TRUE(input.empty());
    }
    return found;
}

struct row {
    const char* name;
    std::string octets;
    std::vector<std::string> want;
};

TEST(SmtpLineReader, CutsAtCrlfAndReportsEveryBadLineOnce)
{
    using namespace std::string_literals;
    const row table[] = {
        {"lines", "one\r\ntwo\r\n", {"line one", "line two"}},
        {"empty lines", "\r\n\r\n", {"line ", "line "}},
        {"no end yet", "one\r\ntw", {"line one"}},
        {"longest", "12345678\r\n", {"line 12345678"}},
        {"one too many", "123456789\r\nok\r\n", {"too long", "line ok"}},
        {"far too many", std::string(1000, 'x') + "\r\nok\r\n", {"too long", "line ok"}},
        {"too long, and CRs", "12345678\r\r\nok\r\n", {"too long", "line ok"}},
        {"too long, then bare LF", "123456789\nQUIT\r\nok\r\n", {"too long", "line ok"}},
        {"bare LF", "a\nQUIT\r\nok\r\n", {"bare lf", "line ok"}},
        {"bare LFs", "\n\n\n\r\nok\r\n", {"bare lf", "line ok"}},
        {"bare LF, then long", "\n" + std::string(100, 'x') + "\r\nok\r\n", {"bare lf", "line ok"}},
        {"bare CR", "a\rb\r\nok\r\n", {"bare cr", "line ok"}},
        {"CR before CRLF", "a\r\r\nok\r\n", {"bare cr", "line ok"}},
        {"NUL", "a\0b\r\nok\r\n"s, {"nul", "line ok"}},
        {"NUL and CR", "a\0\rb\r\nok\r\n"s, {"nul", "line ok"}},
    };
    for (const auto& [name, octets, want] : table) {
        for (std::size_t split = 1; split <= octets.size() && split < 40; ++split) {
            EXPECT_EQ(read(octets, 10, split), want) << name << ", split " << split;
        }
        EXPECT_EQ(read(octets, 10, octets.size()), want) << name;
    }
}

TEST(SmtpLineReader, DoesNotCareHowTheOctetsArrive)
{
    using namespace std::string_literals;
    model::for_each_text("\r\na\0"s, 7, [&](const std::string& text) {
        const auto octets = text + "z\r\n";
        const auto whole = read(octets, 5, octets.size());
        for (const std::size_t split : {1, 2, 3})
            ASSERT_EQ(read(octets, 5, split), whole) << testing::PrintToString(octets);
    });
}

TEST(SmtpLineReader, NeverStoresMoreThanTheLimit)
{
    smtp::line_reader reader(10);
    const std::string octets(100000, 'x');
    std::string_view input = octets;
    EXPECT_EQ(reader.read(input), status::too_long);
    EXPECT_TRUE(reader.pending());
    input = octets;
    EXPECT_EQ(reader.read(input), status::more);
    reader.clear();
    EXPECT_FALSE(reader.pending());
    input = "ok\r\n";
    EXPECT_EQ(reader.read(input), status::line);
    EXPECT_EQ(reader.text(), "ok");
}

} // namespace
