// Fields written anew from their views: tables, and the promise that what was written says what was meant.
#include "mapping/view/encoded_word.hpp"
#include "tests/unit/mapping/view_support.hpp"

#include "smtp/address.hpp"

#include <gtest/gtest.h>

using mapping::view::regenerate;
using mapping_test::field;
using mapping_test::header_charset;

namespace {

std::string written(const std::string& name, const std::string& view, header_charset charset = header_charset::ascii)
{
    return regenerate(field(name, "", view), charset).value_or("nothing");
}

std::size_t longest_word(std::string_view line)
{
    std::size_t longest = 0, size = 0;
    for (const auto c : line) longest = std::max(longest, size = c == ' ' ? 0 : size + 1);
    return longest;
}

// Each line is sound: CRLF at its end, white space at the beginning of all but the first, within the limits, no
// character that does not belong there; encoded words are whole and short.
void expect_sound(const std::string& octets, header_charset charset)
{
    ASSERT_TRUE(octets.ends_with("\r\n"));
    EXPECT_TRUE(smtp::is_utf8(octets));
    EXPECT_TRUE(charset == header_charset::utf8 || smtp::is_ascii(octets)) << octets;
    for (std::size_t begin = 0; begin < octets.size();) {
        const auto end = octets.find("\r\n", begin);
        const auto line = std::string_view(octets).substr(begin, end - begin);
        EXPECT_LE(line.size(), 998U);
        EXPECT_NE(line.find_first_not_of(" \t"), std::string_view::npos) << octets; // no line of white space
        EXPECT_TRUE(begin == 0 || line.starts_with(' ')) << octets;
        // Longer than 78 only with one long word in it, or a quotation, which is better left whole.
        EXPECT_TRUE(line.size() <= 78 || longest_word(line) > 20 || line.find('"') != std::string_view::npos) << octets;
        for (const auto c : line) {
            const auto octet = static_cast<unsigned char>(c);
            EXPECT_TRUE(octet >= ' ' && octet != 0x7F) << octets;
        }
        for (auto at = line.find("=?utf-8?"); at != std::string_view::npos; at = line.find("=?utf-8?", at + 1))
            EXPECT_LE(mapping::view::encoded_word_size(line.substr(at)), 75U) << octets;
        begin = end + 2;
    }
}

std::string unfolded(const std::string& octets)
{
    std::string out;
    for (std::size_t i = octets.find(':') + 1; i < octets.size(); ++i)
        if (octets[i] != '\r' && octets[i] != '\n') out += octets[i];
    return out;
}

} // namespace

