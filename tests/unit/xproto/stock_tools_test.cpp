// examples/check-signature verifies traces with a shell and stock tools. It must agree with this code about honest
// messages and forged ones, so that neither the example nor the specification can rot.
#include "tests/support/scratch.hpp"
#include "tests/support/xproto_world.hpp"

#include <gtest/gtest.h>

namespace {

using namespace samples;

const std::string example = std::string(ISTHMUS_TESTS_DIR) + "/../examples/check-signature";

class StockTools : public testing::Test {
  protected:
    void SetUp() override { ASSERT_TRUE(scratch::has("xmllint") && scratch::has("openssl")); }
    scratch::outcome check(const std::string& folder)
    {
        return scratch::run("'" + example + "/check' '" + folder + "'");
    }

    // A message as the README of the example tells it.
    void put_message()
    {
        xproto::headers_object headers;
        headers.fields = {plain("From", " Alice <alice@edge.example>"),
                          plain("To", " bob@carrier.example,\tcarol@elsewhere.example", {21}),
                          plain("Subject", " Checked by hand"), plain("X-Mailer", " none & nothing")};
        const auto headers_xml = write(headers);
        const std::string body = "Hello,\r\nnobody changed this.\r\n";
        auto e = message();
        e.objects = {object("message/headers", headers_xml), object("message/body", body, "text/plain")};
        const auto sender = w().edge.user(e.from.address);
        e.from.certificate = sender.sha256();
        add_certificate(e, sender);
        sign_originator(e, w().edge.user_key);
        pass(e, w().edge, "pc.edge.example", w().carrier.name);
        pass(e, w().carrier, w().edge.name, "mx1.home.example", {},
             xproto::reception{"dns", "unknown", w().edge.host.sha256(), "edge.example"});
        envelope_ = write(e);
        dir_.put("envelope.xml", envelope_);
        dir_.put("headers.xml", headers_xml);
        dir_.put("body", body);
        dir_.put("ca.pem", w().edge.ca.own.to_pem() + w().carrier.ca.own.to_pem());
    }

    scratch::directory dir_;
    std::string envelope_;
};

TEST_F(StockTools, VerifyTheExample)
{
    const auto outcome = check(example);
    EXPECT_EQ(outcome.status, 0) << outcome.output;
    EXPECT_NE(outcome.output.find("hop 2: mx1.carrier.example signed, and sent it to mx1.home.example"),
              std::string::npos);
    std::ifstream file(example + "/envelope.xml", std::ios::binary);
    const std::string xml{std::istreambuf_iterator<char>(file), {}};
    const auto e = xproto::read_envelope(xml);
    ASSERT_TRUE(e) << e.error().what;
    trace_expectations ours;
    ours.now = e->created + 60;
    EXPECT_EQ(verify_trace(*e, ours).broken, "");
    EXPECT_EQ(write(*e), xml) << "the example is not what is written today";
}

TEST_F(StockTools, VerifyWhatIsSignedToday)
{
    put_message();
    const auto outcome = check(dir_.path().string());
    EXPECT_EQ(outcome.status, 0) << outcome.output;
    EXPECT_NE(outcome.output.find("hop 2: it knew mx1.edge.example by dns, edge.example"), std::string::npos);
}

TEST_F(StockTools, VerifyHopsOverHopsOfABatch)
{
    put_message();
    auto e = xproto::read_envelope(envelope_).value();
    xproto::signature_batch batch;
    batch.add("another message");
    auto first = e.trace.front(), second = e.trace.back();
    e.trace.clear();
    add_hop(batch, hop_octets(e, first), first);
    first.sign = batch.sign(w().edge.key).back();
    e.trace = {first};
    sign_hop(e, second, e.recipients, w().carrier.key);
    e.trace.push_back(second);
    dir_.put("envelope.xml", write(e));
    const auto outcome = check(dir_.path().string());
    EXPECT_EQ(outcome.status, 0) << outcome.output;
}

TEST_F(StockTools, FindForgeriesToo)
{
    put_message();
    struct row {
        std::string part, by, found;
    };
    const row table[] = {
        {"12:00:00 +0000", "12:00:01 +0000", "//originator"},
        {"<next>mx1.home.example", "<next>mx2.home.example", "//hop[2]"},
        {"SUCCESS,FAILURE", "NEVER", "other recipients"},
        {"by=\"dns\"", "by=\"store\"", "did not sign what it says of its reception"},
    };
    for (const auto& [part, by, found] : table) {
        auto xml = envelope_;
        ASSERT_NE(xml.find(part), std::string::npos) << part;
        xml.replace(xml.find(part), part.size(), by);
        dir_.put("envelope.xml", xml);
        const auto outcome = check(dir_.path().string());
        EXPECT_NE(outcome.status, 0) << by;
        EXPECT_NE(outcome.output.find(found), std::string::npos) << by << ": " << outcome.output;
        trace_expectations ours;
        ours.now = now;
        EXPECT_FALSE(verify_trace(xproto::read_envelope(xml).value(), ours).intact()) << by;
    }
    dir_.put("envelope.xml", envelope_);
    dir_.put("body", "Hello,\r\nsomebody changed this.\r\n");
    EXPECT_NE(check(dir_.path().string()).output.find("body has another digest"), std::string::npos);
}

} // namespace
