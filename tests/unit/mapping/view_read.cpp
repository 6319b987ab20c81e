// What fields say: tables of texts and their views, from the standards and from the wild.
#include "mapping/view/charset.hpp"
#include "mapping/view/encoded_word.hpp"
#include "tests/unit/mapping/view_support.hpp"

#include <gtest/gtest.h>

using mapping_test::view_of;

namespace {

struct row {
    std::string name;
    std::string text;
    std::string view; // without `v:`, for the eye
};

std::string without_prefix(std::string xml)
{
    for (const std::string prefix : {"<v:", "</v:"})
        for (auto at = xml.find(prefix); at != std::string::npos; at = xml.find(prefix))
            xml.erase(at + prefix.size() - 2, 2);
    return xml;
}

std::string described(const xproto::field& field, mapping::view::wanted which)
{
    std::size_t room = 1 << 20;
    return mapping::view::describe(field, which, room);
}

void check(const std::vector<row>& rows)
{
    for (const auto& r : rows) EXPECT_EQ(without_prefix(view_of(r.name, r.text)), r.view) << r.name << ':' << r.text;
}

} // namespace

TEST(ViewOfText, DecodesEncodedWords)
{
    check({
        {"Subject", " =?UTF-8?Q?Gr=C3=BC=C3=9Fe?= vom =?UTF-8?Q?B=C3=BCro?=", "<text>Grüße vom Büro</text>"},
        // RFC 2047 8
        {"Comments", " (=?ISO-8859-1?Q?a?=)", "<text>(a)</text>"},
        {"Comments", " (=?ISO-8859-1?Q?a?= b)", "<text>(a b)</text>"},
        {"Comments", " (=?ISO-8859-1?Q?a?= =?ISO-8859-1?Q?b?=)", "<text>(ab)</text>"},
        {"Comments", " (=?ISO-8859-1?Q?a?=   \t =?ISO-8859-1?Q?b?=)", "<text>(ab)</text>"},
        {"Comments", " (=?ISO-8859-1?Q?a_b?=)", "<text>(a b)</text>"},
        {"Comments", " (=?ISO-8859-1?Q?a?= =?ISO-8859-2?Q?_b?=)", "<text>(a b)</text>"},
        {"Subject",
         " =?ISO-8859-1?B?SWYgeW91IGNhbiByZWFkIHRoaXMgeW8=?= =?ISO-8859-2?B?dSB1bmRlcnN0YW5kIHRoZSBleGFtcGxlLg==?=",
         "<text>If you can read this you understand the example.</text>"},
        {"Subject", " =?US-ASCII*EN?Q?Keith?=", "<text>Keith</text>"}, // RFC 2231 5
        // in the wild
        {"Subject", " =?utf-8?b?w?= =?utf-8?b?7w==?=", ""},
        {"Subject", " =?UTF-8?B?R3LD?= =?UTF-8?B?vMOf?= =?utf-8?Q?e?=", "<text>Grüße</text>"}, // a split character
        {"Subject", " =?utf-8?q?with space=21?=", "<text>with space!</text>"},
        {"Subject", " glued=?utf-8?q?=C3=BC?=together", "<text>gluedütogether</text>"},
        {"Subject", " =?iso-2022-jp?B?GyRCRnxLXBsoQg==?=", "<text>日本</text>"},
        {"Subject", " =?gb2312?B?1tDOxA==?= =?KOI8-R?B?8NLJ18XU?=", "<text>中文Привет</text>"},
        {"Subject", " =?iso-8859-1?Q?=80_=93quoted=94?=", "<text>€ “quoted”</text>"},
        {"Subject", " =?utf-8?B?SGVsbG8?=", "<text>Hello</text>"}, // no padding
        {"Subject", " =?utf-8?Q?=3C=26=5D=5D=3E?=", "<text>&lt;&amp;]]&gt;</text>"},
        {"X-Unknown", " =?utf-8?Q?=C3=BC?=", "<text>ü</text>"},
    });
}

