// No fact of a report is lost: values to XML and back, to mail and back, and from mail over XML to mail again.
#include "mapping/report/error_report_xml.hpp"
#include "mapping/report/report.hpp"
#include "mapping/report/report_reader.hpp"
#include "tests/support/scratch.hpp"
#include "tests/unit/mapping/report_support.hpp"
#include "tests/unit/mapping/report_values.hpp"

using mapping::error_report;
using mapping::report_kind;
using namespace mapping_test;

namespace {

constexpr report_kind kinds[] = {report_kind::delivery, report_kind::disposition, report_kind::abuse};

mapping::report mail_of(const error_report& values, bool utf8)
{
    mapping::report_mail how;
    how.host = "mx1.edge.example";
    how.id = "r1";
    how.time = 1763775062;
    how.to = utf8 ? umlaut_address : "alice@edge.example";
    how.way = {utf8, utf8};
    mapping::report_limits limits;
    limits.text = 4096;
    return write_report_message(values, how, limits);
}

error_report read_mail(const std::string& message)
{
    const auto split = mapping_test::split(message);
    const auto found = mapping::read_report(split.header(), split.body);
    EXPECT_TRUE(found.has_value()) << message;
    return found.value_or(error_report());
}

} // namespace

TEST(ReportRoundTrip, XmlSaysAllOfIt)
{
    random_reports random(1, true);
    for (int i = 0; i < 300; ++i) {
        auto values = random.any(kinds[i % 3]);
        values.flaws = {"a flaw"};
        const auto xml = mapping::write_xml(values);
        const auto back = mapping::read_error_report(xml);
        ASSERT_TRUE(back) << back.error().where << ": " << back.error().what << "\n" << xml;
        EXPECT_EQ(*back, values) << xml;
    }
}

TEST(ReportRoundTrip, XmlHoldsAnyOctets)
{
    std::string octets;
    for (int c = 0; c < 256; ++c) octets += static_cast<char>(c);
    error_report values;
    values.message = values.original_message_id = values.envelope_id = values.agent = values.feedback = octets;
    values.reporter = values.gateway = values.received_from = {"x", octets};
    values.mail_from = octets;
    values.others = {{"X-Any", octets}};
    auto& about = values.recipients.emplace_back();
    about.original = about.final = about.remote = about.diagnostic = {"", octets};
    about.action_comment = about.status_comment = about.log_id = about.disposition = octets;
    for (const std::string& text : {std::string(" "), std::string("\n"), std::string("a\r\nb"), std::string("]]>&<")})
        about.others.push_back({"X-Any", text});
    const auto back = mapping::read_error_report(mapping::write_xml(values));
    ASSERT_TRUE(back) << back.error().where << ": " << back.error().what;
    EXPECT_EQ(*back, values);
}

TEST(ReportRoundTrip, MailSaysAllOfIt)
{
    for (const bool utf8 : {false, true}) {
        random_reports random(2, utf8);
        for (int i = 0; i < 600; ++i) {
            const auto values = random.any(kinds[i % 3]);
            const auto mail = mail_of(values, utf8);
            expect_sound(mail);
            ASSERT_EQ(read_mail(mail.message), values) << mail.message;
        }
    }
}

TEST(ReportRoundTrip, MailIsTheSameAgain)
{
    random_reports random(3, true);
    for (int i = 0; i < 300; ++i) {
        const auto mail = mail_of(random.any(kinds[i % 3]), true);
        const auto envelope = mapping::make_report_envelope(read_mail(mail.message), "a@x", "id", 0);
        const auto* const extension = mapping::find_report(envelope);
        ASSERT_NE(extension, nullptr);
        EXPECT_TRUE(extension->critical);
        const auto values = mapping::read_error_report(extension->content);
        ASSERT_TRUE(values);
        EXPECT_EQ(mail_of(*values, true).message, mail.message);
    }
}

// A report about our own attempts is the same whether it goes by xproto or by mail.
TEST(ReportRoundTrip, OurOwnFactsGoBothWays)
{
    auto facts = sample_facts();
    facts.message = "id1@edge.example";
    facts.received_from = "client.example";
    facts.original.parameters = {{"ENVID", "QQ+2B314"}, {"SMTPUTF8", {}}};
    facts.recipients.push_back(failed(umlaut_address, {{"ORCPT", "utf-8;d\\x{F6}mi@x"}}));
    facts.recipients[0].last_attempt = 1763775060;
    const auto values = mapping::to_error_report(facts);
    EXPECT_EQ(values.original_message_id, "<1@edge.example>");
    EXPECT_EQ(values.recipients[1].original, (mapping::typed_text{"utf-8", "d\xC3\xB6mi@x"}));
    EXPECT_EQ(read_mail(mapping::write_report(facts)->message), values);
}

// What mail cannot show without UTF-8 is marked, and addresses are escaped so that they come back.
TEST(ReportRoundTrip, SevenBitMailKeepsAddresses)
{
    error_report values;
    values.reporter = {"dns", "x"};
    auto& about = values.recipients.emplace_back();
    about.final = {"utf-8", umlaut_address};
    about.action = mapping::report_action::failed;
    about.diagnostic = {"smtp", "550 caf\xC3\xA9"};
    const auto back = read_mail(mail_of(values, false).message);
    EXPECT_EQ(back.recipients[0].final, about.final);
    EXPECT_EQ(back.recipients[0].diagnostic.text, "550 caf??");
}

