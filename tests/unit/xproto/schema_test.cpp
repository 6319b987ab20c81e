// The schemas that are published with the specification, held to the code by a stock validator in both directions.
#include "tests/support/scratch.hpp"
#include "tests/support/xproto_world.hpp"

#include <gtest/gtest.h>

namespace {

using namespace samples;

const std::string schemas = std::string(ISTHMUS_TESTS_DIR) + "/../docs/schemas/";

class Schemas : public testing::Test {
  protected:
    void SetUp() override { ASSERT_TRUE(scratch::has("xmllint")); }
    scratch::outcome validate(const std::string& schema, const std::string& files)
    {
        return dir_.run("xmllint --nonet --noout --relaxng '" + schemas + schema + "' " + files);
    }
    scratch::directory dir_;
};

TEST_F(Schemas, DescribeWhateverIsWritten)
{
    random_values random(7);
    constexpr int count = 200;
    for (int i = 0; i < count; ++i) {
        dir_.put("e" + std::to_string(i) + ".xml", write(random.any_envelope()));
        dir_.put("h" + std::to_string(i) + ".xml", write(random.any_headers()));
    }
    dir_.put("e-journey.xml", write(journey()));
    auto told = journey();
    told.trace[1].reception = xproto::reception{"ldap", "known", told.trace[0].recipients, "\xff"};
    const auto with_reception = write(told);
    const auto begin = with_reception.find("<reception");
    ASSERT_NE(begin, std::string::npos);
    dir_.put("r.xml", with_reception.substr(begin, with_reception.find("/>", begin) + 2 - begin));
    const auto reception = validate("reception.rng", "r.xml");
    EXPECT_EQ(reception.status, 0) << reception.output;
    const auto envelopes = validate("envelope.rng", "e*.xml");
    EXPECT_EQ(envelopes.status, 0) << envelopes.output;
    const auto headers = validate("headers.rng", "h*.xml");
    EXPECT_EQ(headers.status, 0) << headers.output;
}

TEST_F(Schemas, AreOpenForOtherNamespaces)
{
    auto xml = write(journey());
    const std::string foreign = "<x:note xmlns:x=\"urn:x\" x:y=\"z\">text<x:inner/></x:note>";
    for (const std::string& place : {std::string("<recipients>"), std::string("<trace>"), std::string("<originator"),
                                     std::string("<parameter"), std::string("<host>"), std::string("</envelope>")}) {
        const auto at = xml.find(place);
        ASSERT_NE(at, std::string::npos) << place;
        xml.insert(at, foreign);
    }
    xml.insert(xml.find("</address>"), foreign);
    dir_.put("e.xml", xml);
    const auto verdict = validate("envelope.rng", "e.xml");
    EXPECT_EQ(verdict.status, 0) << verdict.output << xml;
    EXPECT_TRUE(xproto::read_envelope(xml)) << xproto::read_envelope(xml).error().what;

    dir_.put("h.xml", "<headers xmlns=\"urn:xproto:headers:1\" end=\"lf\">" + foreign + "<RFC822.Subject t=\" a\">" +
                          foreign + "</RFC822.Subject></headers>");
    EXPECT_EQ(validate("headers.rng", "h.xml").status, 0);
}

TEST_F(Schemas, RefuseWhatReadersRefuse)
{
    const std::pair<std::string, std::string> table[] = {
        {"<id>", "<id>x</id><id>"},
        {"<trace>", "<more/><trace>"},
        {"<trace>", "text<trace>"},
        {"number=\"1\"", "number=\"0\""},
        {"number=\"2\"", "number=\"+2\""},
        {"number=\"2\"", "number=\"2\" vip=\"yes\""},
        {" number=\"2\"", ""},
        {"<parameter name=\"SMTPUTF8\"/>", "<parameter name=\"SMTPUTF8\">x</parameter>"},
        {"<parameter name=\"SMTPUTF8\"/>", "<parameter/>"},
        {"octets=\"10\"", "octets=\"010\""},
        {"digest=\"sha-256:", "digest=\"sha-512:"},
        {"place=\"0\"", "place=\"first\""},
        {"<from>", "<helo/><from>"},
        {"oid=\"1.2.3\"", "oid=\"1.2.03\""},
        {"<x xmlns=\"urn:x\"/>", "<recipient number=\"3\"><address/></recipient>"},
        {"time=\"2026-11-22T12:00:01Z\"", "time=\"now\""},
        {"algorithm=\"ecdsa-p256-sha256\"", "algorithm=\"ECDSA\""},
        {"</hop>", "<signature algorithm=\"a\"></signature></hop>"},
    };
    const auto good = write(journey());
    ASSERT_TRUE(xproto::read_envelope(good));
    std::string files;
    std::size_t count = 0;
    for (const auto& [part, by] : table) {
        auto xml = good;
        const auto at = xml.find(part);
        ASSERT_NE(at, std::string::npos) << part;
        xml.replace(at, part.size(), by);
        EXPECT_FALSE(xproto::read_envelope(xml)) << by;
        dir_.put("e" + std::to_string(count) + ".xml", xml);
        const auto verdict = validate("envelope.rng", "e" + std::to_string(count++) + ".xml");
        EXPECT_NE(verdict.output.find("fails to validate"), std::string::npos) << by << verdict.output;
    }
}

} // namespace
