// Every control line that the protocol's first description prints is a line of this grammar, and means what it says
// there. Misreadings of the scanned text are mended (docs/xproto.md, "Sample lines").
#include "xproto/line.hpp"

#include <gtest/gtest.h>

namespace {

using namespace xproto;

struct sample {
    const char* octets;
    std::uint32_t tag;
    word kind;
    const char* verb;
    std::vector<std::string> parameters;
    const char* code;
    std::vector<std::string> groups; // one string for each item
    const char* text;
};

const sample samples[] = {
    {"[1 OPT (BAZ=FOO, BAR)]", 1, word::request, "OPT", {}, "", {"BAZ=FOO", "BAR"}, ""},
    {"[1 ERR 99.0.5.0 (BAZ ERR 99.0.5.9 Unknown.)]",
     1,
     word::err,
     "",
     {},
     "99.0.5.0",
     {"BAZ ERR 99.0.5.9 Unknown."},
     ""},
    {"[2 XFER n23@est.com message/envelope {3279} {0}]",
     2,
     word::request,
     "XFER",
     {"n23@est.com", "message/envelope", "{3279}", "{0}"},
     "",
     {},
     ""},
    {"[2 TMP 99.0.3.5 Go ahead with envelope.]", 2, word::tmp, "", {}, "99.0.3.5", {}, "Go ahead with envelope."},
    {"[2 ERR 99.0.5.23 Invalid sender certificate.]",
     2,
     word::err,
     "",
     {},
     "99.0.5.23",
     {},
     "Invalid sender certificate."},
    {"[* TMP 99.0.3.1 (VER=0.9;1.0) Hi there.]", 0, word::tmp, "", {}, "99.0.3.1", {"VER=0.9;1.0"}, "Hi there."},
    {"[1 HELO {4928}]", 1, word::request, "HELO", {"{4928}"}, "", {}, ""},
    {"[1 TMP 99.0.3.2 Friend or foe!]", 1, word::tmp, "", {}, "99.0.3.2", {}, "Friend or foe!"},
    {"[1 OK 99.0.2.1 (BAR) Greetings friend.]", 1, word::ok, "", {}, "99.0.2.1", {"BAR"}, "Greetings friend."},
    {"[2 OPT (BAR=FOO)]", 2, word::request, "OPT", {}, "", {"BAR=FOO"}, ""},
    {"[2 OK 99.0.2.2 (BAR OK 121.0.2.1) Go ahead.]",
     2,
     word::ok,
     "",
     {},
     "99.0.2.2",
     {"BAR OK 121.0.2.1"},
     "Go ahead."},
    {"[3 XFER nm23@est.com message/body {59203} {0}]",
     3,
     word::request,
     "XFER",
     {"nm23@est.com", "message/body", "{59203}", "{0}"},
     "",
     {},
     ""},
    {"[3 TMP 99.0.3.8 Go ahead with message body.]",
     3,
     word::tmp,
     "",
     {},
     "99.0.3.8",
     {},
     "Go ahead with message body."},
    {"[4 ABOR=3]", 4, word::request, "ABOR", {"3"}, "", {}, ""},
    {"[4 OK 108.0.2.1 Command number 3 killed.]", 4, word::ok, "", {}, "108.0.2.1", {}, "Command number 3 killed."},
    {"[3 ERR 99.0.5.23 Transfer failed.]", 3, word::err, "", {}, "99.0.5.23", {}, "Transfer failed."},
    // The verbs as the description lists them.
    {"[5 OPT (PIPE=ON)]", 5, word::request, "OPT", {}, "", {"PIPE=ON"}, ""},
    {"[6 OPT (TRACE=ON)]", 6, word::request, "OPT", {}, "", {"TRACE=ON"}, ""},
    {"[7 OPT (URG)]", 7, word::request, "OPT", {}, "", {"URG"}, ""},
    {"[8 ABOR 3]", 8, word::request, "ABOR", {"3"}, "", {}, ""},
    {"[9 NOOP]", 9, word::request, "NOOP", {}, "", {}, ""},
    {"[10 QUIT]", 10, word::request, "QUIT", {}, "", {}, ""},
    {"[11 STAT n23@est.com]", 11, word::request, "STAT", {"n23@est.com"}, "", {}, ""},
};

std::string describe(const group_item& item)
{
    std::string text(item.name);
    if (item.value) text += '=' + std::string(*item.value);
    if (item.answer != word::request) text += item.answer == word::ok ? " OK " : " ERR ";
    if (item.answer != word::request) text += item.code.text();
    if (!item.text.empty()) text += ' ' + std::string(item.text);
    return text;
}

TEST(GoldenSampleLines, ReadAsTheyWereMeant)
{
    for (const auto& want : samples) {
        SCOPED_TRACE(want.octets);
        const auto got = parse_line(want.octets);
        ASSERT_TRUE(got) << got.error().message();
        EXPECT_EQ(got->tag, want.tag);
        EXPECT_EQ(got->kind, want.kind);
        EXPECT_EQ(got->verb, want.verb);
        const std::vector<std::string> parameters(got->parameters.begin(),
                                                  got->parameters.begin() + got->parameter_count);
        EXPECT_EQ(parameters, want.parameters);
        EXPECT_EQ(got->code.text(), want.code);
        std::vector<std::string> groups;
        group_reader reader(got->groups);
        while (const auto item = reader.next()) groups.push_back(describe(*item));
        EXPECT_EQ(groups, want.groups);
        EXPECT_EQ(got->text, want.text);
    }
}

} // namespace