TEST(ReportXml, IsRefusedWithPlaceAndReason)
{
    const std::string begin = "<report xmlns=\"urn:xproto:report:1\" kind=\"delivery\">";
    const std::string long_text(5000, 'x');
    std::string many;
    for (int i = 0; i < 1001; ++i) many += "<recipient/>";
    struct row {
        std::string xml, where, what;
    };
    const std::vector<row> rows{
        {"", "", ""},
        {"<report kind=\"delivery\"/>", "", ""},
        {"<report xmlns=\"urn:xproto:report:1\"/>", "report", "\"kind\" is missing"},
        {"<report xmlns=\"urn:xproto:report:1\" kind=\"gossip\"/>", "report", "neither delivery"},
        {begin + "text</report>", "report", "text where only elements"},
        {begin + "<arrival>now</arrival></report>", "report/arrival", "a time"},
        {begin + "<arrival>1969-12-31T23:59:59Z</arrival></report>", "report/arrival", "before 1970"},
        {begin + "<reporter type=\"a b\">x</reporter></report>", "report/reporter", "no name"},
        {begin + "<reporter type=\"\">x</reporter></report>", "report/reporter", "no name"},
        {begin + "<agent/><message/></report>", "report/message", "no place here"},
        {begin + "<agent>" + long_text + "</agent></report>", "report/agent", "report.text (4096)"},
        {begin + "<recipient><action>gone</action></recipient></report>", "report/recipient/action", "not known"},
        {begin + "<recipient><action>Failed</action></recipient></report>", "report/recipient/action", "not known"},
        {begin + "<recipient><status>3.0.0</status></recipient></report>", "report/recipient/status", "5.1.1"},
        {begin + "<recipient><status>5.01.0</status></recipient></report>", "report/recipient/status", "5.1.1"},
        {begin + "<recipient><status>5.1.1 </status></recipient></report>", "report/recipient/status", "5.1.1"},
        {begin + "<recipient><field>x</field></recipient></report>", "report/recipient/field", "\"name\" is missing"},
        {begin + "<recipient vip=\"yes\"/></report>", "report/recipient", "\"vip\""},
        {begin + many + "</report>", "report/recipient[1001]", "report.recipients (1000)"},
        {begin + "<agent enc=\"base64\">?</agent></report>", "report/agent", "base64"},
    };
    for (const auto& r : rows) {
        const auto read = mapping::read_error_report(r.xml);
        ASSERT_FALSE(read) << r.xml;
        EXPECT_NE(read.error().where.find(r.where), std::string::npos) << read.error().where << " for " << r.where;
        EXPECT_NE(read.error().what.find(r.what), std::string::npos) << read.error().what << " for " << r.what;
    }
    EXPECT_TRUE(mapping::read_error_report("\r\n " + begin + "<x:y xmlns:x=\"urn:x\"/></report>\n"));
}

TEST(ReportXml, IsWhatTheSchemaSays)
{
    ASSERT_TRUE(scratch::has("xmllint"));
    scratch::directory dir;
    random_reports random(4, true);
    for (int i = 0; i < 100; ++i) {
        auto values = random.any(kinds[i % 3]);
        if (i % 4 == 0) values.flaws = {"one", "\x01 two"};
        dir.put("r" + std::to_string(i) + ".xml", mapping::write_xml(values));
    }
    const auto schema = std::string(ISTHMUS_TESTS_DIR) + "/../docs/schemas/report.rng";
    const auto good = dir.run("xmllint --nonet --noout --relaxng '" + schema + "' r*.xml");
    EXPECT_EQ(good.status, 0) << good.output;
    const std::string begin = "<report xmlns=\"urn:xproto:report:1\" kind=\"delivery\">";
    for (const std::string& wrong :
         {std::string("<agent/><message/>"), std::string("<recipient><action>gone</action></recipient>"),
          std::string("<recipient><status>5</status></recipient>"), std::string("<field>x</field>"),
          std::string("<arrival>now</arrival>"), std::string("<more/>")}) {
        dir.put("wrong.xml", begin + wrong + "</report>");
        EXPECT_FALSE(mapping::read_error_report(begin + wrong + "</report>"));
        const auto said = dir.run("xmllint --nonet --noout --relaxng '" + schema + "' wrong.xml");
        EXPECT_NE(said.output.find("fails to validate"), std::string::npos) << wrong << said.output;
    }
}

TEST(ReportView, IsLeftOutWhenItIsTooLarge)
{
    error_report values;
    values.agent = std::string(1000, 'x');
    xproto::envelope envelope;
    mapping::error_report_limits limits;
    limits.octets = 1000;
    EXPECT_FALSE(mapping::add_report_view(envelope, values, limits));
    EXPECT_EQ(mapping::find_report(envelope), nullptr);
    EXPECT_TRUE(mapping::add_report_view(envelope, values));
    ASSERT_NE(mapping::find_report(envelope), nullptr);
    EXPECT_FALSE(mapping::find_report(envelope)->critical);
    EXPECT_EQ(*mapping::read_error_report(mapping::find_report(envelope)->content), values);
}
