// Header fields to objects and back: always the same octets, in the plain form whenever that can be.
#include "mapping/field.hpp"

#include "tests/unit/mapping/support.hpp"
#include "xproto/field_xml.hpp"

#include <gtest/gtest.h>

namespace {

std::string octets_of(const xproto::field& field)
{
    std::string out;
    mapping::append_octets(out, field);
    return out;
}

// A message of this one field, split.
mapping_test::split_message only(const std::string& field)
{
    auto message = mapping_test::split(field);
    EXPECT_EQ(message.header().size(), 1u) << testing::PrintToString(field);
    return message;
}

struct plain_row {
    std::string octets;
    std::string name;
    std::string text;
    std::vector<std::uint32_t> folds;
};

const std::vector<plain_row> plain_rows{
    {"Subject: hello\r\n", "Subject", " hello", {}},
    {"subJECT:hello\r\n", "subJECT", "hello", {}},
    {"Subject:\r\n", "Subject", "", {}},
    {"Subject:  a\tb \r\n", "Subject", "  a\tb ", {}},
    {"Subject: a\r\n b\r\n\tc\r\n", "Subject", " a b\tc", {2, 4}},
    {"Subject:\r\n a\r\n", "Subject", " a", {0}},
    {"Subject: a\r\n \r\n", "Subject", " a ", {2}},
    {"Subject: <&>\"']]>\r\n", "Subject", " <&>\"']]>", {}},
    {"Subject: gr\xC3\xBC\xC3\x9F \xF0\x9F\x93\xA7\r\n", "Subject", " gr\xC3\xBC\xC3\x9F \xF0\x9F\x93\xA7", {}},
    {"X-\"<&>': a\r\n", "X-\"<&>'", " a", {}},
    {"Subject: =?utf-8?q?a?=\r\n", "Subject", " =?utf-8?q?a?=", {}},
};

struct raw_row {
    std::string why;
    std::string octets;
    std::string name;
};

const std::vector<raw_row> raw_rows{
    {"white space before the colon", "Subject : x\r\n", "Subject"},
    {"a bare LF at the end", "Subject: x\n", "Subject"},
    {"a bare LF at a fold", "Subject: x\n y\r\n", "Subject"},
    {"a bare CR", "Subject: x\ry\r\n", "Subject"},
    {"a CR before the line end", "Subject: x\r\r\n", "Subject"},
    {"no line end", "Subject: x", "Subject"},
    {"no line end after a fold", "Subject: x\r\n y", "Subject"},
    {"a CR for a line end", "Subject: x\r", "Subject"},
    {"a NUL", std::string("Subject: \0\r\n", 12), "Subject"},
    {"a control character", "Subject: \x1B[m\r\n", "Subject"},
    {"no UTF-8", "Subject: \xE4\r\n", "Subject"},
    {"overlong UTF-8", "Subject: \xC0\xAF\r\n", "Subject"},
    {"a surrogate", "Subject: \xED\xA0\x80\r\n", "Subject"},
    {"half a character, then a fold", "Subject: \xC3\r\n \xBC\r\n", "Subject"},
    {"U+FFFE", "Subject: \xEF\xBF\xBE\r\n", "Subject"},
    {"U+FFFF", "Subject: \xEF\xBF\xBF\r\n", "Subject"},
    {"above U+10FFFF", "Subject: \xF4\x90\x80\x80\r\n", "Subject"},
    {"a mailbox's line", "From a@b Tue\r\n", ""},
};

} // namespace

TEST(Field, IsPlainWhereverThatGivesTheSameOctets)
{
    for (const auto& row : plain_rows) {
        const auto message = only(row.octets);
        const auto field = mapping::to_field(message.header()[0]);
        EXPECT_FALSE(field.raw) << row.octets;
        EXPECT_EQ(field.name, row.name);
        EXPECT_EQ(field.text, row.text);
        EXPECT_EQ(field.folds, row.folds) << row.octets;
        EXPECT_EQ(octets_of(field), row.octets);
        EXPECT_TRUE(xproto::is_valid(field)) << row.octets;
    }
}