TEST(ViewOfText, LeavesOutWhatCannotBeRead)
{
    check({
        {"Subject", " =?x-nobody-knows?Q?abc?=", ""},
        {"Subject", " =?utf-8?Q?=FF?=", ""},
        {"Subject", " =?utf-8?Q?=0D=0ABcc:_x=40y?=", ""}, // a header injection
        {"Subject", " =?utf-8?Q?=00?=", ""},
        {"Subject", " =?us-ascii?Q?=FC?=", ""},
        {"Subject", " =?utf-8?B?!!!!?=", ""},
        {"Subject", " =?utf-8?Q?=C2=85?=", ""}, // a C1 control
        {"Subject", " =?ISO-2022-CN-EXT?Q?a?=", ""},
        {"Subject", " =?//UTF-8?Q?a?=", "<text>=?//UTF-8?Q?a?=</text>"},
        {"Subject", " ", "<text></text>"}, // which says nothing, and is left out of objects
    });
}

TEST(ViewOfText, KeepsWhatOnlyLooksLikeAnEncodedWord)
{
    check({
        {"Subject", " =?utf-8?x?abc?= =?", "<text>=?utf-8?x?abc?= =?</text>"},
        {"Subject", " =?utf-8?q?abc", "<text>=?utf-8?q?abc</text>"},
        {"Subject", " =??q?abc?=", "<text>=??q?abc?=</text>"},
        {"Subject", " a =?=?utf-8?q?b?=", "<text>a =?b</text>"},
    });
}

TEST(ViewOfAddresses, ReadsWhatStandardsAllow)
{
    check({
        {"From", " alice@a.example", "<mailbox>alice@a.example</mailbox>"},
        {"From", " Alice <alice@a.example>", "<mailbox name=\"Alice\">alice@a.example</mailbox>"},
        {"From", " \"Smith, \\\"J\\\"\" <j@a.example>", "<mailbox name=\"Smith, &quot;J&quot;\">j@a.example</mailbox>"},
        {"From", " =?utf-8?q?Gr=C3=B6=C3=9Fe?= <a@b.example>", "<mailbox name=\"Größe\">a@b.example</mailbox>"},
        {"To", " Größe <ö@bücher.example>", "<mailbox name=\"Größe\">ö@bücher.example</mailbox>"},
        {"To", " a@x.example, b@y.example", "<mailbox>a@x.example</mailbox><mailbox>b@y.example</mailbox>"},
        {"To", " Friends: a@x.example, B <b@y.example>;, c@z.example",
         "<group name=\"Friends\"><mailbox>a@x.example</mailbox><mailbox name=\"B\">b@y.example</mailbox></group>"
         "<mailbox>c@z.example</mailbox>"},
        {"Cc", " undisclosed-recipients:;", "<group name=\"undisclosed-recipients\"></group>"},
        {"Reply-To", " \"john doe\"@a.example", "<mailbox>\"john doe\"@a.example</mailbox>"},
        {"Sender", " \"john.doe\"@a.example", "<mailbox>john.doe@a.example</mailbox>"},
        {"Sender", " a@[192.0.2.1]", "<mailbox>a@[192.0.2.1]</mailbox>"},
        {"Resent-To", " (c) a (c) @ (c) b . example (c)", "<mailbox name=\"c\">a@b.example</mailbox>"},
        {"Bcc", " Route <@a.example,@b.example:c@d.example>", "<mailbox name=\"Route\">c@d.example</mailbox>"},
        {"To", " , a@x.example,, b@y.example ,", "<mailbox>a@x.example</mailbox><mailbox>b@y.example</mailbox>"},
    });
}

