// Law L4: a field whose view was changed is written anew from it, that field alone; all others stay octet for octet.
#include "mapping/to_smtp.hpp"
#include "mapping/to_xproto.hpp"
#include "tests/unit/mapping/support.hpp"
#include "tests/unit/mapping/view_support.hpp"

#include <gtest/gtest.h>

namespace {

using mapping::view::wanted;

const std::string header = "Received: from a by b; Sat, 22 Nov 2025 02:31:02 +0100\r\n"
                           "DKIM-Signature: v=1; d=a.example; h=From:\r\n\tSubject; b=AA\r\n\tBB==\r\n"
                           "From: \"Alice\" (the) <alice@a.example>\r\n"
                           "To: bob@b.example,\r\n Carol <carol@c.example>\r\n"
                           "Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\n  folded   oddly\r\n"
                           "Date: Sat, 22 Nov 25 02:31 EST\r\n"
                           "Message-ID: <1@a.example>\r\n"
                           "X-Odd :\t=?utf-8?q?a?=\r\n"
                           "Content-Type: text/plain; charset=\"utf-8\"\r\n"
                           "Subject: twice\r\n"
                           "\r\n";

struct mapped {
    xproto::envelope envelope;
    xproto::headers_object headers;

    xproto::field& operator[](std::string_view name)
    {
        for (auto& f : headers.fields)
            if (f.name == name) return f;
        ADD_FAILURE() << "no field " << name;
        return headers.fields.front();
    }
    // As the next host sees it: written, and read again.
    std::string out()
    {
        const auto read = xproto::read_headers(xproto::write(headers));
        EXPECT_TRUE(read.has_value()) << (read ? "" : read.error().what);
        return read ? mapping::to_smtp(envelope, *read).header : "";
    }
};

mapped map(std::string_view message, wanted views = wanted::needed, bool smtputf8 = false)
{
    smtp::transaction t;
    if (smtputf8) t.parameters = {{"smtputf8", {}}};
    mapping::mapping_options options;
    options.views = views;
    const auto there = mapping::to_xproto(t, mapping_test::split(message).splitter, "id@mx.example", 0, {}, options);
    const auto headers = xproto::read_headers(there.headers);
    EXPECT_TRUE(headers.has_value()) << (headers ? "" : headers.error().what) << there.headers;
    return {there.envelope, headers ? *headers : xproto::headers_object()};
}

std::string replaced(std::string text, std::string_view old, std::string_view by)
{
    const auto at = text.find(old);
    EXPECT_NE(at, std::string::npos) << old;
    return text.replace(at, old.size(), by);
}

} // namespace

TEST(Edits, NoneLeavesEveryOctet)
{
    EXPECT_EQ(map(header, wanted::needed).out(), header);
    EXPECT_EQ(map(header, wanted::all).out(), header);
}

TEST(Edits, ChangeTheirOwnFieldOnly)
{
    struct row {
        std::string name;
        std::string view;
        std::string old;
        std::string anew;
    };
    const std::vector<row> rows{
        {"Subject", "<v:text>[list] Grüße folded</v:text>",
         "Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\n  folded   oddly\r\n",
         "Subject: [list] =?utf-8?Q?Gr=C3=BC=C3=9Fe?= folded\r\n"},
        {"From", "<v:mailbox name=\"Alice Ä\">alice@a.example</v:mailbox>",
         "From: \"Alice\" (the) <alice@a.example>\r\n", "From: =?utf-8?Q?Alice_=C3=84?= <alice@a.example>\r\n"},
        {"To", "<v:mailbox>bob@b.example</v:mailbox>", "To: bob@b.example,\r\n Carol <carol@c.example>\r\n",
         "To: bob@b.example\r\n"},
        {"Date", "<v:date>2025-11-22T02:31:00+00:00</v:date>", "Date: Sat, 22 Nov 25 02:31 EST\r\n",
         "Date: Sat, 22 Nov 2025 02:31:00 +0000\r\n"},
        {"Message-ID", "<v:id>2@a.example</v:id>", "Message-ID: <1@a.example>\r\n", "Message-ID: <2@a.example>\r\n"},
        {"X-Odd", "<v:text>b</v:text>", "X-Odd :\t=?utf-8?q?a?=\r\n", "X-Odd: b\r\n"},
        {"Content-Type", "<v:value>text/html</v:value><v:parameter name=\"charset\">utf-8</v:parameter>",
         "Content-Type: text/plain; charset=\"utf-8\"\r\n", "Content-Type: text/html; charset=utf-8\r\n"},
        {"DKIM-Signature", "<v:tag name=\"v\">1</v:tag>",
         "DKIM-Signature: v=1; d=a.example; h=From:\r\n\tSubject; b=AA\r\n\tBB==\r\n", "DKIM-Signature: v=1\r\n"},
    };
    for (const auto views : {wanted::needed, wanted::all})
        for (const auto& r : rows) {
            auto message = map(header, views);
            message[r.name].view = r.view;
            EXPECT_EQ(message.out(), replaced(header, r.old, r.anew)) << r.name;
        }
}