TEST(Field, IsPlainWithTheLineEndsOfItsHeader)
{
    using mapping::line_end;
    const std::string with_lf = "Subject: a\n b\n", with_crlf = "Subject: a\r\n b\r\n";
    const auto field = mapping::to_field(only(with_lf).header()[0], line_end::lf);
    EXPECT_FALSE(field.raw);
    EXPECT_TRUE(field.bare_lf);
    EXPECT_EQ(field.text, " a b");
    EXPECT_EQ(field.folds, (std::vector<std::uint32_t>{2}));
    EXPECT_EQ(octets_of(field), with_lf);
    std::string sent;
    mapping::append_octets(sent, field, line_end::crlf);
    EXPECT_EQ(sent, with_crlf);
    for (const auto& other : {with_crlf, std::string("Subject: a\n b\r\n"), std::string("Subject: a")}) {
        const auto raw = mapping::to_field(only(other).header()[0], line_end::lf);
        EXPECT_TRUE(raw.raw) << testing::PrintToString(other);
        EXPECT_TRUE(xproto::is_valid(raw));
        EXPECT_EQ(octets_of(raw), other);
    }
}

TEST(Field, IsRawWhereItMustBe)
{
    for (const auto& row : raw_rows) {
        const auto message = only(row.octets);
        const auto field = mapping::to_field(message.header()[0]);
        EXPECT_TRUE(field.raw) << row.why;
        EXPECT_EQ(field.name, row.name) << row.why;
        EXPECT_EQ(field.octets, row.octets) << row.why;
        EXPECT_EQ(octets_of(field), row.octets) << row.why;
        EXPECT_TRUE(xproto::is_valid(field)) << row.why;
    }
}

TEST(Field, EveryOctetInEveryPlaceComesBack)
{
    const std::string samples[] = {"Subject: ab\r\n cd\r\n", "S:\r\n", "A : b\n c\r\n"};
    for (const auto& sample : samples) {
        for (std::size_t at = 0; at < sample.size(); ++at) {
            for (unsigned value = 0; value < 256; ++value) {
                auto octets = sample;
                octets[at] = static_cast<char>(value);
                const auto message = mapping_test::split(octets);
                for (const auto lines : {mapping::line_end::crlf, mapping::line_end::lf}) {
                    std::string again;
                    for (std::size_t i = 0; i < message.header().size(); ++i) {
                        const auto field = mapping::to_field(message.header()[i], lines);
                        ASSERT_TRUE(xproto::is_valid(field)) << testing::PrintToString(octets);
                        mapping::append_octets(again, field);
                    }
                    again += message.header().octets().substr(again.size());
                    ASSERT_EQ(again + message.body, octets) << value << " at " << at;
                }
            }
        }
    }
}

TEST(Field, WhatIsMadeToBloatTravelsRaw)
{
    // Each octet would become five in XML, or have an offset of its own.
    std::string folds = "A:";
    for (auto i = 0; i < 1000; ++i) folds += "\r\n ";
    for (const auto& octets : {"A: " + std::string(2000, '&') + "\r\n", folds + "\r\n"}) {
        const auto message = only(octets);
        const auto field = mapping::to_field(message.header()[0]);
        EXPECT_TRUE(field.raw);
        EXPECT_EQ(octets_of(field), octets);
    }
    // A long but honest field does not.
    std::string references = "References:";
    for (auto i = 0; i < 1000; ++i) references += "\r\n <" + std::to_string(i) + ".a.long.enough.id@mail.example.org>";
    EXPECT_FALSE(mapping::to_field(only(references + "\r\n").header()[0]).raw);
}

TEST(Field, OffsetsThatCannotBeArePassedOver)
{
    xproto::field field;
    field.name = "A";
    field.text = " b c";
    field.folds = {2, 1, 9, 2};
    EXPECT_EQ(octets_of(field), "A: b\r\n\r\n c\r\n"); // readers refuse such offsets before this
    field.folds = {100};
    EXPECT_EQ(octets_of(field), "A: b c\r\n");
}
