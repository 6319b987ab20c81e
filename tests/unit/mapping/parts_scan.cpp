// Where the parts of a message are, and that nothing makes the scan look too deep, too long or in two ways.
#include "mapping/parts/scan.hpp"

#include "tests/unit/mapping/support.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <random>

using namespace mapping::parts;

namespace {

constexpr std::string_view mixed = "Content-Type: multipart/mixed; boundary=b\r\n";

// One line for each part: what it is, the content of a leaf, and what was found odd.
std::string told(const structure& found, std::string_view body)
{
    std::string out;
    for (const auto& p : found) {
        structure alone{p};
        alone[0].content = alone[0].end = 0;
        auto line = to_text(alone);
        const auto content = p.is_leaf ? '[' + std::string(body.substr(p.content, p.octets())) + ']' : "{}";
        line.replace(line.find(" 0-0"), 4, ' ' + content);
        out += line;
    }
    return out;
}

std::string parts_of(std::string_view header, std::string_view body, const scan_limits& limits = {})
{
    return told(scan(header, body, limits), body);
}

struct row {
    std::string_view name, header, body, want;
};

const row rows[] = {
    {"no header", "", "body\r\n", "text/plain [body\r\n]\n"},
    {"an empty body", "", "", "text/plain []\n"},
    {"one part", mixed, "--b\r\n\r\nhello\r\n--b--\r\n", "multipart/mixed {}\n  text/plain [hello]\n"},
    {"prologue and epilogue", mixed,
     "before\r\n--b\r\nContent-Type: image/png; name=a.png\r\nContent-Transfer-Encoding: base64\r\n\r\nAAAA\r\n"
     "--b--\r\nafter\r\n--b\r\n",
     "multipart/mixed {}\n  image/png base64 \"a.png\" [AAAA]\n"},
    {"two parts, white space after the delimiter", mixed, "--b \t\r\n\r\na\r\n--b\r\n\r\nc\r\n--b-- \r\n",
     "multipart/mixed {}\n  text/plain [a]\n  text/plain [c]\n"},
    {"bare LF", mixed, "--b\n\na\n--b--\n", "multipart/mixed {}\n  text/plain [a]\n"},
    {"a delimiter without a line end", mixed, "--b\r\n\r\na\r\n--b--", "multipart/mixed {}\n  text/plain [a]\n"},
    {"an empty part", mixed, "--b\r\n\r\n--b--", "multipart/mixed {}\n  text/plain []\n"},
    {"a part that is an empty line", mixed, "--b\r\n\r\n\r\n--b--", "multipart/mixed {}\n  text/plain []\n"},
    {"a part of nothing, not even a header", mixed, "--b\r\n--b\r\n--b--",
     "multipart/mixed {}\n  text/plain []\n  text/plain []\n"},
    {"a part that is all header", mixed, "--b\r\nA: b\r\n--b--", "multipart/mixed {}\n  text/plain []\n"},
    {"no closing delimiter", mixed, "--b\r\n\r\na\r\n",
     "multipart/mixed {} (closing delimiter missing)\n  text/plain [a\r\n]\n"},
    {"no delimiter at all", mixed, "text\r\n", "multipart/mixed [text\r\n] (closing delimiter missing)\n"},
    {"no boundary", "Content-Type: multipart/mixed\r\n", "--b\r\n",
     "multipart/mixed [--b\r\n] (not looked into: no boundary)\n"},
    {"what only looks like a delimiter", mixed, "--b\r\n\r\n--bb\r\n -- b\r\n--\r\n--b-\r\n--b---\r\n--B\r\n--b--",
     "multipart/mixed {}\n  text/plain [--bb\r\n -- b\r\n--\r\n--b-\r\n--b---\r\n--B]\n"},
    {"a header that breaks off", mixed, "--b\r\nA: b\r\nhello\r\n--b--",
     "multipart/mixed {}\n  text/plain [hello] (header without an end)\n"},
    {"nested", mixed,
     "--b\r\nContent-Type: multipart/alternative; boundary=c\r\n\r\n--c\r\n\r\none\r\n--c\r\n\r\ntwo\r\n--c--\r\n"
     "--b\r\n\r\nthree\r\n--b--\r\n",
     "multipart/mixed {}\n  multipart/alternative {}\n    text/plain [one]\n    text/plain [two]\n"
     "  text/plain [three]\n"},
    {"an inner multipart that the outer one ends", mixed,
     "--b\r\nContent-Type: multipart/alternative; boundary=c\r\n\r\n--c\r\n\r\none\r\n--b\r\n\r\ntwo\r\n--b--\r\n",
     "multipart/mixed {}\n  multipart/alternative {} (closing delimiter missing)\n    text/plain [one]\n"
     "  text/plain [two]\n"},
    {"a boundary that begins like the outer one", mixed,
     "--b\r\nContent-Type: multipart/mixed; boundary=bb\r\n\r\n--bb\r\n\r\na\r\n--bb--\r\n--b--",
     "multipart/mixed {}\n  multipart/mixed {}\n    text/plain [a]\n"},
    {"the same boundary inside", mixed,
     "--b\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\na\r\n--b--\r\n--b\r\n\r\nc\r\n--b--",
     "multipart/mixed {}\n  multipart/mixed {}\n    text/plain [a]\n  text/plain [c]\n"},
    {"a boundary that ends in hyphens", "Content-Type: multipart/mixed; boundary=b--\r\n",
     "--b--\r\n\r\na\r\n--b----\r\n", "multipart/mixed {}\n  text/plain [a]\n"},
    {"a message inside", mixed,
     "--b\r\nContent-Type: message/rfc822\r\n\r\nSubject: x\r\nContent-Type: text/html\r\n\r\n<p>\r\n--b--\r\n",
     "multipart/mixed {}\n  message/rfc822 {}\n    text/html [<p>]\n"},
    {"a message that cannot be looked into", mixed,
     "--b\r\nContent-Type: message/rfc822\r\nContent-Transfer-Encoding: base64\r\n\r\nU3ViamVj\r\n--b--\r\n",
     "multipart/mixed {}\n  message/rfc822 base64 [U3ViamVj]\n"},
    {"a message that is nothing", mixed, "--b\r\nContent-Type: message/rfc822\r\n\r\n--b--",
     "multipart/mixed {}\n  message/rfc822 {}\n    text/plain []\n"},
    {"a message without a header", mixed, "--b\r\nContent-Type: message/rfc822\r\n\r\n hello\r\n--b--",
     "multipart/mixed {}\n  message/rfc822 {}\n    text/plain [ hello] (header without an end)\n"},
    {"a digest holds messages", "Content-Type: multipart/digest; boundary=b\r\n",
     "--b\r\n\r\nSubject: x\r\n\r\ny\r\n--b\r\nContent-Type: text/plain\r\n\r\nz\r\n--b--",
     "multipart/digest {}\n  message/rfc822 {}\n    text/plain [y]\n  text/plain [z]\n"},
    {"the whole message is one", "Content-Type: message/rfc822\r\n", "A: b\r\n\r\nc",
     "message/rfc822 {}\n  text/plain [c]\n"},
    {"fields twice", "Content-Type: text/plain\r\nContent-Type: multipart/mixed; boundary=b\r\n", "--b\r\n",
     "text/plain [--b\r\n] (a MIME field stands twice)\n"},
};

TEST(PartScan, FindsTheParts)
{
    for (const auto& r : rows) EXPECT_EQ(parts_of(r.header, r.body), r.want) << r.name;
}

TEST(PartScan, TellsWhereTheyAre)
{
    const std::string_view body = "before\n--b\nA: b\n\nhello\n--b--\nafter\n";
    const auto found = scan(mixed, body);
    EXPECT_EQ(to_text(found), "multipart/mixed 0-35\n  text/plain 17-22\n");
    EXPECT_EQ(found[1].begin, 11u);
    EXPECT_EQ(found[1].parent, 0u);
    EXPECT_EQ(found[1].octets(), 5u);
}

structure scan_in_pieces(std::string_view header, std::string_view body, std::size_t piece, const scan_limits& limits)
{
    scanner s(header, limits);
    for (std::size_t at = 0; at < body.size(); at += piece) s.push(body.substr(at, piece));
    s.finish();
    return s.parts();
}

TEST(PartScan, DoesNotCareHowTheOctetsArrive)
{
    for (const auto& r : rows) {
        const auto whole = scan(r.header, r.body);
        for (std::size_t piece = 1; piece < 30; ++piece)
            EXPECT_EQ(scan_in_pieces(r.header, r.body, piece, {}), whole) << r.name << " in pieces of " << piece;
        for (std::size_t cut = 0; cut <= r.body.size(); ++cut) {
            scanner s(r.header);
            s.push(r.body.substr(0, cut));
            s.push(r.body.substr(cut));
            s.finish();
            EXPECT_EQ(s.parts(), whole) << r.name << " cut at " << cut;
        }
    }
}

TEST(PartScan, LooksNoDeeperThanItsLimit)
{
    scan_limits limits;
    limits.depth = 2;
    const std::string inner = "--b\r\nContent-Type: multipart/mixed; boundary=";
    const auto body = inner + "c\r\n\r\n" +
                      "--c\r\nContent-Type: multipart/mixed; boundary=d\r\n\r\n--d\r\n\r\nx\r\n--d--\r\n"
                      "--c--\r\n--b--\r\n";
    EXPECT_EQ(parts_of(mixed, body, limits),
              "multipart/mixed {}\n  multipart/mixed {}\n"
              "    multipart/mixed [--d\r\n\r\nx\r\n--d--] (not looked into: too deep)\n");
}

TEST(PartScan, ListsNoMorePartsThanItsLimit)
{
    scan_limits limits;
    limits.parts = 3;
    EXPECT_EQ(parts_of(mixed, "--b\r\n\r\na\r\n--b\r\n\r\nb\r\n--b\r\n\r\nc\r\n--b\r\n\r\nd\r\n--b--\r\n", limits),
              "multipart/mixed {} (not all parts listed: too many)\n  text/plain [a]\n  text/plain [b]\n");
    limits.parts = 1;
    EXPECT_EQ(parts_of("Content-Type: message/rfc822\r\n", "A: b\r\n\r\nc", limits),
              "message/rfc822 [A: b\r\n\r\nc] (not all parts listed: too many)\n");
}

TEST(PartScan, KeepsNoMoreOfAHeaderThanItsLimit)
{
    scan_limits limits;
    limits.header = 40;
    const auto body =
        "--b\r\nX: " + std::string(100, 'x') + "\r\nContent-Type: text/html\r\nno field\r\n\r\na\r\n--b--";
    EXPECT_EQ(parts_of(mixed, body, limits), "multipart/mixed {}\n  text/plain [a] (header too long)\n");
    for (std::size_t piece = 1; piece < 50; ++piece)
        EXPECT_EQ(scan_in_pieces(mixed, body, piece, limits), scan(mixed, body, limits)) << piece;
}

TEST(PartScan, TakesNoDelimiterFromALineThatIsTooLong)
{
    scan_limits limits;
    limits.delimiter_line = 10;
    const std::string body = "--b      \r\n\r\n--b    \r\n\r\na\r\n--b--";
    EXPECT_EQ(parts_of(mixed, body, limits), "multipart/mixed {}\n  text/plain [a]\n");
    for (std::size_t piece = 1; piece < 20; ++piece)
        EXPECT_EQ(scan_in_pieces(mixed, body, piece, limits), scan(mixed, body, limits)) << piece;
}

TEST(PartScan, StaysWithinItsBoundsForAMillionNestedMultiparts)
{
    std::string body;
    for (int i = 0; i < 20000; ++i) {
        const auto boundary = std::string(static_cast<std::size_t>(1 + i % 60), 'b');
        body += "--" + boundary + "\r\nContent-Type: multipart/mixed; boundary=b" + boundary + "\r\n\r\n";
    }
    const auto found = scan(mixed, body);
    EXPECT_LE(found.size(), scan_limits().parts);
    for (const auto& p : found) EXPECT_LE(p.depth, scan_limits().depth);
}

// Every part lies in its parent, after the parts before it, and is where the list says.
void expect_sound(const structure& found, std::uint64_t octets)
{
    ASSERT_FALSE(found.empty());
    EXPECT_EQ(found[0].begin, 0u);
    EXPECT_EQ(found[0].end, octets);
    for (std::size_t i = 0; i < found.size(); ++i) {
        const auto& p = found[i];
        EXPECT_LE(p.begin, p.content);
        EXPECT_LE(p.content, p.end);
        if (i == 0) continue;
        const auto& parent = found[p.parent];
        EXPECT_LT(p.parent, i);
        EXPECT_EQ(p.depth, parent.depth + 1);
        EXPECT_FALSE(parent.is_leaf);
        EXPECT_LE(parent.content, p.begin);
        EXPECT_LE(p.end, parent.end);
        EXPECT_TRUE(found[i - 1].depth < p.depth || found[i - 1].end <= p.begin);
    }
}

TEST(PartScan, IsSoundForAnyMixtureOfLines)
{
    const std::vector<std::string> lines{"--b\r\n",
                                         "--b--\r\n",
                                         "--c\r\n",
                                         "--c--\n",
                                         "--bb\r\n",
                                         "--b",
                                         "\r\n",
                                         "\n",
                                         "-",
                                         "text\r\n",
                                         " folded\r\n",
                                         "A: b\r\n",
                                         "Content-Type: multipart/mixed; boundary=c\r\n",
                                         "Content-Type: multipart/digest; boundary=b\r\n",
                                         "Content-Type: multipart/mixed; boundary=bb\r\n",
                                         "Content-Type: message/rfc822\r\n",
                                         "Content-Transfer-Encoding: base64\r\n",
                                         std::string("\0\xff\r", 3)};
    std::mt19937 random(20261122);
    scan_limits small;
    small.depth = 4;
    small.parts = 12;
    small.header = 64;
    small.delimiter_line = 8;
    for (int i = 0; i < 4000; ++i) {
        std::string body;
        for (auto n = random() % 40; n > 0; --n) body += lines[random() % lines.size()];
        for (const auto& limits : {scan_limits(), small}) {
            const auto whole = scan(mixed, body, limits);
            expect_sound(whole, body.size());
            EXPECT_EQ(scan_in_pieces(mixed, body, 1 + random() % 9, limits), whole) << testing::PrintToString(body);
        }
        if (HasFailure()) return;
    }
}

// Mail that others wrote, when ISTHMUS_TESTMAIL names a folder of it.
TEST(PartScan, IsSoundForOtherPeoplesMail)
{
    const auto* const folder = std::getenv("ISTHMUS_TESTMAIL");
    if (folder == nullptr) GTEST_SKIP() << "ISTHMUS_TESTMAIL names no folder";
    for (const auto& file : mapping_test::files_below(folder)) {
        const auto message = mapping_test::split(mapping_test::read_file(file));
        const auto whole = scan(message.header().octets(), message.body);
        expect_sound(whole, message.body.size());
        EXPECT_EQ(scan_in_pieces(message.header().octets(), message.body, 7, {}), whole) << file;
    }
}

} // namespace
