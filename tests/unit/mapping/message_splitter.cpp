// What is header and what is body, for every kind of message that somebody once sent.
#include "mapping/message_splitter.hpp"

#include "tests/unit/mapping/support.hpp"

#include <gtest/gtest.h>

using mapping_test::split;
using mapping_test::split_at;
using xproto::separator;

namespace {

struct outcome {
    std::vector<std::string> fields;
    separator end;
    std::string body;
    bool cut;

    bool operator==(const outcome&) const = default;
};

outcome of(const mapping_test::split_message& message)
{
    outcome out{{}, message.header().end(), message.body, message.header().cut()};
    for (std::size_t i = 0; i < message.header().size(); ++i) out.fields.emplace_back(message.header()[i].octets);
    return out;
}

void PrintTo(const outcome& o, std::ostream* out)
{
    for (const auto& field : o.fields) *out << testing::PrintToString(field) << ' ';
    *out << "end " << static_cast<int>(o.end) << " body " << testing::PrintToString(o.body) << (o.cut ? " cut" : "");
}

struct row {
    std::string name;
    std::string message;
    outcome want;
};

const std::vector<row> rows{
    {"an ordinary message",
     "Subject: a\r\nTo: b\r\n\r\nbody\r\n",
     {{"Subject: a\r\n", "To: b\r\n"}, separator::crlf, "body\r\n", false}},
    {"an empty message", "", {{}, separator::none, "", false}},
    {"a header without body", "Subject: a\r\n", {{"Subject: a\r\n"}, separator::none, "", false}},
    {"a header with an empty body", "Subject: a\r\n\r\n", {{"Subject: a\r\n"}, separator::crlf, "", false}},
    {"an empty header with a body", "\r\nbody", {{}, separator::crlf, "body", false}},
    {"an empty line and nothing else", "\r\n", {{}, separator::crlf, "", false}},
    {"a bare LF as empty line", "A: b\r\n\nbody", {{"A: b\r\n"}, separator::lf, "body", false}},
    {"bare LFs throughout", "A: b\n c\nD: e\n\nbody\n", {{"A: b\n c\n", "D: e\n"}, separator::lf, "body\n", false}},
    {"a folded field",
     "A: b\r\n c\r\n\td\r\nE: f\r\n\r\n",
     {{"A: b\r\n c\r\n\td\r\n", "E: f\r\n"}, separator::crlf, "", false}},
    {"a fold of nothing but white space",
     "A: b\r\n \r\nC: d\r\n\r\nx",
     {{"A: b\r\n \r\n", "C: d\r\n"}, separator::crlf, "x", false}},
    {"a line that is no field",
     "A: b\r\nhello\r\n\r\nbody",
     {{"A: b\r\n"}, separator::none, "hello\r\n\r\nbody", false}},
    {"no header at all", "hello\r\nworld\r\n", {{}, separator::none, "hello\r\nworld\r\n", false}},
    {"a continuation of nothing", " a: b\r\nC: d\r\n\r\n", {{}, separator::none, " a: b\r\nC: d\r\n\r\n", false}},
    {"a mailbox's first line",
     "From a@b Tue\r\nA: b\r\n\r\n",
     {{"From a@b Tue\r\n", "A: b\r\n"}, separator::crlf, "", false}},
    {"a mailbox's line later on",
     "A: b\r\nFrom a@b Tue\r\n\r\n",
     {{"A: b\r\n"}, separator::none, "From a@b Tue\r\n\r\n", false}},
    {"a quoted mailbox's line", ">From a@b Tue\r\nA: b\r\n", {{}, separator::none, ">From a@b Tue\r\nA: b\r\n", false}},
    {"white space before the colon",
     "A : b\r\nC\t: d\r\n\r\n",
     {{"A : b\r\n", "C\t: d\r\n"}, separator::crlf, "", false}},
    {"a space inside the name", "A b: c\r\n\r\n", {{}, separator::none, "A b: c\r\n\r\n", false}},
    {"an empty name", ": b\r\n\r\n", {{}, separator::none, ": b\r\n\r\n", false}},
    {"an empty field body", "A:\r\nB: \r\n\r\n", {{"A:\r\n", "B: \r\n"}, separator::crlf, "", false}},
    {"a name beyond ASCII", "S\xC3\xBC: b\r\n", {{}, separator::none, "S\xC3\xBC: b\r\n", false}},
    {"a NUL in a name", std::string("A\0: b\r\n", 7), {{}, separator::none, std::string("A\0: b\r\n", 7), false}},
    {"a NUL in a body of a field",
     std::string("A: \0\r\n\r\n", 8),
     {{std::string("A: \0\r\n", 6)}, separator::crlf, "", false}},
    {"a bare CR inside a line", "A: b\rC: d\r\n\r\n", {{"A: b\rC: d\r\n"}, separator::crlf, "", false}},
    {"two CRs before the LF", "A: b\r\r\n\r\r\n", {{"A: b\r\r\n"}, separator::none, "\r\r\n", false}},
    {"a last line without end", "A: b\r\nC: d", {{"A: b\r\n", "C: d"}, separator::none, "", false}},
    {"a last continuation without end", "A: b\r\n c", {{"A: b\r\n c"}, separator::none, "", false}},
    {"a last line that is no field", "A: b\r\nhello", {{"A: b\r\n"}, separator::none, "hello", false}},
    {"an end in the middle of a line end", "A: b\r\n\r", {{"A: b\r\n"}, separator::none, "\r", false}},
    {"a name alone", "A", {{}, separator::none, "A", false}},
    {"a dot", ".\r\n", {{}, separator::none, ".\r\n", false}},
    {"a body that looks like a header",
     "A: b\r\n\r\nC: d\r\n\r\n",
     {{"A: b\r\n"}, separator::crlf, "C: d\r\n\r\n", false}},
};

} // namespace