TEST(Edits, HaveTheLineEndsOfTheirHeader)
{
    auto unix_header = header;
    std::erase(unix_header, '\r');
    auto message = map(unix_header, wanted::needed);
    message["Subject"].view = "<v:text>" + std::string(60, 'a') + " " + std::string(60, 'b') + "</v:text>";
    const auto edited = message.out();
    EXPECT_EQ(edited.find('\r'), std::string::npos);
    EXPECT_NE(edited.find("\n " + std::string(60, 'b') + "\n"), std::string::npos);
}

TEST(Edits, AreWrittenInUtf8WhereTheTransactionHasIt)
{
    auto message = map(header, wanted::needed, true);
    message["Subject"].view = "<v:text>Größe</v:text>";
    EXPECT_EQ(message.out(),
              replaced(header, "Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\n  folded   oddly\r\n", "Subject: Größe\r\n"));
}

TEST(Edits, MakeNewFields)
{
    auto message = map(header);
    message.headers.fields.push_back(mapping_test::field("X-New", "", "<v:text>ü</v:text>"));
    EXPECT_EQ(message.out(), header.substr(0, header.size() - 2) + "X-New: =?utf-8?Q?=C3=BC?=\r\n\r\n");
}

// Another way to say the same is no edit: the signature over the field stays good.
TEST(Edits, AreNotMadeBySayingTheSame)
{
    const std::vector<std::pair<std::string, std::string>> same{
        {"From", "<v:mailbox name=\"Alice\">\"alice\"@a.example</v:mailbox>"},
        {"Content-Type", "<v:value>text/plain</v:value><v:parameter name=\"CHARSET\">utf-8</v:parameter>"},
        {"Message-ID", "<v:id>1@a.example</v:id>"},
        {"Subject", "<v:text>Grüße  folded   oddly</v:text>"},
    };
    for (const auto& [name, view] : same) {
        auto message = map(header);
        message[name].view = view;
        EXPECT_EQ(message.out(), header) << name;
    }
}

TEST(Edits, ThatNobodyUnderstandsChangeNothing)
{
    for (const std::string view :
         {"<v:picture>x</v:picture>", "<v:mailbox>x</v:mailbox>", "<v:text>a</v:text><v:text>b</v:text>",
          "<v:group name=\"g\"><v:text>x</v:text></v:group>", "<v:text>\xC2\x85</v:text>"}) {
        auto message = map(header);
        message["Subject"].view = view;
        EXPECT_EQ(message.out(), header) << view;
    }
}

// An edit that cannot be made is told, by the name of the field; one that was made, or was none, is not.
TEST(Edits, ThatHaveNoFormAreTold)
{
    struct row {
        std::string name, view;
        std::vector<std::string> told;
    };
    const std::vector<row> rows{
        {"Subject", "<v:text>new</v:text>", {}},
        {"Subject", "<v:text>Grüße  folded   oddly</v:text>", {}},
        {"Subject", "<v:picture>x</v:picture>", {"Subject"}},
        {"Subject", "<v:mailbox>a@b.example</v:mailbox>", {"Subject"}},
        {"From", "<v:mailbox>no address at all</v:mailbox>", {"From"}},
        {"Content-Type", "<v:parameter name=\"charset\">utf-8</v:parameter>", {"Content-Type"}},
    };
    for (const auto& r : rows) {
        auto message = map(header);
        message[r.name].view = r.view;
        const auto made = mapping::to_smtp(message.envelope, message.headers);
        EXPECT_EQ(made.refused_edits, r.told) << r.name << ": " << r.view;
        EXPECT_EQ(made.header == header, !r.told.empty() || r.view.find("Grüße") != std::string::npos) << r.view;
    }
}

