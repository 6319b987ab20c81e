// Law L2: a message born in xproto goes out as standard mail and comes back object for object, octet for octet.
#include "mapping/carrier/audience.hpp"
#include "mapping/carrier/fields.hpp"
#include "mapping/carrier/verify.hpp"
#include "mapping/field.hpp"
#include "mapping/view/view.hpp"
#include "tests/unit/mapping/carrier_support.hpp"
#include "tests/unit/mapping/support.hpp"

#include <gtest/gtest.h>

namespace {

using namespace carrier_test;

testing::AssertionResult survives(const native& message)
{
    const auto wrong = mapping::carrier::verify_round_trip(message.envelope_xml, message.headers_xml, message.body);
    if (!wrong) return testing::AssertionSuccess();
    return testing::AssertionFailure() << *wrong << "\n" << message.envelope_xml << message.headers_xml;
}

namespace view = mapping::view;

// What the field with this name says first.
view::item read_in(std::string_view header, std::string_view name, view::syntax how)
{
    mapping::message_splitter splitter;
    splitter.push(header);
    splitter.finish();
    auto text = std::string(splitter.header().find(name).body);
    std::erase_if(text, [](char c) { return c == '\r' || c == '\n'; });
    const auto said = view::read(how, text);
    return said && !said->empty() ? said->front() : view::item{view::kind::text, "nothing", {}};
}

TEST(Carrier, BringsALetterBack)
{
    EXPECT_TRUE(survives(letter()));
    const auto message = letter();
    const auto sent = send(message);
    const auto came = receive(sent.octets, sent.left.transaction);
    ASSERT_TRUE(came.back.message) << came.opening.reason << came.back.reason;
    EXPECT_TRUE(is_whole(came, message));
    EXPECT_EQ(came.body, message.body);
}

TEST(Carrier, ShowsLegacySoftwareStandardMail)
{
    const auto sent = send(letter());
    const auto& header = sent.left.header;
    EXPECT_FALSE(sent.left.utf8);
    EXPECT_FALSE(has_eight_bits(header)) << header;
    EXPECT_EQ(read_in(header, "From", view::syntax::addresses),
              (view::item{view::kind::mailbox, "alice@edge.example", "Jürgen Müller"}))
        << header;
    EXPECT_NE(header.find("To: bob@carrier.example, Carol <carol@elsewhere.example>\r\n"), std::string::npos);
    EXPECT_EQ(read_in(header, "Subject", view::syntax::text),
              (view::item{view::kind::text, "Schöne Grüße aus Zürich", {}}))
        << header;
    EXPECT_NE(header.find("X-Ordinary: a  b\tc\r\n"), std::string::npos);
    for (const auto wanted : {"Date: Sun, 22 Nov 2026 12:00:00 +0000\r\n",
                              "Message-ID: <k3v7mqx2h5w4t6zr@edge.example>\r\n", "MIME-Version: 1.0\r\n",
                              "Content-Type: text/plain; charset=utf-8\r\n", "Content-Transfer-Encoding: 8bit\r\n"})
        EXPECT_NE(header.find(wanted), std::string::npos) << wanted << header;
}

// Law L4 for messages born in xproto: who edits the view of a field changes what legacy software reads.
TEST(Carrier, WritesEditedFieldsAnew)
{
    auto envelope = samples::message();
    envelope.legacy.clear();
    envelope.from.parameters.clear(); // no SMTPUTF8
    xproto::headers_object headers;
    headers.fields = {samples::plain("From", " alice@edge.example"), samples::plain("Subject", " one")};
    headers.fields[1].view = "<v:text>zwölf</v:text>";
    headers.fields.push_back(samples::plain("Content-Disposition", " attachment; filename=\"Grüße.txt\""));
    const auto message = finish(envelope, headers, "Hello\r\n");
    EXPECT_TRUE(survives(message));
    const auto header = send(message).left.header;
    EXPECT_EQ(read_in(header, "Subject", view::syntax::text), (view::item{view::kind::text, "zwölf", {}})) << header;
    EXPECT_NE(header.find("filename*=utf-8''Gr%C3%BC%C3%9Fe.txt"), std::string::npos) << header;
}

TEST(Carrier, LeavesAStandardHeaderAsItIs)
{
    auto envelope = samples::message();
    envelope.legacy.clear();
    xproto::headers_object headers;
    headers.fields = {samples::plain("Date", " Sun, 22 Nov 2026 12:00:00 +0000"),
                      samples::plain("From", " alice@edge.example"), samples::plain("Subject", " one two", {4}),
                      samples::plain("Message-Id", " <1@edge.example>")};
    const auto message = finish(envelope, headers, "Hello\r\n");
    EXPECT_EQ(send(message).left.header, "Date: Sun, 22 Nov 2026 12:00:00 +0000\r\nFrom: alice@edge.example\r\n"
                                         "Subject: one\r\n two\r\nMessage-Id: <1@edge.example>\r\n\r\n");
    EXPECT_TRUE(survives(message));
}

TEST(Carrier, AsksForSmtputf8WhereAnAddressNeedsIt)
{
    auto envelope = samples::message();
    envelope.legacy.clear();
    envelope.from.parameters.clear();
    envelope.recipients[0].address = "d\xc3\xb6mi@carrier.example";
    xproto::headers_object headers;
    headers.fields = {samples::plain("To", " D\xc3\xb6mi <d\xc3\xb6mi@carrier.example>")};
    const auto message = finish(envelope, headers, "Hello\r\n");
    const auto sent = send(message);
    EXPECT_TRUE(sent.left.utf8);
    EXPECT_NE(sent.left.header.find("To: D\xc3\xb6mi <d\xc3\xb6mi@carrier.example>\r\n"), std::string::npos);
    EXPECT_EQ(sent.left.transaction.parameters.back().keyword, "SMTPUTF8");
    EXPECT_TRUE(survives(message));
}

TEST(Carrier, KeepsLinesShortAndFieldsBounded)
{
    carrier::content what;
    samples::random_values random(1);
    while (what.envelope.size() < 60'000) what.envelope += random.octets();
    const auto fields = carrier::write_fields(what, 1 << 20);
    ASSERT_TRUE(fields);
    std::size_t lines = 0, field = 0;
    for (std::size_t at = 0; at < fields->size(); ++lines) {
        const auto end = fields->find("\r\n", at);
        const auto line = std::string_view(*fields).substr(at, end - at);
        EXPECT_LE(line.size(), 78u);
        field = line.starts_with("Xproto-Carrier:") ? 0 : field + line.size() + 2;
        EXPECT_LE(field, 8192u);
        at = end + 2;
    }
    EXPECT_GT(lines, 100u);
    EXPECT_FALSE(carrier::write_fields(what, fields->size() - 1));
}

TEST(Carrier, CarriesAControlMessage)
{
    auto envelope = samples::message();
    envelope.legacy.clear();
    envelope.objects.clear();
    EXPECT_EQ(mapping::carrier::verify_round_trip(xproto::write(envelope), "", ""), std::nullopt);
}

// Bodies and headers that SMTP could not carry as they are still come back, if their bodies arrive.
TEST(Carrier, BringsBackFieldsThatSmtpCannotShow)
{
    const std::vector<xproto::field> fields{
        samples::raw("", "From me, a mailbox line\r\n"),
        samples::raw("Subject", "Subject: bare\rreturn\r\n"),
        samples::raw("Subject", std::string("Subject: nul\0here\r\n", 19)),
        samples::raw("X", "X \t: old-fashioned\n"),
        samples::raw("X", "X: \xff\xfe latin\r\n"),
        samples::plain("X", ""),
        samples::plain("X-" + std::string(300, 'n'), " a name that is too long"),
        samples::plain("Long", " " + std::string(3000, 'x')),
        samples::plain("Long", " " + std::string(3000, 'x') + "\xc3\xa9"),
        samples::plain("Blank", "   ", {1}),
        samples::plain("To", " \"J\xc3\xbcrgen \\\"x\\\"\" <j@x.example>, group: a@b, (\xc3\xa9) c@d;"),
    };
    for (const auto& field : fields) {
        auto envelope = samples::message();
        xproto::headers_object headers;
        headers.fields = {field, samples::plain("From", " a@b.example"), field};
        EXPECT_TRUE(survives(finish(envelope, headers, "x\r\n"))) << field.name;
    }
    for (const auto end : {xproto::separator::lf, xproto::separator::none}) {
        xproto::headers_object headers;
        headers.end = end;
        headers.fields = {samples::plain("From", " a@b.example")};
        if (end == xproto::separator::none) headers.fields.push_back(samples::raw("Last", "Last: no line end"));
        EXPECT_TRUE(survives(finish(samples::message(), headers, "")));
    }
}

TEST(Carrier, BringsBackGeneratedMessages)
{
    for (unsigned seed = 0; seed < 300; ++seed) {
        samples::random_values random(seed);
        auto envelope = random.any_envelope();
        const auto headers = random.any_headers();
        const auto body = random.octets();
        const auto xml = xproto::write(headers);
        envelope.objects = {samples::object("message/headers", xml), samples::object("message/body", body)};
        const auto wrong = mapping::carrier::verify_round_trip(xproto::write(envelope), xml, body);
        EXPECT_EQ(wrong, std::nullopt) << "seed " << seed << "\n" << xproto::write(envelope) << xml;
        if (wrong) break;
    }
}

// As generated headers may not hold them: the field as a field of a legacy message would become one.
std::optional<std::string> survives_with(const std::string& octets)
{
    const auto arrived = mapping_test::split(octets + "\r\n").splitter;
    xproto::headers_object headers;
    for (std::size_t i = 0; i < arrived.header().size(); ++i)
        headers.fields.push_back(mapping::to_field(arrived.header()[i]));
    for (auto& f : headers.fields) // what the header breaks off into is no field
        if (f.raw && !f.octets.ends_with('\n')) f.octets += "\r\n";
    auto envelope = samples::message();
    const auto xml = xproto::write(headers);
    envelope.objects = {samples::object("message/headers", xml), samples::object("message/body", "x\r\n")};
    return mapping::carrier::verify_round_trip(xproto::write(envelope), xml, "x\r\n");
}

TEST(Carrier, BringsBackEveryOctetInEveryPlaceOfAField)
{
    const std::string sample = "To: \"a\" <b@c>,\r\n\t(d) e:;\r\n";
    for (std::size_t at = 0; at < sample.size(); ++at)
        for (unsigned value = 0; value < 256; ++value) {
            auto octets = sample;
            octets[at] = static_cast<char>(value);
            const auto wrong = survives_with(octets);
            ASSERT_EQ(wrong, std::nullopt) << value << " at " << at;
        }
}

TEST(Carrier, BringsBackAFoldInEveryPlaceOfAField)
{
    const std::string sample = "Subject: \xc3\xbc =?utf-8?q?a?= <b@c>,  d\r\n";
    for (const std::string fold : {"\r\n ", "\r\n\t", "\n ", "\r\n \r\n ", "\r "})
        for (std::size_t at = 0; at + 2 < sample.size(); ++at) {
            const auto wrong = survives_with(sample.substr(0, at) + fold + sample.substr(at));
            ASSERT_EQ(wrong, std::nullopt) << testing::PrintToString(fold) << " at " << at;
        }
}

TEST(Carrier, KeepsForeignElementsAndWhiteSpaceOfTheXml)
{
    const auto message = letter();
    const auto envelope = replaced(message.envelope_xml, "<recipients>",
                                   "<v:note xmlns:v=\"urn:v\" a='1'>kept</v:note>\n\n <recipients>");
    ASSERT_NE(envelope, message.envelope_xml);
    EXPECT_EQ(mapping::carrier::verify_round_trip(envelope, message.headers_xml, message.body), std::nullopt);
}

// A part of the header that is encrypted for its reader: SMTP has no place for it, and nobody on the way can read it.
TEST(Carrier, BringsBackEncryptedExtensionsForRecipients)
{
    const auto xml =
        replaced(letter().headers_xml, "</headers>",
                 "<x:extension xmlns:x=\"urn:x\" oid=\"1.2.3\" enc=\"cms\">MIIBwAYJKoZIhvcNAQcDoIIBsTCC</x:extension>"
                 "\n</headers>");
    ASSERT_NE(xml, letter().headers_xml);
    auto envelope = samples::message();
    envelope.objects = {samples::object("message/headers", xml), samples::object("message/body", "x\r\n")};
    EXPECT_EQ(mapping::carrier::verify_round_trip(xproto::write(envelope), xml, "x\r\n"), std::nullopt);
}

TEST(Carrier, SendsTheBlindOnTheirOwn)
{
    const auto message = letter();
    auto recipients = message.envelope.recipients;
    EXPECT_EQ(carrier::first_audience(message.headers, recipients), (std::vector<std::size_t>{0, 1}));
    recipients.push_back(samples::recipient(3, "blind@carrier.example"));
    EXPECT_EQ(carrier::first_audience(message.headers, recipients), (std::vector<std::size_t>{0, 1}));
    recipients = {recipients[2], samples::recipient(4, "rol@elsewhere.example"),
                  samples::recipient(5, "Bob@carrier.example")};
    EXPECT_EQ(carrier::first_audience(message.headers, recipients), (std::vector<std::size_t>{0}));
    recipients[1].address = "bob@CARRIER.example";
    EXPECT_EQ(carrier::first_audience(message.headers, recipients), (std::vector<std::size_t>{1}));
}

} // namespace
