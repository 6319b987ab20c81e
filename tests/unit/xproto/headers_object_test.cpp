// The headers object: what it looks like, that nothing is lost, and what a reader refuses.
#include "xproto/headers_object.hpp"

#include "tests/support/xproto_samples.hpp"
#include "xproto/codes.hpp"
#include "xproto/field_names.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <map>

namespace {

using namespace xproto;
using samples::plain;
using samples::raw;

headers_object with(std::vector<field> fields, separator end = separator::crlf)
{
    headers_object h;
    h.fields = std::move(fields);
    h.end = end;
    return h;
}

std::string xml(std::string_view content)
{
    return "<headers xmlns=\"urn:xproto:headers:1\">" + std::string(content) + "</headers>";
}

TEST(HeadersObject, LooksLikeTheSpecification)
{
    const std::pair<field, std::string_view> table[] = {
        {plain("Subject", " Hello"), "<RFC822.Subject t=\" Hello\"/>"},
        {plain("SUBJECT", " Hello"), "<RFC822.Subject n=\"SUBJECT\" t=\" Hello\"/>"},
        {plain("content-type", " text/plain"), "<RFC2045.Content-Type n=\"content-type\" t=\" text/plain\"/>"},
        {plain("DKIM-Signature", " v=1;\ta=x;\tb=y", {5, 10}),
         "<RFC6376.DKIM-Signature fold=\"5 10\" t=\" v=1;&#9;a=x;&#9;b=y\"/>"},
        {plain("X-Foo", " a & b <c@d>"), "<field n=\"X-Foo\" t=\" a &amp; b &lt;c@d>\"/>"},
        {plain("X-Foo", " \"a\" & <b>"), "<field n=\"X-Foo\" t=' \"a\" &amp; &lt;b>'/>"},
        {plain("X-Foo", " \"it's\""), "<field n=\"X-Foo\" t=\" &quot;it's&quot;\"/>"},
        {plain("a\"b", ""), "<field n=\"a&quot;b\"/>"},
        {raw("Subject", "Subject: a\rb\r\n"), "<field n=\"Subject\" enc=\"base64\" t=\"U3ViamVjdDogYQ1iDQo=\"/>"},
        {raw("", "From me Sat\r\n"), "<field enc=\"base64\" t=\"RnJvbSBtZSBTYXQNCg==\"/>"},
    };
    for (const auto& [f, want] : table) {
        const auto written = write(with({f}));
        EXPECT_EQ(written, xml(want));
        const auto back = read_headers(written);
        ASSERT_TRUE(back) << back.error().what;
        EXPECT_EQ(*back, with({f}));
    }
}

TEST(HeadersObject, KeepsTheSeparator)
{
    for (const auto end : {separator::crlf, separator::lf, separator::none})
        EXPECT_EQ(*read_headers(write(with({}, end))), with({}, end));
}

TEST(HeadersObject, GivesBackAnyFieldsOctetForOctet)
{
    samples::random_values random(5322);
    for (int i = 0; i < 3000; ++i) {
        const auto object = random.any_headers();
        const auto written = write(object);
        const auto back = read_headers(written);
        ASSERT_TRUE(back) << back.error().where << ": " << back.error().what << "\n" << written;
        ASSERT_EQ(*back, object) << written;
    }
}

TEST(HeadersObject, IsCompactForOrdinaryMail)
{
    // A header as large senders write it.
    std::vector<field> fields{
        plain("DKIM-Signature",
              " v=1; a=rsa-sha256; c=relaxed/relaxed;        d=example.com; s=20230601; t=1795348800; x=1795953600;    "
              "    "
              "h=to:subject:message-id:date:from:mime-version:from:to:cc:subject         :date:message-id:reply-to;"
              "        bh=g3zLYH4xKxcPrHOD18z9YfpQcnk/GaJedfustWU5uGs=;        "
              "b=Q2hlY2tlZAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA         "
              "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=="),
        plain("X-Google-DKIM-Signature",
              " v=1; a=rsa-sha256; c=relaxed/relaxed; d=1e100.net; s=20230601; bh=g3zLYH4xKxcPrHOD="),
        plain("X-Gm-Message-State", " AOJu0YzqYgcwzVfKz5Cz1PUh5X0Y0Z2K3Xo0J0cIh5Qb1m1p4wq9sZ"),
        plain("MIME-Version", " 1.0"),
        plain("From", " Alice Example <alice@example.com>"),
        plain("Date", " Sun, 22 Nov 2026 12:00:00 +0000"),
        plain("Message-ID", " <CAF=abcdefghijklmnopqrstuvwxyz0123456789@mail.example.com>"),
        plain("In-Reply-To", " <CAF=zyxwvutsrqponmlkjihgfedcba9876543210@mail.example.com>"),
        plain("References", " <CAF=zyxwvutsrqponmlkjihgfedcba9876543210@mail.example.com>"),
        plain("Subject", " Re: The meeting on Friday, and what we should bring along"),
        plain("To", " Bob Example <bob@example.org>, Carol Example <carol@example.net>"),
        plain("Content-Type", " multipart/alternative; boundary=\"000000000000a1b2c3d4e5f60718\""),
        plain("List-Unsubscribe", " <https://lists.example.com/unsubscribe/0123456789abcdef>"),
    };
    for (std::size_t at = 0; (at = fields[0].text.find("        ", at)) != std::string::npos; at += 8)
        fields[0].folds.push_back(static_cast<std::uint32_t>(at));
    std::size_t octets = 0;
    for (const auto& f : fields) octets += f.name.size() + f.text.size() + 3 + 2 * f.folds.size();
    EXPECT_LT(write(with(fields)).size(), octets * 5 / 4);
}

TEST(HeadersObject, UnderstandsWritersThatKnowMoreNamesThanIt)
{
    const auto back = read_headers(xml("<RFC9999.Brand-New t=\" x\"/>\n"));
    ASSERT_TRUE(back);
    EXPECT_EQ(back->fields[0], plain("Brand-New", " x"));
}

TEST(HeadersObject, SaysOnceWhatLinesEndWith)
{
    auto subject = plain("Subject", " a");
    subject.bare_lf = true;
    auto object = with({subject, raw("X", "X: a\r\n")});
    for (const auto end : {separator::crlf, separator::lf, separator::none}) {
        object.end = end;
        const auto back = read_headers(write(object));
        ASSERT_TRUE(back) << back.error().what;
        EXPECT_EQ(*back, object);
    }
    object.end = separator::lf;
    EXPECT_EQ(write(object), "<headers xmlns=\"urn:xproto:headers:1\" lines=\"lf\"><RFC822.Subject t=\" a\"/>"
                             "<field n=\"X\" enc=\"base64\" t=\"WDogYQ0K\"/></headers>");
}

TEST(HeadersObject, IgnoresForeignElementsAndAttributes)
{
    const auto back = read_headers(xml("<RFC822.Subject xmlns:v=\"urn:view\" v:lang=\"de\" t=\" Hallo\">"
                                       "<v:words><v:word>Hallo</v:word></v:words></RFC822.Subject>"
                                       "<v:note xmlns:v=\"urn:view\">x</v:note>"));
    ASSERT_TRUE(back) << back.error().what;
    EXPECT_EQ(*back, with({plain("Subject", " Hallo")}));
}

// What a view means is nobody's business here; that it comes back the same, however it was written, is.
TEST(HeadersObject, KeepsViewsInOneForm)
{
    auto viewed = plain("Subject", " =?utf-8?q?x?=");
    viewed.view = "<v:text>x</v:text>";
    const std::string head = "<headers xmlns=\"urn:xproto:headers:1\" xmlns:v=\"urn:xproto:view:1\">";
    EXPECT_EQ(write(with({viewed, plain("A", " b")})),
              head + "<RFC822.Subject t=\" =?utf-8?q?x?=\"><v:text>x</v:text></RFC822.Subject><field n=\"A\" t=\" b\"/>"
                     "</headers>");
    const std::pair<std::string, std::string> table[] = {
        {"<v:text>x</v:text>", "<v:text>x</v:text>"},
        {"<v:text/>", "<v:text></v:text>"},
        {"<w:text xmlns:w=\"urn:xproto:view:1\">x</w:text>", "<v:text>x</v:text>"},
        {"<text xmlns=\"urn:xproto:view:1\">x</text>", "<v:text>x</v:text>"},
        {"<v:a b='&lt;\"&#9;&#10;' c=\"&amp;\"/>", "<v:a b=\"&lt;&quot;  \" c=\"&amp;\"></v:a>"},
        {"<v:a>x&#10;y]]&gt;</v:a>", "<v:a>x y]]&gt;</v:a>"},
        {"<v:a>\n  <v:b>x</v:b>\n  <o:c xmlns:o=\"urn:o\">y</o:c>\n</v:a>", "<v:a><v:b>x</v:b></v:a>"},
        {"<v:a xmlns:o=\"urn:o\" o:b=\"c\" d=\"e\"/>", "<v:a d=\"e\"></v:a>"},
        {"<o:a xmlns:o=\"urn:o\"><v:b/></o:a>", ""},
        {"<v:a xmlns:v=\"urn:another\">x</v:a>", ""},
    };
    for (const auto& [written, want] : table) {
        const auto read = read_headers(head + "<field n=\"A\" t=\" b\">" + written + "</field>\n</headers>\n");
        ASSERT_TRUE(read) << written << ": " << read.error().what;
        EXPECT_EQ(read->fields[0].view, want) << written;
        EXPECT_EQ(read->fields[0].text, " b");
        EXPECT_EQ(*read_headers(write(*read)), *read);
    }
}

TEST(HeadersObject, RefusesWhatCouldForgeAFieldOrMeanNothing)
{
    const std::pair<std::string_view, std::string> table[] = {
        {"unknown end", "<headers xmlns=\"urn:xproto:headers:1\" end=\"cr\"></headers>"},
        {"other namespace", "<headers xmlns=\"urn:xproto:headers:2\"></headers>"},
        {"unknown attribute", xml("<RFC822.Subject lang=\"de\" t=\"x\"/>")},
        {"unknown element", xml("<Subject>x</Subject>")},
        {"element inside", xml("<RFC822.Subject t=\"x\"><b/></RFC822.Subject>")},
        {"text inside", xml("<RFC822.Subject>x</RFC822.Subject>")},
        {"text inside, and told too", xml("<RFC822.Subject t=\"x\">x</RFC822.Subject>")},
        {"text between", xml("x")},
        {"no number in the element", xml("<RFC.Subject t=\"x\"/>")},
        {"no name in the element", xml("<RFC822. t=\"x\"/>")},
        {"letters in the number", xml("<RFC82a.Subject t=\"x\"/>")},
        {"generic without name", xml("<field t=\"x\"/>")},
        {"name of another field", xml("<RFC822.Subject n=\"From\" t=\"x\"/>")},
        {"raw in an element of its own", xml("<RFC822.Subject enc=\"base64\" t=\"U3ViamVjdDogYQ1iDQo=\"/>")},
        {"other encoding", xml("<field n=\"A\" enc=\"hex\" t=\"00\"/>")},
        {"broken base64", xml("<field n=\"A\" enc=\"base64\" t=\"QTog\"/>  <field enc=\"base64\" t=\"Q\"/>")},
        {"empty name", xml("<field n=\"\" t=\"x\"/>")},
        {"name with a colon", xml("<field n=\"X: y\" t=\"x\"/>")},
        {"name with a space", xml("<field n=\"X Y\" t=\"x\"/>")},
        {"name with a line feed", xml("<field n=\"X&#10;Bcc\" t=\"x\"/>")},
        {"name beyond ASCII", xml("<field n=\"\xc3\xa9\" t=\"x\"/>")},
        {"line feed in the text", xml("<RFC822.Subject t=\"a\nBcc: b\"/>")},
        {"line feed by reference", xml("<RFC822.Subject t=\"a&#10; b\"/>")},
        {"carriage return by reference", xml("<RFC822.Subject t=\"a&#13; b\"/>")},
        {"fold before no white space", xml("<RFC822.Subject fold=\"1\" t=\"aBcc: b\"/>")},
        {"fold at the end", xml("<RFC822.Subject fold=\"2\" t=\"a \"/>")},
        {"fold beyond the end", xml("<RFC822.Subject fold=\"9\" t=\"a \"/>")},
        {"folds not ascending", xml("<RFC822.Subject fold=\"2 1\" t=\"a   \"/>")},
        {"fold twice", xml("<RFC822.Subject fold=\"1 1\" t=\"a   \"/>")},
        {"fold list with two spaces", xml("<RFC822.Subject fold=\"1  2\" t=\"a   \"/>")},
        {"empty fold list", xml("<RFC822.Subject fold=\"\" t=\"a   \"/>")},
        {"fold that is no number", xml("<RFC822.Subject fold=\"x\" t=\"a   \"/>")},
        {"fold of 2^32", xml("<RFC822.Subject fold=\"4294967297\" t=\"a   \"/>")},
        {"raw with folds", xml("<field n=\"A\" enc=\"base64\" fold=\"1\" t=\"QTogDQo=\"/>")},
        {"raw, two fields", xml("<field n=\"A\" enc=\"base64\" t=\"QTogYg0KQzogZA0K\"/>")},
        {"raw, empty", xml("<field enc=\"base64\"/>")},
        {"raw, empty line", xml("<field enc=\"base64\" t=\"DQo=\"/>")},
        {"raw, another name", xml("<field n=\"B\" enc=\"base64\" t=\"QTogDQo=\"/>")},
        {"raw, name not told", xml("<field enc=\"base64\" t=\"QTogDQo=\"/>")},
        {"raw without line end before another",
         xml("<field n=\"A\" enc=\"base64\" t=\"QTog\"/><field n=\"B\" t=\"x\"/>")},
        {"raw without line end before the separator", xml("<field n=\"A\" enc=\"base64\" t=\"QTog\"/>")},
    };
    for (const auto& [name, object] : table) {
        const auto back = read_headers(object);
        ASSERT_FALSE(back) << name;
        EXPECT_FALSE(back.error().what.empty());
        EXPECT_NE(back.error().where.find("at octet"), std::string::npos) << name << ": " << back.error().where;
    }
}

TEST(HeadersObject, NamesItsLimits)
{
    headers_limits limits;
    limits.fields = 2;
    const auto three = write(with({plain("A", "1"), plain("B", "2"), plain("C", "3")}));
    const auto back = read_headers(three, limits);
    ASSERT_FALSE(back);
    EXPECT_EQ(back.error().code.text(), codes::object_limit.text());
    EXPECT_EQ(back.error().what, "the number of fields is over headers.fields (2)");
    EXPECT_EQ(back.error().where, "headers/field[3] at octet 78");
    limits.fields = 3;
    EXPECT_TRUE(read_headers(three, limits));
    limits.octets = three.size();
    EXPECT_TRUE(read_headers(three, limits));
    limits.octets = three.size() - 1;
    EXPECT_FALSE(read_headers(three, limits));
}

TEST(FieldNames, AreFoundInAnyLetterCase)
{
    ASSERT_FALSE(registered_names().empty());
    for (const auto& row : registered_names()) {
        std::string upper(row.name), lower(row.name);
        for (auto& c : upper) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
        for (auto& c : lower) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
        EXPECT_EQ(find_registered(row.name), &row);
        EXPECT_EQ(find_registered(upper), &row);
        EXPECT_EQ(find_registered(lower), &row);
        EXPECT_EQ(find_registered(std::string(row.name) + "-X"), nullptr);
    }
    EXPECT_EQ(find_registered(""), nullptr);
    EXPECT_EQ(find_registered("X-Mailer"), nullptr);
    EXPECT_EQ(find_registered(std::string(100000, 'a')), nullptr);
    EXPECT_EQ(find_registered("subject")->element, "RFC822.Subject");
}

TEST(FieldNames, AreThoseOfTheSpecification)
{
    std::ifstream file(std::string(ISTHMUS_TESTS_DIR) + "/../docs/xproto.md");
    const std::string page{std::istreambuf_iterator<char>(file), {}};
    std::map<std::string, std::string> rows;
    for (const auto& row : registered_names()) {
        auto& names = rows[std::string(row.element.substr(0, row.element.find('.')))];
        names += (names.empty() ? "" : ", ") + std::string(row.name);
    }
    for (const auto& [prefix, names] : rows) {
        const auto line = "\n| " + prefix + " | " + names + " |\n";
        EXPECT_NE(page.find(line), std::string::npos) << "docs/xproto.md wants this row:" << line;
    }
}

} // namespace