TEST(Edits, AreUnderstoodHoweverTheXmlIsWritten)
{
    const std::string xml =
        "<headers xmlns=\"urn:xproto:headers:1\" xmlns:q=\"urn:xproto:view:1\" end=\"crlf\">\n"
        "<RFC822.To t=' old@a.example'><q:group\tname='G &#x26; H' >\n  <q:mailbox name='&#xDC;'>a@b</q:mailbox>\n"
        "</q:group><mailbox xmlns=\"urn:xproto:view:1\">c@d</mailbox></RFC822.To>\n"
        "<RFC822.Subject t=' old'><text xmlns=\"urn:xproto:view:2\">new</text></RFC822.Subject>\n"
        "</headers>\n";
    const auto headers = xproto::read_headers(xml);
    ASSERT_TRUE(headers.has_value()) << headers.error().what;
    EXPECT_EQ(headers->fields[0].view, "<v:group name=\"G &amp; H\"><v:mailbox name=\"Ü\">a@b</v:mailbox></v:group>"
                                       "<v:mailbox>c@d</v:mailbox>");
    EXPECT_EQ(headers->fields[1].view, "");
    EXPECT_EQ(mapping::to_smtp({}, *headers).header,
              "To: G & H: =?utf-8?Q?=C3=9C?= <a@b>;, c@d\r\nSubject: old\r\n\r\n");
    EXPECT_EQ(*xproto::read_headers(xproto::write(*headers)), *headers);
}

// Random edits, one at a time: the field says what the view says, and everything else is as it was.
TEST(Edits, AnyOfThemChangesOneField)
{
    mapping_test::random_views random(4);
    const auto fields_of = [](const std::string& octets) {
        const auto message = mapping_test::split(octets);
        std::vector<std::string> out;
        for (std::size_t i = 0; i < message.header().size(); ++i) out.emplace_back(message.header()[i].octets);
        return out;
    };
    for (auto i = 0; i < 1000; ++i) {
        auto message = map(header, random.one_in(2) ? wanted::all : wanted::needed);
        const auto at = random.below(message.headers.fields.size());
        auto& field = message.headers.fields[at];
        field.view = mapping::view::to_xml(random.view_for(field.name));
        const auto view = field.view;
        const auto before = fields_of(header);
        const auto after = fields_of(message.out());
        ASSERT_EQ(after.size(), before.size());
        for (std::size_t k = 0; k < before.size(); ++k) {
            if (k == at + 1) { // the Received field stands before them
                const auto again = map(after[k], wanted::needed);
                std::string unfolded;
                for (const auto c : after[k].substr(after[k].find(':') + 1))
                    if (c != '\r' && c != '\n') unfolded += c;
                EXPECT_EQ(mapping_test::view_of(field.name, unfolded), view) << after[k];
            } else {
                EXPECT_EQ(after[k], before[k]);
            }
        }
    }
}

// Every octet in every place of fields of every syntax: what comes back is what came, whatever was read into it.
TEST(Views, DoNotHarmTheRoundTrip)
{
    const std::string sample = "To:=?a?b?c?=\"d\"(e)<f@g>,h:i;\r\n\r\n";
    for (const std::string name : {"To", "Date", "Subject", "Content-Type", "References", "DKIM-Signature", "List-Id",
                                   "Authentication-Results"}) {
        const auto message = name + sample.substr(2);
        for (std::size_t at = name.size(); at < message.size(); ++at)
            for (unsigned value = 0; value < 256; ++value) {
                auto changed = message;
                changed[at] = static_cast<char>(value);
                const auto whole = mapping_test::split(changed);
                const auto back = map(changed, wanted::all).out();
                ASSERT_EQ(back + whole.body, changed) << value << " at " << at;
            }
    }
}

TEST(Views, KeepToTheirLimit)
{
    std::string many;
    for (auto i = 0; i < 4000; ++i) many += "Subject: =?utf-8?q?" + std::string(50, 'x') + "?=\r\n";
    const auto there = mapping::to_xproto({}, mapping_test::split(many).splitter, "id@mx.example", 0);
    const auto headers = xproto::read_headers(there.headers);
    ASSERT_TRUE(headers.has_value()) << headers.error().what;
    std::size_t octets = 0;
    for (const auto& f : headers->fields) octets += f.view.size();
    EXPECT_LE(octets, mapping::mapping_limits().view_octets);
    EXPECT_GT(octets, mapping::mapping_limits().view_octets / 2);
}