TEST(MessageSplitter, TellsHeaderFromBody)
{
    for (const auto& r : rows) EXPECT_EQ(of(split(r.message)), r.want) << r.name;
}

TEST(MessageSplitter, DoesNotCareHowTheOctetsArrive)
{
    for (const auto& r : rows) {
        for (std::size_t a = 0; a <= r.message.size(); ++a)
            for (std::size_t b = a; b <= r.message.size(); ++b)
                ASSERT_EQ(of(split_at(r.message, {a, b})), r.want) << r.name << " cut at " << a << " and " << b;
        std::vector<std::size_t> everywhere;
        for (std::size_t i = 1; i < r.message.size(); ++i) everywhere.push_back(i);
        ASSERT_EQ(of(split_at(r.message, everywhere)), r.want) << r.name << " octet by octet";
    }
}

TEST(MessageSplitter, HeaderAndBodyAreTheMessage)
{
    for (const auto& r : rows) {
        const auto message = split(r.message);
        EXPECT_EQ(std::string(message.header().octets()) + message.body, r.message) << r.name;
        EXPECT_EQ(message.splitter.body_octets(), message.body.size()) << r.name;
        EXPECT_EQ(message.splitter.body_digest(), xproto::sha256(message.body)) << r.name;
    }
}

TEST(MessageSplitter, NamesAndBodiesOfFields)
{
    const auto message = split("From x\r\nSubject: a\r\n b\r\nsubJect \t:c\r\nX-Empty:\r\n\r\n");
    const auto& header = message.header();
    ASSERT_EQ(header.size(), 4u);
    EXPECT_EQ(header[0].name, "");
    EXPECT_EQ(header[0].body, "From x\r\n");
    EXPECT_EQ(header[1].name, "Subject");
    EXPECT_EQ(header[1].body, " a\r\n b\r\n");
    EXPECT_EQ(header[2].name, "subJect");
    EXPECT_EQ(header[2].body, "c\r\n");
    EXPECT_EQ(header[3].body, "\r\n");
    EXPECT_EQ(header.count("SUBJECT"), 2u);
    EXPECT_EQ(header.find("subject").octets, "Subject: a\r\n b\r\n");
    EXPECT_EQ(header.find("Received").octets, "");
    EXPECT_EQ(header.count("Subjec"), 0u);
}

TEST(MessageSplitter, CutsALongHeaderBeforeTheFieldThatDoesNotFit)
{
    const std::string message = "A: 1\r\nB: 2\r\n 3\r\nC: 4\r\n\r\nbody";
    struct cut_row {
        std::size_t limit;
        outcome want;
    };
    const std::vector<cut_row> cuts{
        {24, {{"A: 1\r\n", "B: 2\r\n 3\r\n", "C: 4\r\n"}, separator::crlf, "body", false}},
        {23, {{"A: 1\r\n", "B: 2\r\n 3\r\n", "C: 4\r\n"}, separator::none, "\r\nbody", true}},
        {21, {{"A: 1\r\n", "B: 2\r\n 3\r\n"}, separator::none, "C: 4\r\n\r\nbody", true}},
        {16, {{"A: 1\r\n", "B: 2\r\n 3\r\n"}, separator::none, "C: 4\r\n\r\nbody", true}},
        {15, {{"A: 1\r\n"}, separator::none, "B: 2\r\n 3\r\nC: 4\r\n\r\nbody", true}},
        {6, {{"A: 1\r\n"}, separator::none, "B: 2\r\n 3\r\nC: 4\r\n\r\nbody", true}},
        {5, {{}, separator::none, message, true}},
        {0, {{}, separator::none, message, true}},
    };
    for (const auto& c : cuts) {
        const mapping::message_splitter::limits limits{c.limit, 4096};
        EXPECT_EQ(of(split(message, limits)), c.want) << c.limit;
        for (std::size_t at = 0; at <= message.size(); ++at)
            EXPECT_EQ(of(split_at(message, {at}, limits)), c.want) << c.limit << " cut at " << at;
    }
}

TEST(MessageSplitter, CutsAHeaderOfTooManyFields)
{
    const std::string message = "A: 1\r\nB: 2\r\n 3\r\nC: 4\r\n\r\nbody";
    const outcome want{{"A: 1\r\n", "B: 2\r\n 3\r\n"}, separator::none, "C: 4\r\n\r\nbody", true};
    EXPECT_EQ(of(split(message, {1 << 20, 2})), want);
    const outcome all{{"A: 1\r\n", "B: 2\r\n 3\r\n", "C: 4\r\n"}, separator::crlf, "body", false};
    EXPECT_EQ(of(split(message, {1 << 20, 3})), all);
}

TEST(MessageSplitter, CutFieldsOfAnyLengthComeBack)
{
    // One field as long as the limit allows, one octet longer, and twice as long.
    const mapping::message_splitter::limits limits{1000, 10};
    for (const auto size : {999u, 1000u, 1001u, 2000u}) {
        auto message = "A: " + std::string(size - 5, 'x') + "\r\n";
        message += "\r\nbody";
        const auto parts = split(message, limits);
        EXPECT_EQ(std::string(parts.header().octets()) + parts.body, message) << size;
        EXPECT_EQ(parts.header().size(), size <= 1000 ? 1u : 0u) << size;
    }
}

TEST(MessageSplitter, AnImmenseLineIsOneField)
{
    const auto message = "Subject: " + std::string(900'000, 'x') + "\r\n\r\nbody";
    const auto parts = split(message);
    ASSERT_EQ(parts.header().size(), 1u);
    EXPECT_EQ(parts.header()[0].octets.size(), 900'011u);
    EXPECT_EQ(parts.body, "body");
}
