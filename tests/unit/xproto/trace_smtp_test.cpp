// The trace of a message that leaves xproto for SMTP and comes back.
#include "xproto/trace.hpp"

#include "tests/support/xproto_world.hpp"

#include <gtest/gtest.h>

namespace {

using namespace xproto;
using namespace samples;

// Born at edge, sent into SMTP, taken from there by carrier, which has not sent it on yet.
envelope returned(std::vector<change> changes = {}, std::string protocol = "ESMTPS")
{
    auto e = samples::message();
    const auto sender = w().edge.user(e.from.address);
    e.from.certificate = sender.sha256();
    add_certificate(e, sender);
    sign_originator(e, w().edge.user_key);
    pass(e, w().edge, "pc.edge.example", "smtp:mail.example");
    for (const auto& c : changes)
        for (auto& o : e.objects)
            if (o.type == c.object) o.sha256 = c.after;
    hop h;
    h.host = w().carrier.name;
    h.certificate = w().carrier.host.sha256();
    h.peer = "mail.example";
    h.protocol = std::move(protocol);
    h.time = samples::noon + 9;
    h.next = h.host;
    h.changes = std::move(changes);
    legacy_field line;
    line.octets = plain("Received", " from mx1.edge.example by mail.example");
    h.legacy = {line};
    sign_hop(e, h, e.recipients, w().carrier.key);
    add_certificate(e, w().carrier.host);
    e.trace.push_back(std::move(h));
    return e;
}

trace_report at_rest(const envelope& e)
{
    auto x = expectations();
    x.peer.clear();
    x.host.clear();
    return verify_trace(read_envelope(write(e)).value(), x);
}

TEST(TraceOverSmtp, IsIntactWhereverTheMessageComesBack)
{
    const auto e = returned();
    EXPECT_EQ(at_rest(e).broken, "");
    EXPECT_TRUE(is_unsent(e.trace.back()));
    EXPECT_FALSE(is_native(e)); // samples are taken on by ESMTP
}

TEST(TraceOverSmtp, DoesNotLetAHostStepInThatSpokeXproto)
{
    EXPECT_NE(at_rest(returned({}, "XPROTO")).broken.find("handed the message to SMTP"), std::string::npos);
}

TEST(TraceOverSmtp, DeclaresWhatChangedThere)
{
    const auto before = samples::message().objects[1].sha256;
    EXPECT_EQ(at_rest(returned({{"message/body", before, sha256("other"), "2 octets appended"}})).broken, "");
    auto silent = returned();
    silent.objects[1].sha256 = sha256("other");
    EXPECT_NE(at_rest(silent).broken, "");
}

TEST(TraceOverSmtp, SignsTheTraceFieldsOfHostsBetween)
{
    auto e = returned();
    e.trace.back().legacy[0].octets.text = " from elsewhere.example by mail.example";
    EXPECT_NE(at_rest(e).broken, "");
    e = returned();
    e.trace.back().legacy.clear();
    EXPECT_NE(at_rest(e).broken, "");
}

TEST(TraceOverSmtp, GivesWayToTheCompleteHop)
{
    auto e = returned();
    const auto xml = write(e);
    auto step = e.trace.back();
    e.trace.pop_back();
    step.next = "mx1.home.example";
    e.recipients.erase(e.recipients.begin());
    const auto fresh = samples::recipient(7, "dave@home.example");
    e.recipients.push_back(fresh);
    sign_hop(e, step, e.recipients, w().carrier.key);
    forwarding how;
    how.keep = {2};
    how.added = {fresh};
    how.next = step;
    how.instead_of_last = true;
    const auto sent = forward(xml, how);
    ASSERT_TRUE(sent) << sent.error().what;
    const auto read = read_envelope(*sent);
    ASSERT_TRUE(read) << read.error().what;
    EXPECT_EQ(read->trace.size(), 2u);
    EXPECT_EQ(read->recipients, e.recipients);
    const auto report = verify_trace(*read, expectations());
    EXPECT_EQ(report.broken, "");
}

TEST(TraceOverSmtp, NamesAChangedObjectInItsPlace)
{
    const auto e = returned();
    forwarding how;
    how.keep = {1, 2};
    how.next = e.trace.back();
    how.objects = {samples::object("message/body", "other octets", "text/html")};
    const auto sent = forward(write(e), how);
    ASSERT_TRUE(sent);
    const auto read = read_envelope(*sent).value();
    EXPECT_EQ(read.objects[0], e.objects[0]);
    EXPECT_EQ(read.objects[1], how.objects[0]);
    how.objects[0].type = "message/nothing";
    EXPECT_FALSE(forward(write(e), how));
}

TEST(TraceOverSmtp, KnowsWhatWasBornInXproto)
{
    EXPECT_TRUE(is_smtp_protocol("ESMTPSA"));
    EXPECT_TRUE(is_smtp_protocol("UTF8LMTP"));
    EXPECT_FALSE(is_smtp_protocol("XPROTO"));
    EXPECT_FALSE(is_smtp_protocol(""));
    envelope e;
    EXPECT_FALSE(is_native(e));
    e.trace.resize(2);
    e.trace[0].protocol = "XPROTO";
    e.trace[1].protocol = "ESMTP";
    EXPECT_TRUE(is_native(e));
}

} // namespace
