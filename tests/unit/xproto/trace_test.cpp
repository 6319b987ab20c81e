// The signed trace: an honest way verifies, and what may differ from way to way does.
#include "xproto/trace.hpp"

#include "tests/support/xproto_world.hpp"

#include <gtest/gtest.h>

namespace {

using namespace xproto;
using namespace samples;

TEST(Trace, OfAnHonestWayIsIntactAndValid)
{
    const auto report = verify(journey());
    EXPECT_EQ(report.broken, "");
    EXPECT_TRUE(report.intact());
    EXPECT_TRUE(report.valid());
    ASSERT_TRUE(report.originator);
    EXPECT_EQ(report.originator->identity->anchor, w().edge.ca.own);
    ASSERT_EQ(report.hops.size(), 3u);
    EXPECT_EQ(report.hops[1].identity->anchor, w().relay.ca.own);
    EXPECT_EQ(report.hops[2].signer, w().carrier.host);
}

TEST(Trace, SurvivesForwardingOctetForOctet)
{
    auto e = samples::message();
    e.from.certificate = w().edge.user(e.from.address).sha256();
    sign_originator(e, w().edge.user_key);
    hop h;
    h.host = w().edge.name;
    h.certificate = w().edge.host.sha256();
    h.time = samples::noon + 1;
    h.next = "mx1.home.example";
    sign_hop(e, h, {e.recipients[0]}, w().edge.key);
    auto sent = forward(write(e), {1}, h, {{w().edge.host.sha256(), w().edge.host.der()}});
    ASSERT_TRUE(sent);
    auto x = expectations();
    x.peer = w().edge.name;
    const auto report = verify_trace(*read_envelope(*sent), x);
    EXPECT_EQ(report.hops[0].reason, "");
    EXPECT_FALSE(report.originator->intact); // its certificate was not sent along
}

TEST(Trace, CoversOnlyTheRecipientsOfItsBranch)
{
    auto e = samples::message();
    const auto sender = w().edge.user(e.from.address);
    e.from.certificate = sender.sha256();
    add_certificate(e, sender);
    sign_originator(e, w().edge.user_key);
    pass(e, w().edge, "pc.edge.example", w().carrier.name);
    e.recipients.pop_back(); // carrier splits the message
    pass(e, w().carrier, w().edge.name, "mx1.home.example");
    EXPECT_EQ(verify(e).broken, "");
}

TEST(Trace, DoesNotLetRecipientsOfOtherBranchesBeGuessed)
{
    auto e = samples::message();
    salt_recipients(e);
    auto again = samples::message();
    salt_recipients(again);
    EXPECT_EQ(e.recipients[0].salt.size(), 16u);
    EXPECT_NE(recipients_digest(e.recipients), recipients_digest(again.recipients));
    const auto kept = e.recipients;
    salt_recipients(e);
    EXPECT_EQ(e.recipients, kept) << "salts are given once";
}

TEST(Trace, ShowsWhoChangedWhat)
{
    auto e = samples::message();
    const auto sender = w().edge.user(e.from.address);
    e.from.certificate = sender.sha256();
    add_certificate(e, sender);
    sign_originator(e, w().edge.user_key);
    pass(e, w().edge, "pc.edge.example", w().relay.name);
    const auto before = e.objects[1].sha256;
    e.objects[1].sha256 = sha256("first footer");
    pass(e, w().relay, w().edge.name, w().carrier.name, {{"message/body", before, e.objects[1].sha256, "footer"}});
    e.objects[1].sha256 = sha256("second footer");
    e.objects[0].sha256 = sha256("headers");
    pass(e, w().carrier, w().relay.name, "mx1.home.example",
         {{"message/body", sha256("first footer"), sha256("second footer"), "footer"},
          {"message/headers", sha256("<headers/>"), sha256("headers"), "subject tag"}});
    EXPECT_EQ(verify(e).broken, "");
    e.trace[1].changes.clear();
    EXPECT_NE(verify(e).broken, "");
}

TEST(Trace, TakesTheNullSendersMailFromItsHost)
{
    for (const std::string& host : {w().edge.name, w().carrier.name}) {
        auto e = samples::message();
        e.from.address.clear();
        const auto process = w().edge.user(process_address(host));
        e.from.certificate = process.sha256();
        add_certificate(e, process);
        sign_originator(e, w().edge.user_key);
        pass(e, w().edge, "", "mx1.home.example");
        auto x = expectations();
        x.peer = w().edge.name;
        const auto report = verify_trace(e, x);
        EXPECT_EQ(report.intact(), host == w().edge.name) << report.broken;
    }
}

TEST(Trace, OfAMessageThatNobodySignedAtBirthBeginsWithTheFirstHop)
{
    auto e = samples::message();
    pass(e, w().edge, "pc.edge.example", "mx1.home.example");
    auto x = expectations();
    x.peer = w().edge.name;
    auto report = verify_trace(e, x);
    EXPECT_EQ(report.broken, "");
    EXPECT_FALSE(report.originator);
    EXPECT_TRUE(report.valid());
    e.from.address = "bob@edge.example";
    EXPECT_FALSE(verify_trace(e, x).intact());
}

TEST(Trace, ComparesPeerAndHostOnlyWhenTold)
{
    const auto e = journey();
    auto x = expectations();
    x.peer.clear();
    x.host.clear();
    EXPECT_TRUE(verify_trace(e, x).intact());
    x.host = "mx2.home.example";
    EXPECT_NE(verify_trace(e, x).broken.find("not to mx2.home.example"), std::string::npos);
    x.host = "MX1.HOME.example";
    EXPECT_TRUE(verify_trace(e, x).intact());
    x.peer = w().relay.name;
    EXPECT_NE(verify_trace(e, x).broken.find("the message comes from mx1.relay.example, which is not this hop"),
              std::string::npos);
}

TEST(Trace, TellsValidityFromIntegrity)
{
    auto x = expectations();
    const certificate_store few({w().edge.ca.own});
    x.validate = [&](const certificate& leaf, const std::vector<certificate>& others, purpose use, unix_seconds at) {
        return few.validate(leaf, others, use, at);
    };
    const auto report = verify_trace(journey(), x);
    EXPECT_TRUE(report.intact());
    EXPECT_FALSE(report.valid());
    EXPECT_TRUE(report.hops[0].identity);
    EXPECT_FALSE(report.hops[1].identity);
    EXPECT_FALSE(report.hops[1].identity_reason.empty());
}

TEST(Trace, ValidatesCertificatesAtTheTimeOfSigning)
{
    const site brief("brief.example");
    auto e = samples::message();
    e.from.address = "a@brief.example";
    const auto day = *make_user(brief.ca, e.from.address, brief.user_key.public_part(), "1.2.3",
                                {samples::noon, samples::noon + 86400});
    e.from.certificate = day.sha256();
    add_certificate(e, day);
    sign_originator(e, brief.user_key);
    pass(e, brief, "", "mx1.home.example");
    const certificate_store store({brief.ca.own});
    auto x = expectations();
    x.peer = brief.name;
    x.validate = [&](const certificate& leaf, const std::vector<certificate>& others, purpose use, unix_seconds at) {
        return store.validate(leaf, others, use, at);
    };
    x.now = samples::noon + 5 * 86400; // five days in a queue
    EXPECT_TRUE(verify_trace(e, x).intact());
    EXPECT_TRUE(verify_trace(e, x).valid());
    x.now = samples::noon + 31 * 86400;
    EXPECT_NE(verify_trace(e, x).broken.find("longer ago than trace.age"), std::string::npos);
}

TEST(Trace, BoundsTheNumberOfHops)
{
    auto e = samples::message();
    auto x = expectations();
    x.peer = w().edge.name;
    x.host.clear();
    x.limits.hops = 3;
    for (int i = 0; i < 3; ++i) pass(e, w().edge, w().edge.name, w().edge.name);
    EXPECT_TRUE(verify_trace(e, x).intact());
    pass(e, w().edge, w().edge.name, w().edge.name);
    EXPECT_EQ(verify_trace(e, x).broken, "the trace has more hops than trace.hops (3)");
}

TEST(Trace, UsesTheParserItIsGiven)
{
    std::size_t asked = 0;
    auto x = expectations();
    x.parse = [&](const digest&, std::string_view der) {
        ++asked;
        return certificate::from_der(der);
    };
    EXPECT_TRUE(verify_trace(journey(), x).intact());
    EXPECT_EQ(asked, 4u);
}

} // namespace