TEST(ViewOfAddresses, ReadsWhatPeopleWrite)
{
    check({
        {"From", " alice@a.example (Alice =?utf-8?q?=C3=84?=)", "<mailbox name=\"Alice Ä\">alice@a.example</mailbox>"},
        {"From", " a (local) . b@a.example", "<mailbox>a.b@a.example</mailbox>"},
        {"From", " John Q. Public <jqp@a.example>", "<mailbox name=\"John Q. Public\">jqp@a.example</mailbox>"},
        {"From", " info@a.example <info@a.example>", "<mailbox name=\"info@a.example\">info@a.example</mailbox>"},
        {"From", " [Team] X <x@a.example>", "<mailbox name=\"[Team] X\">x@a.example</mailbox>"},
        {"From", " \"=?utf-8?q?=C3=84?=\" <x@a.example>", "<mailbox name=\"Ä\">x@a.example</mailbox>"},
        {"From", " =?utf-8?Q?Smith,_J=C3=B6rg?= <x@a.example>", "<mailbox name=\"Smith, Jörg\">x@a.example</mailbox>"},
        {"From", " =?utf-8?B?w4Q=?= =?utf-8?B?w5Y=?= <x@a.example>", "<mailbox name=\"ÄÖ\">x@a.example</mailbox>"},
        {"From", " \"\" <x@a.example>", "<mailbox>x@a.example</mailbox>"},
        {"To", " group: a@x.example", "<group name=\"group\"><mailbox>a@x.example</mailbox></group>"},
        {"To", " root", "<mailbox>root</mailbox>"},
        {"From", " a..b.@docomo.example", "<mailbox>\"a..b.\"@docomo.example</mailbox>"},
        {"Delivered-To", " bob@b.example", "<mailbox>bob@b.example</mailbox>"},
    });
}

