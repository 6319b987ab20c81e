// What the fields of a part say, in every spelling that mail has for it.
#include "mapping/parts/content_fields.hpp"

#include "mapping/parts/parameters.hpp"
#include "mapping/parts/sections.hpp"

#include <gtest/gtest.h>

using namespace mapping::parts;

namespace mapping::parts {

void PrintTo(const parameter& p, std::ostream* out)
{
    *out << p.name << '=' << testing::PrintToString(p.value);
}

} // namespace mapping::parts

namespace {

struct row {
    std::string_view name, body;
    std::string value;
    std::vector<parameter> parameters;
};

TEST(Parameters, AreReadInEverySpelling)
{
    const row rows[] = {
        {"a token", " text/plain; charset=utf-8\r\n", "text/plain", {{"charset", "utf-8"}}},
        {"none", "base64\r\n", "base64", {}},
        {"quotes", "a; b=\"c; d\"; e=f", "a", {{"b", "c; d"}, {"e", "f"}}},
        {"quoted pairs", "a; b=\"c\\\"d\\\\e\"", "a", {{"b", "c\"d\\e"}}},
        {"capitals", "A; B=C", "A", {{"b", "C"}}},
        {"a fold", "a;\r\n\tb=\r\n c;\r\n d=\"e\r\n f\"", "a", {{"b", "c"}, {"d", "e f"}}},
        {"comments", "a (x; y=z) ; (b=) c (()\\)) = (d) e", "a", {{"c", "e"}}},
        {"a comment without an end", "a; b=c (d; e=f", "a", {{"b", "c"}}},
        {"a quotation without an end", "a; b=\"c; d", "a", {{"b", "c; d"}}},
        {"white space around", "a ; b = c ; d", "a", {{"b", "c"}}},
        {"spaces inside, unquoted", "a; b=my file.txt ", "a", {{"b", "my file.txt"}}},
        {"parentheses in an unquoted value",
         "a; b=report(1).pdf; c=d(e); f=g (h)",
         "a",
         {{"b", "report(1).pdf"}, {"c", "d"}, {"f", "g"}}},
        {"an equals sign in the value", "a; b=--=_x=y", "a", {{"b", "--=_x=y"}}},
        {"no name", "a; =b; c=d", "a", {{"c", "d"}}},
        {"empty pieces", "a;;; ;b=c;", "a", {{"b", "c"}}},
        {"an empty value", "a; b=; c=\"\"", "a", {{"b", ""}, {"c", ""}}},
        {"nothing", "", "", {}},
        {"a backslash at the end", "a; b=\"c\\", "a", {{"b", "c\\"}}},
    };
    for (const auto& r : rows) {
        parameter_reader reader(r.body);
        EXPECT_EQ(reader.value(), r.value) << r.name;
        std::vector<parameter> found;
        while (auto p = reader.next()) found.push_back(*p);
        EXPECT_EQ(found, r.parameters) << r.name;
    }
}

TEST(Parameters, TellWhatIsNotClear)
{
    const std::pair<std::string_view, bool> rows[] = {
        {" text/plain; charset=utf-8 (c);; a=\"b;\\\"c\" ; d*0*=x''y", false},
        {"a; b=my file(1).txt", false},
        {"", false},
        {"a=b; c=d", true},
        {"a; b", true},
        {"a; =b", true},
        {"a; b=c\"d\"", true},
        {"a; b=\"c\"d", true},
        {"a; b=\"c\"\"d\"", true},
        {"a; \"b\"=c", true},
        {"a; b=\"c", true},
        {"a (b; c=d", true},
    };
    for (const auto& [body, is_flawed] : rows) {
        parameter_reader reader(body);
        while (reader.next()) {
        }
        EXPECT_EQ(reader.is_flawed(), is_flawed) << body;
    }
}

TEST(Sections, HaveNames)
{
    struct name_row {
        std::string_view written;
        std::string_view name;
        std::size_t number;
        bool is_section, is_encoded;
    };
    const name_row rows[] = {{"a", "a", 0, false, false},      {"a*", "a", 0, true, true},
                             {"a*0", "a", 0, true, false},     {"a*0*", "a", 0, true, true},
                             {"a*999*", "a", 999, true, true}, {"a*012", "a", 12, true, false}};
    for (const auto& r : rows) {
        const auto as = split_section_name(r.written);
        ASSERT_TRUE(as) << r.written;
        EXPECT_EQ(as->name, r.name) << r.written;
        EXPECT_EQ(as->number, r.number) << r.written;
        EXPECT_EQ(as->is_section, r.is_section) << r.written;
        EXPECT_EQ(as->is_encoded, r.is_encoded) << r.written;
    }
    for (const std::string_view written : {"", "*", "*0", "a*x", "a*1000", "a*0*1", "a**", "a*-1"})
        EXPECT_FALSE(split_section_name(written)) << written;
}

content_fields of(std::string_view type, std::string_view disposition = "")
{
    auto header = "Content-Type: " + std::string(type) + "\r\n";
    if (!disposition.empty()) header += "Content-Disposition: " + std::string(disposition) + "\r\n";
    return read_content_fields(header);
}

TEST(ContentFields, AreFoundAmongOthers)
{
    const auto f = read_content_fields("From a@b\r\nSubject: x\r\nCONTENT-TYPE:\r\n Multipart/Mixed;\r\n"
                                       "\tboundary=\"a b\"\r\ncontent-transfer-encoding : 8BIT (really)\r\nnonsense\r\n"
                                       "Content-Disposition: Attachment; filename=x.pdf\r\n\r\n");
    EXPECT_EQ(f.media_type, "multipart/mixed");
    EXPECT_EQ(f.boundary, "a b");
    EXPECT_EQ(f.encoding, "8bit");
    EXPECT_EQ(f.disposition, "attachment");
    EXPECT_EQ(f.filename, "x.pdf");
    EXPECT_FALSE(f.is_repeated);
    EXPECT_EQ(read_content_fields(""), content_fields());
}

TEST(ContentFields, TakeTheFirstOfTwo)
{
    const auto f = read_content_fields("Content-Type: text/html\r\nContent-Type: text/plain\r\n");
    EXPECT_EQ(f.media_type, "text/html");
    EXPECT_TRUE(f.is_repeated);
}

TEST(ContentFields, KnowAFilenameInEveryForm)
{
    struct name_row {
        std::string_view type, disposition;
        std::string filename, charset;
    };
    const name_row rows[] = {
        {"a/b; name=one", "", "one", ""},
        {"a/b; name=one", "attachment; filename=two", "two", ""},
        {"a/b; name=one", "attachment", "one", ""},
        {"a/b", "attachment; filename*=utf-8'de'%C3%BCber%20uns.pdf",
         "\xc3\xbc"
         "ber uns.pdf",
         "utf-8"},
        {"a/b", "attachment; filename*=iso-8859-1''%FC; filename=u", "\xfc", "iso-8859-1"},
        {"a/b", "attachment; filename*0=ab; filename*1=cd", "abcd", ""},
        {"a/b", "attachment; filename*1=cd; filename*0=ab", "abcd", ""},
        {"a/b", "attachment; filename*0*=us-ascii''a%20; filename*1=\"%20\"; filename*2*=%21", "a %20!", "us-ascii"},
        {"a/b", "attachment; filename*0=ab; filename*2=ef", "ab", ""},
        {"a/b", "attachment; filename*0=ab; filename*0=cd", "ab", ""},
        {"a/b", "attachment; filename*x=ab; filename*99999999999999999999=cd", "", ""},
        {"a/b", "attachment; filename*=%zz%4%41", "%zz%4A", ""},
        {"a/b", "attachment; filename*=%4", "%4", ""},
        {"a/b", "attachment; filenames=ab", "", ""},
        {"a/b", "attachment; filename=\"=?utf-8?Q?=C3=BC?=\"", "=?utf-8?Q?=C3=BC?=", ""},
    };
    for (const auto& r : rows) {
        const auto f = of(r.type, r.disposition);
        EXPECT_EQ(f.filename, r.filename) << r.disposition;
        EXPECT_EQ(f.charset, r.charset) << r.disposition;
    }
}

TEST(ContentFields, AreBounded)
{
    EXPECT_EQ(of("multipart/mixed; boundary=" + std::string(256, 'x')).boundary.size(), 256u);
    EXPECT_EQ(of("multipart/mixed; boundary=" + std::string(257, 'x')).boundary, "");
    EXPECT_EQ(of("a/b; name=" + std::string(5000, 'x')).filename.size(), 1024u);
    EXPECT_EQ(read_content_fields("Content-Transfer-Encoding: " + std::string(129, 'x')).encoding, "");
    std::string many = "a/b";
    for (int i = 0; i < 64; ++i) many += "; x=y";
    EXPECT_EQ(of(many + "; name=z").filename, "");
    EXPECT_EQ(of("multipart/mixed; boundary=\"a \t\"").boundary, "a"); // white space at the end belongs to no boundary
}

} // namespace