TEST(Regenerate, WritesStandardSyntax)
{
    struct row {
        std::string name;
        std::string view;
        std::string want;
    };
    const std::vector<row> rows{
        {"Subject", "<v:text>Hello world</v:text>", "Subject: Hello world\r\n"},
        {"Subject", "<v:text>Grüße vom Büro</v:text>",
         "Subject: =?utf-8?Q?Gr=C3=BC=C3=9Fe?= vom =?utf-8?Q?B=C3=BCro?=\r\n"},
        {"Subject", "<v:text>a Grüße Büro b</v:text>", "Subject: a =?utf-8?Q?Gr=C3=BC=C3=9Fe_B=C3=BCro?= b\r\n"},
        {"Subject", "<v:text> x</v:text>", "Subject: =?utf-8?Q?_x?=\r\n"},
        {"Subject", "<v:text>=?utf-8?q?x?=</v:text>", "Subject: =?utf-8?Q?=3D=3Futf-8=3Fq=3Fx=3F=3D?=\r\n"},
        {"Subject", "<v:text></v:text>", "Subject:\r\n"},
        {"Subject", "<v:text>日本語のとても長い件名で、何行にもわたって折り返されるべきもの</v:text>",
         "Subject: =?utf-8?B?5pel5pys6Kqe44Gu44Go44Gm44KC6ZW344GE5Lu25ZCN44Gn44CB?=\r\n"
         " =?utf-8?B?5L2V6KGM44Gr44KC44KP44Gf44Gj44Gm5oqY44KK6L+U44GV44KM44KL44G5?=\r\n"
         " =?utf-8?B?44GN44KC44Gu?=\r\n"},
        {"From", "<v:mailbox name=\"Alice Example\">alice@a.example</v:mailbox>",
         "From: Alice Example <alice@a.example>\r\n"},
        {"From", "<v:mailbox name=\"Smith, J.\">j@a.example</v:mailbox>", "From: \"Smith, J.\" <j@a.example>\r\n"},
        {"From", "<v:mailbox name=\"Größe\">g@a.example</v:mailbox>",
         "From: =?utf-8?Q?Gr=C3=B6=C3=9Fe?= <g@a.example>\r\n"},
        {"From", "<v:mailbox>\"john\"@a.example</v:mailbox>", "From: john@a.example\r\n"},
        {"To",
         "<v:group name=\"All\"><v:mailbox>a@b</v:mailbox><v:mailbox "
         "name=\"C\">c@d</v:mailbox></v:group><v:mailbox>e@f</v:mailbox>",
         "To: All: a@b, C <c@d>;, e@f\r\n"},
        {"To", "<v:group name=\"none\"></v:group>", "To: none:;\r\n"},
        // RFC 6857: an address beyond ASCII is shown, not used.
        {"To", "<v:mailbox name=\"Dömi\">dömi@b.example</v:mailbox>",
         "To: =?utf-8?Q?D=C3=B6mi_=3Cd=C3=B6mi=40b=2Eexample=3E?=:;\r\n"},
        {"Date", "<v:date>2025-11-22T02:31:02+01:00</v:date>", "Date: Sat, 22 Nov 2025 02:31:02 +0100\r\n"},
        {"Date", "<v:date>2025-11-22T02:31:02Z</v:date>", "Date: Sat, 22 Nov 2025 02:31:02 +0000\r\n"},
        {"References", "<v:id>a@b</v:id><v:id>c@d</v:id>", "References: <a@b> <c@d>\r\n"},
        {"Keywords", "<v:keyword>one</v:keyword><v:keyword>zwölf</v:keyword>",
         "Keywords: one, =?utf-8?Q?zw=C3=B6lf?=\r\n"},
        {"List-Id", "<v:list name=\"A, B\">a.example</v:list>", "List-Id: \"A, B\" <a.example>\r\n"},
        {"List-Post", "<v:value>NO</v:value>", "List-Post: NO\r\n"},
        {"List-Help", "<v:uri>mailto:a@b</v:uri><v:uri>https://b/</v:uri>",
         "List-Help: <mailto:a@b>, <https://b/>\r\n"},
        {"Content-Type", "<v:value>text/plain</v:value><v:parameter name=\"Charset\">utf-8</v:parameter>",
         "Content-Type: text/plain; charset=utf-8\r\n"},
        {"Content-Disposition", "<v:value>attachment</v:value><v:parameter name=\"filename\">a b.txt</v:parameter>",
         "Content-Disposition: attachment; filename=\"a b.txt\"\r\n"},
        {"Content-Disposition",
         "<v:value>attachment</v:value><v:parameter name=\"filename\">Übersicht.txt</v:parameter>",
         "Content-Disposition: attachment; filename*=utf-8''%C3%9Cbersicht.txt\r\n"},
        {"Content-Disposition",
         "<v:value>attachment</v:value><v:parameter name=\"filename\">Übersicht über alle Änderungen in der "
         "Größe.txt</v:parameter>",
         "Content-Disposition: attachment;\r\n"
         " filename*0*=utf-8''%C3%9Cbersicht%20%C3%BCber%20alle%20%C3%84nderungen;\r\n"
         " filename*1*=%20in%20der%20Gr%C3%B6%C3%9Fe.txt\r\n"},
        {"DKIM-Signature", "<v:tag name=\"v\">1</v:tag><v:tag name=\"d\">a.example</v:tag>",
         "DKIM-Signature: v=1; d=a.example\r\n"},
        {"Authentication-Results",
         "<v:value>mx</v:value><v:result name=\"dkim\">pass</v:result><v:property name=\"header.i\">@a</v:property>"
         "<v:property name=\"reason\">a b</v:property>",
         "Authentication-Results: mx; dkim=pass header.i=@a reason=\"a b\"\r\n"},
        {"Authentication-Results", "<v:value>mx</v:value>", "Authentication-Results: mx; none\r\n"},
        {"Received-SPF", "<v:result name=\"spf\">pass</v:result><v:property name=\"helo\">h</v:property>",
         "Received-SPF: pass helo=h\r\n"},
    };
    for (const auto& r : rows) EXPECT_EQ(written(r.name, r.view), r.want) << r.name << r.view;
}