TEST(ViewOfAddresses, LeavesOutWhatCannotBeRead)
{
    const std::vector<std::string> texts{" ",
                                         " <>",
                                         " :",
                                         " ;",
                                         " \"unclosed <a@b>",
                                         " a@b (open",
                                         " <a@b",
                                         " a@b c@d",
                                         " a b",
                                         " two, words",
                                         " a@b@c",
                                         " @b",
                                         " a@",
                                         " a@b.",
                                         " <@a:b>",
                                         " g: h: a@b;",
                                         " a@b;",
                                         " a@[1",
                                         " :::",
                                         " \"",
                                         " \\",
                                         " a@b \xE2\x80\xA8)",
                                         " =?x?q?a?= <a@b>",
                                         " a <b> c@d"};
    for (const auto& text : texts) EXPECT_EQ(view_of("To", text), "") << text;
    EXPECT_EQ(view_of("To", ' ' + std::string(100'000, '(')), "");
    EXPECT_EQ(view_of("To", " a@b" + std::string(60, '(') + std::string(60, ')')),
              "<v:mailbox name=\"" + std::string(59, '(') + std::string(59, ')') + "\">a@b</v:mailbox>");
    std::string many;
    for (auto i = 0; i < 5000; ++i) many += "a@b,";
    EXPECT_EQ(view_of("To", many), "");
}

TEST(ViewOfDates, KeepsTheZone)
{
    check({
        {"Date", " Sat, 22 Nov 2025 02:31:02 +0100", "<date>2025-11-22T02:31:02+01:00</date>"},
        {"Date", " 22 Nov 2025 02:31 -0330 (Newfoundland)", "<date>2025-11-22T02:31:00-03:30</date>"},
        {"Date", " Sat, 1 Jan 00 00:00:60 GMT", "<date>2000-01-01T00:00:60+00:00</date>"},
        {"Date", " 31 dec 99 23:59:59 EST", "<date>1999-12-31T23:59:59-05:00</date>"},
        {"Date", " 1 Jan 100 1:02:03 Z", "<date>2000-01-01T01:02:03+00:00</date>"},
        {"Date", " 1 Jan 2020 01:02:03 A", "<date>2020-01-01T01:02:03-00:00</date>"},
        {"Date", " 1 Jan 2020 01:02:03 -0000", "<date>2020-01-01T01:02:03-00:00</date>"},
        {"Date", " 1 Jan 2020 01:02:03", "<date>2020-01-01T01:02:03-00:00</date>"},
        {"Resent-Date", "Fri , 21 (c) Nov 1997 09(comment):   55  :  06 -0600",
         "<date>1997-11-21T09:55:06-06:00</date>"},
        {"Date", " 29 Feb 2023 01:02:03 +0000", ""},
        {"Date", " 32 Jan 2020 01:02:03 +0000", ""},
        {"Date", " 1 Jan 2020 24:02:03 +0000", ""},
        {"Date", " 1 Jan 2020 01:02:03 +2500", ""},
        {"Date", " 1 Jan 1800 01:02:03 +0000", ""},
        {"Date", " 1 Foo 2020 01:02:03 +0000", ""},
        {"Date", " 1 Jan 2020 01:02:03 +0000 more", ""},
        {"Date", " now", ""},
    });
}

TEST(ViewOfLists, ReadsIdsKeywordsAndUris)
{
    check({
        {"Message-ID", " <a.b@c.example>", "<id>a.b@c.example</id>"},
        {"References", " <a@b> <c@d>\t<e@f>", "<id>a@b</id><id>c@d</id><id>e@f</id>"},
        {"In-Reply-To", " Your message of \"Sat <x>\" <a@b>", "<id>a@b</id>"},
        {"Message-ID", " <1234   @   local(blah)  .machine .example>", "<id>1234@local.machine.example</id>"},
        {"Message-ID", " <no-at-sign>", "<id>no-at-sign</id>"},
        {"Message-ID", " <\"a b\"@c>", "<id>\"a b\"@c</id>"},
        {"Message-ID", " <a@b", ""},
        {"Message-ID", " <>", ""},
        {"Message-ID", " a@b", ""},
        {"Keywords", " one, =?utf-8?q?zw=C3=B6lf?= words,, \"a, b\"",
         "<keyword>one</keyword><keyword>zwölf words</keyword><keyword>a, b</keyword>"},
        {"List-Unsubscribe", " <https://l.example/?a=1&b=(2)>,\t<mailto:x@l.example>(mail)",
         "<uri>https://l.example/?a=1&amp;b=(2)</uri><uri>mailto:x@l.example</uri>"},
        {"List-Post", " NO (closed)", "<value>NO</value>"},
        {"List-Post", " <a> NO", ""},
        {"List-Id", " =?utf-8?q?=C3=9Cber?= all <all.example.org>", "<list name=\"Über all\">all.example.org</list>"},
        {"List-Id", " <all.example.org>", "<list>all.example.org</list>"},
        {"List-Id", " all.example.org", "<list>all.example.org</list>"},
    });
}

TEST(ViewOfParameters, ReadsRfc2231)
{
    check({
        {"Content-Type", " text/plain; charset=UTF-8; format=flowed",
         "<value>text/plain</value><parameter name=\"charset\">UTF-8</parameter><parameter "
         "name=\"format\">flowed</parameter>"},
        // RFC 2231 3, 4, 4.1
        {"Content-Type", " message/external-body; access-type=URL; URL*0=\"ftp://\"; URL*1=\"cs.utk.edu/pub/moore\"",
         "<value>message/external-body</value><parameter name=\"access-type\">URL</parameter>"
         "<parameter name=\"url\">ftp://cs.utk.edu/pub/moore</parameter>"},
        {"Content-Type", " application/x-stuff; title*=us-ascii'en-us'This%20is%20%2A%2A%2Afun%2A%2A%2A",
         "<value>application/x-stuff</value><parameter name=\"title\">This is ***fun***</parameter>"},
        {"Content-Type",
         " application/x-stuff; title*0*=us-ascii'en'This%20is%20even%20more%20; title*1*=%2A%2A%2Afun%2A%2A%2A%20; "
         "title*2=\"isn't it!\"",
         "<value>application/x-stuff</value><parameter name=\"title\">This is even more ***fun*** isn't "
         "it!</parameter>"},
        {"Content-Disposition", " attachment; filename*1=b; filename*0=a",
         "<value>attachment</value><parameter name=\"filename\">ab</parameter>"},
        {"Content-Disposition", " attachment; filename=plain.txt; filename*=UTF-8''%C3%BC.txt",
         "<value>attachment</value><parameter name=\"filename\">ü.txt</parameter>"},
        {"Content-Disposition", " attachment; filename*0*=utf-8''%C3; filename*1*=%BC",
         "<value>attachment</value><parameter name=\"filename\">ü</parameter>"},
        {"Content-Disposition", " attachment; filename=\"=?utf-8?Q?=C3=BC?=.txt\"",
         "<value>attachment</value><parameter name=\"filename\">ü.txt</parameter>"},
        {"Content-Disposition", " attachment; filename=my file.pdf; size=3",
         "<value>attachment</value><parameter name=\"filename\">my file.pdf</parameter><parameter "
         "name=\"size\">3</parameter>"},
        {"Content-Type", " multipart/mixed; boundary=\"a;\\\"b\" (c);",
         "<value>multipart/mixed</value><parameter name=\"boundary\">a;\"b</parameter>"},
        {"MIME-Version", " 1.0 (produced by hand)", "<value>1.0</value>"},
        {"Content-Transfer-Encoding", " 8bit", "<value>8bit</value>"},
        {"Content-Type", " text/plain; charset*=x'y", ""},
        {"Content-Type", " text/plain; a*0=x; a*2=y", ""},
        {"Content-Type", " text/plain; a=1; A=2", ""},
        {"Content-Type", " text/plain; a*0=1; a*0=2", ""},
        {"Content-Type", " text/plain; a*=utf-8''%FF", ""},
        {"Content-Type", " text/plain; a*=utf-8''%0D%0A", ""},
        {"Content-Type", " text/plain; a*=utf-8''%4", ""},
        {"Content-Type", " text/plain; a*1000=x", ""},
        {"Content-Type", " text/plain; foo", ""},
        {"Content-Type", " text/plain; a=\"open", ""},
        {"Content-Type", " ; a=b", ""},
    });
}

TEST(ViewOfSignaturesAndResults, ReadsTags)
{
    check({
        {"DKIM-Signature", " v=1; a=rsa-sha256; h=From :\tTo; b=AA\t BB==;",
         "<tag name=\"v\">1</tag><tag name=\"a\">rsa-sha256</tag><tag name=\"h\">From:To</tag><tag "
         "name=\"b\">AABB==</tag>"},
        {"ARC-Seal", " i=1; cv=none", "<tag name=\"i\">1</tag><tag name=\"cv\">none</tag>"},
        {"DKIM-Signature", " v=1; nonsense", ""},
        {"Authentication-Results",
         " mx.example 1; dkim=pass (2048-bit) reason=\"good; sig\" header.d=s.example; spf=fail",
         "<value>mx.example</value><result name=\"dkim\">pass</result><property name=\"reason\">good; sig</property>"
         "<property name=\"header.d\">s.example</property><result name=\"spf\">fail</result>"},
        {"Authentication-Results", " mx.example; none", "<value>mx.example</value>"},
        {"Authentication-Results", " spf=pass (sender IP is 192.0.2.1) smtp.mailfrom=a@b.example; dkim=none",
         "<result name=\"spf\">pass</result><property name=\"smtp.mailfrom\">a@b.example</property>"
         "<result name=\"dkim\">none</result>"},
        {"ARC-Authentication-Results", " i=2; mx.example; dmarc=pass",
         "<tag name=\"i\">2</tag><value>mx.example</value>"
         "<result name=\"dmarc\">pass</result>"},
        {"Authentication-Results", " mx.example; dkim", ""},
        {"Received-SPF", " pass (mx: b) client-ip=192.0.2.1; envelope-from=\"a@b\"; helo=h;",
         "<result name=\"spf\">pass</result><property name=\"client-ip\">192.0.2.1</property>"
         "<property name=\"envelope-from\">a@b</property><property name=\"helo\">h</property>"},
    });
}

TEST(ViewOfTraceFields, StandsInTheEnvelope)
{
    EXPECT_EQ(view_of("Received", " from a by b; Sat, 22 Nov 2025 02:31:02 +0100"), "");
    EXPECT_EQ(view_of("return-path", " <a@b>"), "");
}

// A view that says no more than the text is left out; what has encoded words, comments or quotations has one.
TEST(Views, AreLeftOutWhereTheTextIsPlain)
{
    struct plain_row {
        std::string name;
        std::string text;
        bool plain;
    };
    const std::vector<plain_row> rows{
        {"Subject", " Re: hello", true},
        {"Subject", " Grüße", true},
        {"Subject", " =?utf-8?q?x?=", false},
        {"From", " Alice Example <alice@a.example>", true},
        {"To", " a@b.example, Bob <b@c.example>", true},
        {"From", " \"Alice\" <alice@a.example>", true},
        {"From", " \"alice@a.example\"\t<alice@a.example>, \"B.\" <b@c.example>", true},
        {"From", " \"Alice, A.\" <alice@a.example>", false},
        {"From", " \"Alice \\\"A\\\"\" <alice@a.example>", false},
        {"From", " \"=?utf-8?q?A?=\" <alice@a.example>", false},
        {"From", " \"Alice\" A. <alice@a.example>", false},
        {"From", " \"alice a\"@a.example", false},
        {"From", " \"\" <alice@a.example>", true},
        {"From", " alice@a.example (Alice)", false},
        {"To", " undisclosed-recipients:;", false},
        {"Date", " Sat, 22 Nov 2025 02:31:02 +0100", true},
        {"Date", " Sat, 22 Nov 2025 02:31:02 +0100 (CET)", true},
        {"Date", " Sat, 22 Nov 2025 02:31:02 +0100 (C(E)T)", false},
        {"Date", " Sat (c), 22 Nov 2025 02:31:02 +0100", false},
        {"Date", " Sat, 22 Nov 25 02:31:02 +0100", false},
        {"Date", " Sat, 22 Nov 2025 02:31:02 GMT", true},
        {"Date", " Sat, 22 Nov 2025 02:31:02 EST", false},
        {"Message-ID", " <a@b.example>", true},
        {"Content-Type", " multipart/mixed; boundary=\"x y\"", true},
        {"Content-Type", " multipart/mixed; boundary=\"x;y\"", false},
        {"Content-Disposition", " attachment; filename*=utf-8''%C3%BC", false},
        {"Content-Type", " multipart/mixed; boundary=\"(x*)\"", true},
        {"Content-Type", " multipart/mixed; boundary=\"x\\\\y\"", false},
        {"Content-Type", " text/plain (a; b); charset=utf-8", false},
        {"MIME-Version", " 1.0 (c)", true},
        {"MIME-Version", " (c) 1.0", false},
        {"DKIM-Signature", " v=1; b=A B", true},
        {"Authentication-Results", " mx.example; spf=pass", true},
        {"Authentication-Results", " mx.example; spf=pass (c)", false},
        {"List-Unsubscribe", " <https://l.example/a>, <mailto:b@l.example>", true},
        {"List-Unsubscribe", " <https://l.example/a>,\t<mailto:b@l.example>", true},
        {"List-Unsubscribe", " <https://l.example/a> (in a browser)", false},
        {"List-Unsubscribe", " <https://l.example/ a>", false},
        {"List-Post", " NO", true},
        {"List-Post", " NO (closed)", false},
        {"List-Id", " \"A list\" <a.example>", true},
        {"List-Id", " A \"list\" <a.example>", false},
    };
    for (const auto& r : rows) {
        const auto view = described(mapping_test::field(r.name, r.text), mapping::view::wanted::needed);
        EXPECT_EQ(view.empty(), r.plain) << r.name << ':' << r.text << ": " << view;
    }
}

TEST(Views, OfRawFieldsAreReadFromTheirOctets)
{
    xproto::field raw;
    raw.raw = true;
    raw.name = "Subject";
    raw.octets = "Subject \t: a\n folded =?utf-8?q?=C3=BC?=\r\n too\n";
    EXPECT_EQ(described(raw, mapping::view::wanted::needed), "<v:text>a folded ü too</v:text>");
    raw.octets = "Subject: Gr\xFC\xDF"
                 "e\r\n"; // ISO-8859-1, unencoded: nobody can know
    EXPECT_EQ(described(raw, mapping::view::wanted::needed), "");
    raw.name.clear();
    raw.octets = "From alice Sat\r\n";
    EXPECT_EQ(described(raw, mapping::view::wanted::needed), "");
}

// Doubling the input must not make anything four times as slow; these would take minutes if it did.
TEST(Views, AreReadInTimeThatGrowsWithTheText)
{
    const std::vector<std::string> pieces{
        "=?", "=?a?q?",         "=?a?q?b", "(",      "\"", "<", "a@b,", ":",    "[",
        " ",  "=?utf-8?q?a?= ", ";",       "a*0=b;", "\\", ".", "<a>",  "a=b;", "=?utf-8?b?w?= "};
    for (const std::string name : {"Subject", "To", "References", "Keywords", "Content-Type", "DKIM-Signature",
                                   "Authentication-Results", "Received-SPF", "List-Id", "List-Help", "Date"})
        for (const auto& piece : pieces) {
            std::string text = " a ";
            while (text.size() < mapping::view::longest_text - 10) text += piece;
            view_of(name, text);
        }
}
