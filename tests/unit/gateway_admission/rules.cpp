// The rules about mail, as a table: which facts, at which stage, are refused by which rule.
#include "gateway/admission/rules.hpp"

#include "gateway/config/load.hpp"
#include "mapping/message_splitter.hpp"

#include <gtest/gtest.h>

namespace {

using namespace gateway::admission;
using gateway::config::filter;
using gateway::config::trust;
using kind = mapping::verdict::kind;

// The rules of a file, as the daemon reads it.
std::vector<filter> rules(const std::string& toml)
{
    const auto read = gateway::config::parse("site = \"a.example\"\nhost = \"mx.a.example\"\n" + toml, "isthmus.toml");
    if (!read) {
        for (const auto& p : read.error()) ADD_FAILURE() << p.text();
        return {};
    }
    return read->filters;
}

mail_facts ordinary()
{
    mail_facts mail;
    mail.by_xproto = true;
    mail.host = "mx1.edge.example";
    mail.address = "192.0.2.7";
    mail.trust = trust::known;
    mail.tls = "TLSv1.3";
    mail.sender = "alice@edge.example";
    mail.recipients = {"bob@a.example", "carol@b.example"};
    mail.octets = 5000;
    mail.options = {"NOTIFY", "99.2.5"};
    mail.media_type = "multipart/mixed";
    mail.fields = {{"Subject", "=?utf-8?q?You_have_won?=", "You have won"}, {"X-Spam", "yes", ""}};
    return mail;
}

struct row {
    const char* name;
    const char* condition;
    bool applies;
    subject about;
};

TEST(Rules, ApplyWhenAllTheirConditionsHold)
{
    const row table[] = {
        {"host", R"(hosts = ["*.edge.example"])", true, subject::peer},
        {"another host", R"(hosts = ["edge.example"])", false, subject::peer},
        {"network", R"(addresses = ["192.0.2.0/24"])", true, subject::peer},
        {"another network", R"(addresses = ["198.51.100.0/24", "2001:db8::/32"])", false, subject::peer},
        {"standing", R"(trust = ["unknown", "known"])", true, subject::peer},
        {"another standing", R"(trust = ["trusted"])", false, subject::peer},
        {"protocol", R"(protocol = "xproto")", true, subject::peer},
        {"another protocol", R"(protocol = "smtp")", false, subject::peer},
        {"enough TLS", R"(min_tls = "1.3")", false, subject::encryption},
        {"too large", R"(max_octets = 4999)", true, subject::size},
        {"just not too large", R"(max_octets = 5000)", false, subject::size},
        {"sender", R"(senders = ["alice@edge.example"])", true, subject::sender},
        {"sender's local part in another case", R"(senders = ["Alice@edge.example"])", false, subject::sender},
        {"sender's domain", R"(senders = ["EDGE.example"])", true, subject::sender},
        {"everybody at the domain", R"(senders = ["*@edge.example"])", true, subject::sender},
        {"below the domain only", R"(senders = ["*.edge.example"])", false, subject::sender},
        {"null sender", R"(senders = ["<>"])", false, subject::sender},
        {"extension", R"(options = ["99.2.5"])", true, subject::option},
        {"parameter, in any case", R"(options = ["notify"])", true, subject::option},
        {"no such option", R"(options = ["RET"])", false, subject::option},
        {"media type", R"(media_type = ["Multipart/Mixed"])", true, subject::media_type},
        {"top-level type", R"(media_type = ["image/*", "multipart/*"])", true, subject::media_type},
        {"another media type", R"(media_type = ["multipart/mixed2", "text/*"])", false, subject::media_type},
        {"field", R"(field = "x-spam")", true, subject::field},
        {"no such field", R"(field = "x-ham")", false, subject::field},
        {"text behind an encoded word", R"(field = "subject"
matches = "have won$")",
         true, subject::field},
        {"text as it stands", R"(field = "subject"
matches = "utf-8")",
         true, subject::field},
        {"another text", R"(field = "subject"
matches = "^won")",
         false, subject::field},
        {"two conditions", R"(senders = ["edge.example"]
max_octets = 10)",
         true, subject::sender},
        {"one of two does not hold", R"(senders = ["edge.example"]
max_octets = 10000)",
         false, subject::sender},
    };
    for (const auto& r : table) {
        const auto made = rules("[[filter]]\nname = \"it\"\n" + std::string(r.condition) + "\n");
        ASSERT_EQ(made.size(), 1u) << r.name;
        const auto said = judge(made, made[0].at, ordinary());
        ASSERT_EQ(said.message.has_value(), r.applies) << r.name;
        if (!said.message) continue;
        EXPECT_EQ(said.message->about, r.about) << r.name;
        EXPECT_EQ(said.message->rule, "it") << r.name;
        EXPECT_EQ(said.message->verdict, mapping::verdict::rejected({5, 7, 1}, "refused by policy", "it")) << r.name;
    }
}

TEST(Rules, AskForEncryption)
{
    const auto made = rules("[[filter]]\nmin_tls = \"1.3\"\n[[filter]]\nmin_tls = \"1.2\"\n");
    auto mail = ordinary();
    mail.tls = "TLSv1.2";
    EXPECT_EQ(judge(made, stage::envelope_announced, mail).message->rule, "filter[1]");
    mail.tls.clear();
    EXPECT_FALSE(judge({&made[1], 1}, stage::envelope_announced, mail).message->rule.empty());
    mail.tls = "TLSv1.2";
    EXPECT_FALSE(judge({&made[1], 1}, stage::envelope_announced, mail).message);
}

TEST(Rules, AreAskedAtTheFirstStageThatKnowsEnough)
{
    const std::pair<const char*, stage> table[] = {
        {R"(hosts = ["*"])", stage::envelope_announced},
        {R"(max_octets = 1)", stage::envelope},
        {R"(senders = ["<>"])", stage::envelope},
        {R"(recipients = ["*"])", stage::envelope},
        {R"(media_type = ["a/b"])", stage::envelope},
        {R"(options = ["x"])", stage::envelope},
        {R"(field = "x")", stage::headers},
        {"hosts = [\"*\"]\nat = \"body-announced\"", stage::body_announced},
    };
    for (const auto& [condition, want] : table)
        EXPECT_EQ(rules("[[filter]]\n" + std::string(condition) + "\n").at(0).at, want) << condition;
}

TEST(Rules, AreAskedAgainWhenSizeOrTypeIsKnownBetter)
{
    const auto made = rules("[[filter]]\nmedia_type = [\"image/*\"]\n[[filter]]\nsenders = [\"edge.example\"]\n");
    auto mail = ordinary();
    mail.sender = "x@elsewhere.example";
    EXPECT_FALSE(judge(made, stage::envelope, mail).message);
    mail.media_type = "image/png"; // the header says other than the envelope did
    mail.sender = "alice@edge.example";
    EXPECT_EQ(judge(made, stage::headers, mail).message->rule, "filter[1]");
    mail.media_type.clear();
    EXPECT_FALSE(judge(made, stage::headers, mail).message) << "a sender does not change";
}

TEST(Rules, RefuseSingleRecipientsAtTheEnvelope)
{
    const auto made = rules(R"(
[[filter]]
action = "accept"
recipients = ["bob@a.example"]
[[filter]]
action = "defer"
code = "4.2.1"
text = "not now"
recipients = ["a.example", "b.example"]
)");
    auto mail = ordinary();
    mail.recipients = {"bob@a.example", "dora@a.example", "eve@c.example", "carol@b.example"};
    const auto said = judge(made, stage::envelope, mail);
    EXPECT_FALSE(said.message);
    EXPECT_FALSE(said.exempt);
    ASSERT_EQ(said.recipients.size(), 2u);
    EXPECT_EQ(said.recipients[0].first, 1u);
    EXPECT_EQ(said.recipients[1].first, 3u);
    EXPECT_EQ(said.recipients[1].second.verdict, mapping::verdict::deferred({4, 2, 1}, "not now", "filter[2]"));
    EXPECT_EQ(said.recipients[1].second.about, subject::recipient);
}

TEST(Rules, AboutRecipientsRefuseTheMessageLater)
{
    const auto made = rules("[[filter]]\nrecipients = [\"b.example\"]\nfield = \"subject\"\n");
    auto mail = ordinary();
    EXPECT_EQ(judge(made, stage::headers, mail).message->about, subject::field);
    mail.recipients.pop_back();
    EXPECT_FALSE(judge(made, stage::headers, mail).message);
}

TEST(Rules, EndWithTheFirstThatApplies)
{
    const auto made = rules(R"(
[[filter]]
action = "accept"
senders = ["edge.example"]
[[filter]]
max_octets = 1
)");
    auto mail = ordinary();
    auto said = judge(made, stage::envelope, mail);
    EXPECT_TRUE(said.exempt);
    EXPECT_FALSE(said.message);
    mail.sender = "";
    said = judge(made, stage::envelope, mail);
    EXPECT_FALSE(said.exempt);
    EXPECT_EQ(said.message->verdict.outcome, kind::rejected);
}

TEST(Rules, DoNotKnowASenderBeforeTheEnvelope)
{
    auto mail = ordinary();
    mail.sender.reset();
    EXPECT_FALSE(judge(rules("[[filter]]\nsenders = [\"<>\"]\n"), stage::envelope, mail).message);
}

TEST(MatchesMailbox, KnowsItsForms)
{
    struct {
        const char *pattern, *address;
        bool want;
    } const table[] = {
        {"<>", "", true},
        {"<>", "a@b.example", false},
        {"*", "", false},
        {"*", "a@b.example", true},
        {"b.example", "a@B.EXAMPLE", true},
        {"b.example", "a@x.b.example", false},
        {"a@b.example", "a@b.example", true},
        {"a@b.example", "aa@b.example", false},
        {"a@*.b.example", "a@x.b.example", true},
        {"b.example", "a@notb.example", false},
        {"b.example", "b.example", false},
        {"b.example", "\"x@b.example\"@c.example", false},
        {"b.example", "postmaster", false},
    };
    for (const auto& r : table)
        EXPECT_EQ(matches_mailbox(r.pattern, r.address), r.want) << r.pattern << " " << r.address;
}

TEST(FilterFacts, AreTheSameFromEitherKindOfHeader)
{
    const auto made = rules("[[filter]]\nfield = \"subject\"\n[[filter]]\nfield = \"x-a\"\n");
    mapping::message_splitter splitter;
    splitter.push(
        "Subject: =?utf-8?q?caf=C3=A9?=\r\n very long\r\nFrom: <a@b>\r\nCONTENT-Type: Image/PNG; name=x\r\nX-A: "
        "\xff\r\n\r\nbody");
    const std::vector<field_facts> want{{"Subject", " =?utf-8?q?caf=C3=A9?= very long", " caf\xC3\xA9 very long"},
                                        {"X-A", " \xff", ""}};
    EXPECT_EQ(facts_of(splitter.header(), made), want);
    EXPECT_EQ(media_type_of(splitter.header()), "image/png");

    xproto::headers_object header;
    xproto::field subject_field;
    subject_field.name = "Subject";
    subject_field.text = want[0].text;
    xproto::field raw;
    raw.name = "X-A";
    raw.raw = true;
    raw.octets = "X-A: \xff\r\n";
    header.fields = {subject_field, raw};
    EXPECT_EQ(facts_of(header, made), want);
    EXPECT_EQ(media_type_of(header), "text/plain");
    xproto::field type;
    type.name = "Content-Type";
    type.text = " image/png";
    header.fields.push_back(type);
    EXPECT_EQ(media_type_of(header), "image/png");
}

TEST(FilterFacts, AreBounded)
{
    const auto made = rules("[[filter]]\nfield = \"x\"\n");
    xproto::headers_object header;
    xproto::field one;
    one.name = "X";
    one.text = std::string(longest_field_text - 10, 'a');
    header.fields.assign(100, one);
    std::size_t octets = 0;
    for (const auto& f : facts_of(header, made)) octets += f.text.size();
    EXPECT_EQ(octets, longest_field_text);
}

TEST(FilterConfiguration, ReportsWhatCannotBe)
{
    const std::pair<const char*, const char*> table[] = {
        {"[[filter]]\nname = \"x\"\n", "isthmus.toml:3: filter[1]: has no condition, and would be about all mail"},
        {"[[filter]]\nsenders = [\"<>\"]\nat = \"envelope-announced\"\n",
         "isthmus.toml:5: filter[1].at: what the rule asks for is known only at \"envelope\""},
        {"[[filter]]\nfield = \"subject\"\nmatches = \"(x\"\n",
         "isthmus.toml:5: filter[1].matches: wanted a regular expression (missing ): (x); found \"(x\""},
        {"[[filter]]\nmatches = \"x\"\nsenders = [\"<>\"]\n",
         "isthmus.toml:4: filter[1].matches: of which field? `field` is missing"},
        {"[[filter]]\nsenders = [\"<>\"]\ncode = \"4.7.1\"\n",
         "isthmus.toml:5: filter[1].code: wanted a status code such as \"5.7.1\""},
        {"[[filter]]\nsender = [\"<>\"]\n",
         "isthmus.toml:4: filter[1].sender: unknown key; did you mean filter.senders?"},
        {"[[filter]]\nsenders = [\"a b\"]\n",
         "isthmus.toml:4: filter[1].senders: wanted an address, a domain name, \"*.name\" for all below it, or \"<>\"; "
         "found \"a b\""},
        {"[[filter]]\nmedia_type = [\"image\"]\n",
         "isthmus.toml:4: filter[1].media_type: wanted a media type such as \"image/png\" or \"image/*\"; found "
         "\"image\""},
    };
    for (const auto& [toml, want] : table) {
        const auto read = gateway::config::parse("site = \"a.example\"\nhost = \"mx.a.example\"\n" + std::string(toml),
                                                 "isthmus.toml");
        ASSERT_FALSE(read) << toml;
        std::vector<std::string> said;
        for (const auto& p : read.error()) said.push_back(p.text());
        EXPECT_NE(std::find(said.begin(), said.end(), want), said.end()) << said.front();
    }
}

} // namespace