TEST(Regenerate, WritesUtf8WhereTheMessageMayHoldIt)
{
    struct row {
        std::string name;
        std::string view;
        std::string want;
    };
    const std::vector<row> rows{
        {"Subject", "<v:text>Grüße</v:text>", "Subject: Grüße\r\n"},
        {"To", "<v:mailbox name=\"Dömi Ä\">dömi@bücher.example</v:mailbox>", "To: Dömi Ä <dömi@bücher.example>\r\n"},
        {"Content-Disposition", "<v:value>attachment</v:value><v:parameter name=\"filename\">ü.txt</v:parameter>",
         "Content-Disposition: attachment; filename=\"ü.txt\"\r\n"},
    };
    for (const auto& r : rows) EXPECT_EQ(written(r.name, r.view, header_charset::utf8), r.want);
}

TEST(Regenerate, HasNothingForWhatAFieldCannotSay)
{
    const std::vector<std::pair<std::string, std::string>> rows{
        {"From", "<v:text>not an address</v:text>"},
        {"From", "<v:mailbox>a@b, c@d</v:mailbox>"},
        {"From", "<v:mailbox>a@b&gt;, &lt;c@d</v:mailbox>"},
        {"From", "<v:mailbox></v:mailbox>"},
        {"From", "<v:group name=\"\"></v:group>"},
        {"Date", "<v:date>tomorrow</v:date>"},
        {"Date", "<v:date>2025-02-30T00:00:00Z</v:date>"},
        {"Date", "<v:date>2025-02-20T00:00:00Z</v:date><v:date>2025-02-20T00:00:00Z</v:date>"},
        {"Message-ID", "<v:id>a b</v:id>"},
        {"Message-ID", "<v:id>a&gt; &lt;b</v:id>"},
        {"Content-ID", "<v:id>ü@b</v:id>"},
        {"Message-ID", "<v:id></v:id>"},
        {"List-Help", "<v:uri>a&gt;, &lt;b</v:uri>"},
        {"Content-Type", "<v:value>text/plain; a=b</v:value>"},
        {"Content-Type", "<v:value>text/plain</v:value><v:parameter name=\"a b\">c</v:parameter>"},
        {"Content-Type", "<v:parameter name=\"a\">c</v:parameter>"},
        {"DKIM-Signature", "<v:tag name=\"v\">1; d=x</v:tag>"},
        {"Authentication-Results", "<v:value>mx</v:value><v:result name=\"a;b\">c</v:result>"},
        {"Received", "<v:text>from x</v:text>"},
        {"Subject", "<v:text>a\nBcc: b</v:text>"},
        {"Subject", "<v:text>a<b></v:text>"},
        {"Subject", "<v:unknown>a</v:unknown>"},
        {"Subject", "<v:text>a</v:text><v:text>b</v:text>"},
        {"Subject", "rubbish"},
        {"X-" + std::string(1000, 'x'), "<v:text>a</v:text>"},
    };
    for (const auto& [name, view] : rows) EXPECT_EQ(written(name, view), "nothing") << view;
}

TEST(Regenerate, TakesTheTextWhereThereIsNoView)
{
    EXPECT_EQ(regenerate(field("Subject", " as  it is "), header_charset::ascii), "Subject: as  it is \r\n");
    EXPECT_EQ(regenerate(field("Subject", " Grüße"), header_charset::utf8), "Subject: Grüße\r\n");
    EXPECT_EQ(regenerate(field("Subject", " Grüße"), header_charset::ascii),
              "Subject: =?utf-8?Q?Gr=C3=BC=C3=9Fe?=\r\n");
    EXPECT_EQ(regenerate(field("From", " Dömi <d@b.example>"), header_charset::ascii),
              "From: =?utf-8?Q?D=C3=B6mi?= <d@b.example>\r\n");
    EXPECT_EQ(regenerate(field("References", " <a@b> <ü@b>"), header_charset::ascii),
              "Downgraded-References: <a@b> =?utf-8?Q?=3C=C3=BC=40b=3E?=\r\n"); // RFC 6857
    EXPECT_EQ(regenerate(field("Content-ID", " <ü@b>"), header_charset::ascii), std::nullopt);
    xproto::field raw;
    raw.raw = true;
    raw.name = "Subject";
    raw.octets = "Subject: Gr\xFC\xDF"
                 "e\r\n";
    EXPECT_EQ(regenerate(raw, header_charset::ascii), std::nullopt);
    EXPECT_EQ(regenerate(raw, header_charset::utf8), std::nullopt);
}

TEST(Regenerate, SaysWhatTheViewSays)
{
    mapping_test::random_views random(5322);
    for (auto i = 0; i < 6000; ++i) {
        const auto name = random.any_name();
        const auto view = mapping::view::to_xml(random.view_for(name));
        for (const auto charset : {header_charset::ascii, header_charset::utf8}) {
            const auto octets = regenerate(field(name, "", view), charset);
            ASSERT_TRUE(octets.has_value()) << name << view;
            expect_sound(*octets, charset);
            ASSERT_EQ(mapping_test::view_of(name, unfolded(*octets)), view) << *octets;
        }
    }
}

// Whatever a view holds, no octet of it ends the field or begins another one.
TEST(Regenerate, CannotBeMadeToForgeAField)
{
    mapping_test::random_views random(2047);
    for (auto i = 0; i < 3000; ++i) {
        const auto name = random.any_name();
        auto view = mapping::view::to_xml(random.view_for(name));
        for (auto n = 1 + random.below(4); n > 0 && !view.empty(); --n)
            view[random.below(view.size())] = static_cast<char>(random.below(256));
        for (const auto charset : {header_charset::ascii, header_charset::utf8})
            if (const auto octets = regenerate(field(name, "", view), charset)) expect_sound(*octets, charset);
    }
}

// At whatever column a word begins, lines stay within their limits and unfold to the same.
TEST(Regenerate, FoldsAtEveryPlace)
{
    for (std::size_t size = 1; size < 200; ++size) {
        const auto words = std::string(size, 'x') + " ü" + std::string(size % 7, 'y') + " z ö";
        const auto view = "<v:text>" + words + "</v:text>";
        const auto mailbox = "<v:mailbox name=\"" + words + "\">a@b.example</v:mailbox>";
        for (const auto charset : {header_charset::ascii, header_charset::utf8})
            for (const auto& [name, what] : {std::pair{std::string("Subject"), view},
                                             {"X-" + std::string(size, 'n'), view},
                                             {std::string("To"), mailbox}}) {
                const auto octets = regenerate(field(name, "", what), charset);
                ASSERT_TRUE(octets.has_value()) << name;
                expect_sound(*octets, charset);
                ASSERT_EQ(mapping_test::view_of(name, unfolded(*octets)), what);
            }
    }
}
