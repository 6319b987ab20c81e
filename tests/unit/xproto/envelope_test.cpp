// Envelopes: what they look like, that any octets survive, what is refused, and that forwarding leaves the rest alone.
#include "xproto/envelope.hpp"

#include "tests/support/xproto_samples.hpp"
#include "xproto/codes.hpp"

#include <gtest/gtest.h>

namespace {

using namespace xproto;

hop sample_hop()
{
    hop h;
    h.host = "mx1.edge.example";
    h.certificate = sha256("certificate");
    h.peer = "pc.edge.example";
    h.peer_address = "192.0.2.7";
    h.protocol = "ESMTPS";
    h.id = "4f2a";
    h.time = samples::noon + 1;
    h.next = "mx1.carrier.example";
    h.recipients = sha256("recipients");
    h.sign.algorithm = "ecdsa-p256-sha256";
    h.sign.value = "signature";
    return h;
}

// `text` with one part replaced; the part must be there.
std::string edited(std::string text, std::string_view part, std::string_view by)
{
    const auto at = text.find(part);
    EXPECT_NE(at, std::string::npos) << part;
    return at == std::string::npos ? text : text.replace(at, part.size(), by);
}

TEST(Envelope, LooksLikeTheSpecification)
{
    auto e = samples::message();
    e.trace = {sample_hop()};
    e.certificates = {{sha256("DER"), "DER"}};
    const std::string want = R"(<envelope xmlns="urn:xproto:envelope:1">
<id>k3v7mqx2h5w4t6zr@edge.example</id><created>2026-11-22T12:00:00Z</created>
<originator><address>alice@edge.example</address><parameter name="SIZE" value="4711"/><parameter name="SMTPUTF8"/></originator>
<recipients>
<recipient number="1"><address>bob@carrier.example</address><parameter name="NOTIFY" value="SUCCESS,FAILURE"/><parameter name="ORCPT" value="rfc822;bob@carrier.example"/></recipient>
<recipient number="2"><address>carol@elsewhere.example</address></recipient>
</recipients>
<objects>
<object octets="10" digest="sha-256:..." type="message/headers"/>
<object octets="7" digest="sha-256:..." type="message/body" media-type="text/plain"/>
</objects>
<legacy>
<RFC821.Received place="0"><field fold="42" t=" from pc.edge.example by mx1.edge.example; Sun, 22 Nov 2026 12:00:00 +0000"/><from>pc.edge.example</from><by>mx1.edge.example</by></RFC821.Received>
</legacy>
<certificates>
<certificate digest="sha-256:...">REVS</certificate>
</certificates>
<trace>
<hop certificate="sha-256:..." time="2026-11-22T12:00:01Z" recipients="sha-256:..."><host>mx1.edge.example</host><peer>pc.edge.example</peer><peer-address>192.0.2.7</peer-address><protocol>ESMTPS</protocol><id>4f2a</id><next>mx1.carrier.example</next><signature algorithm="ecdsa-p256-sha256">c2lnbmF0dXJl</signature></hop>
</trace>
</envelope>
)";
    auto written = write(e);
    for (auto at = written.find("sha-256:"); at != std::string::npos; at = written.find("sha-256:", at + 1))
        written.replace(at + 8, 64, "..."); // digest_test looks at those
    EXPECT_EQ(written, want);
}

TEST(Envelope, GivesBackAnyOctetsInAnyString)
{
    samples::random_values random(821);
    for (int i = 0; i < 3000; ++i) {
        const auto e = random.any_envelope();
        const auto written = write(e);
        const auto back = read_envelope(written);
        ASSERT_TRUE(back) << back.error().where << ": " << back.error().what << "\n" << written;
        ASSERT_EQ(*back, e) << written;
        ASSERT_EQ(write(*back), written);
    }
}

TEST(Envelope, TellsABareParameterFromAnEmptyOne)
{
    auto e = samples::message();
    e.from.parameters = {{"A", std::nullopt}, {"B", ""}, {"", "x"}, {"C\r\n", "\xff"}};
    EXPECT_EQ(read_envelope(write(e))->from.parameters, e.from.parameters);
}

TEST(Envelope, KeepsTheNullSenderAndOddAddresses)
{
    for (const std::string& address :
         {std::string(), std::string("\"john \\\" doe\"@example.org"), std::string("us\xc3\xa9r@\xe4\xbe\x8b.example"),
          std::string("caf\xe9@example.org"), std::string("a\0b@example.org", 15), std::string("<&>\t]]>@x")}) {
        auto e = samples::message();
        e.from.address = address;
        e.recipients[1].address = address;
        const auto back = read_envelope(write(e));
        ASSERT_TRUE(back) << address;
        EXPECT_EQ(*back, e);
    }
}

TEST(Envelope, IgnoresWhatIsForeign)
{
    auto xml = write(samples::message());
    xml =
        edited(xml, "<recipients>", "<x:y xmlns:x=\"urn:x\">text<x:z/></x:y><recipients xmlns:x=\"urn:x\" x:a=\"1\">");
    xml = edited(xml, "<address>bob", "<address><id xmlns=\"urn:x\">evil</id>bob");
    const auto back = read_envelope(xml);
    ASSERT_TRUE(back) << back.error().what;
    EXPECT_EQ(*back, samples::message());
}

TEST(Envelope, RefusesWhatDoesNotFit)
{
    auto e = samples::message();
    e.trace = {sample_hop()};
    e.certificates = {{sha256("DER"), "DER"}, {sha256("more"), "more"}};
    e.extensions = {{"1.2.3", true, "<x xmlns=\"urn:x\"/>"}};
    const auto good = write(e);
    ASSERT_TRUE(read_envelope(good));
    struct row {
        std::string_view name, part, by, code;
    };
    const row table[] = {
        {"no id", "<id>k3v7mqx2h5w4t6zr@edge.example</id>", "", "99.0.5.32"},
        {"id twice", "<id>", "<id>x</id><id>", "99.0.5.32"},
        {"order", "<id>k3v7mqx2h5w4t6zr@edge.example</id><created>2026-11-22T12:00:00Z</created>",
         "<created>2026-11-22T12:00:00Z</created><id>k3v7mqx2h5w4t6zr@edge.example</id>", "99.0.5.32"},
        {"year 10000", "2026-11-22T12:00:00Z", "10000-01-01T00:00:00Z", "99.0.5.32"},
        {"other zone", "2026-11-22T12:00:00Z", "2026-11-22T12:00:00+01:00", "99.0.5.32"},
        {"time as base64", "<created>", "<created enc=\"base64\">", "99.0.5.32"},
        {"no trace", "<trace>", "<trance>", "99.0.5.30"},
        {"unknown section", "<trace>", "<more/><trace>", "99.0.5.32"},
        {"text between", "<trace>", "text<trace>", "99.0.5.32"},
        {"text between recipients", "<recipient number=\"2\">", "and <recipient number=\"2\">", "99.0.5.32"},
        {"number 0", "number=\"1\"", "number=\"0\"", "99.0.5.32"},
        {"number twice", "number=\"2\"", "number=\"1\"", "99.0.5.32"},
        {"number not ascending", "number=\"1\"", "number=\"3\"", "99.0.5.32"},
        {"number 2^32", "number=\"2\"", "number=\"4294967296\"", "99.0.5.32"},
        {"number with a sign", "number=\"2\"", "number=\"+2\"", "99.0.5.32"},
        {"no number", " number=\"2\"", "", "99.0.5.32"},
        {"empty salt", "number=\"2\"", "number=\"2\" salt=\"\"", "99.0.5.32"},
        {"broken salt", "number=\"2\"", "number=\"2\" salt=\"x\"", "99.0.5.32"},
        {"unknown attribute", "number=\"2\"", "number=\"2\" vip=\"yes\"", "99.0.5.32"},
        {"element in a parameter", "<parameter name=\"SMTPUTF8\"/>", "<parameter name=\"SMTPUTF8\"><x/></parameter>",
         "99.0.5.32"},
        {"text in a parameter", "<parameter name=\"SMTPUTF8\"/>", "<parameter name=\"SMTPUTF8\">x</parameter>",
         "99.0.5.32"},
        {"parameter without name", "name=\"SMTPUTF8\"", "", "99.0.5.32"},
        {"octets below zero", "octets=\"10\"", "octets=\"-10\"", "99.0.5.32"},
        {"octets of 2^64", "octets=\"10\"", "octets=\"18446744073709551616\"", "99.0.5.32"},
        {"digest of another kind", "digest=\"sha-256:", "digest=\"sha-512:", "99.0.5.32"},
        {"empty media type", "media-type=\"text/plain\"", "media-type=\"\"", "99.0.5.32"},
        {"place", "place=\"0\"", "place=\"first\"", "99.0.5.32"},
        {"field of another name", "<field fold", "<field n=\"Return-Path\" fold", "99.0.5.32"},
        {"fold", "fold=\"42\"", "fold=\"43\"", "99.0.5.32"},
        {"unknown view", "<from>pc.edge.example</from>", "<helo>pc.edge.example</helo>", "99.0.5.32"},
        {"OID", "oid=\"1.2.3\"", "oid=\"1.2.03\"", "99.0.5.32"},
        {"OID of one arc", "oid=\"1.2.3\"", "oid=\"1\"", "99.0.5.32"},
        {"OID that ends with a dot", "oid=\"1.2.3\"", "oid=\"1.2.\"", "99.0.5.32"},
        {"empty OID", "oid=\"1.2.3\"", "oid=\"\"", "99.0.5.32"},
        {"critical", "critical=\"true\"", "critical=\"yes\"", "99.0.5.32"},
        {"own element in an extension", "<x xmlns=\"urn:x\"/>", "<recipient/>", "99.0.5.32"},
        {"certificate of other octets", ">REVS<", ">REVT<", "99.0.5.34"},
        {"certificate not base64", ">REVS<", ">RE VS<", "99.0.5.32"},
        {"hop time", "time=\"2026-11-22T12:00:01Z\"", "time=\"now\"", "99.0.5.32"},
        {"hop without host", "<host>mx1.edge.example</host>", "", "99.0.5.32"},
        {"hop without signature", "<signature algorithm=\"ecdsa-p256-sha256\">c2lnbmF0dXJl</signature>", "",
         "99.0.5.32"},
        {"algorithm", "algorithm=\"ecdsa-p256-sha256\"", "algorithm=\"ECDSA\"", "99.0.5.32"},
        {"no algorithm", "algorithm=\"ecdsa-p256-sha256\"", "algorithm=\"\"", "99.0.5.32"},
        {"path", "algorithm=\"ecdsa-p256-sha256\"", "algorithm=\"a\" path=\"x\"", "99.0.5.32"},
        {"leaf", "algorithm=\"ecdsa-p256-sha256\"", "algorithm=\"a\" leaf=\"x\"", "99.0.5.32"},
        {"signature not base64", "c2lnbmF0dXJl", "c2ln bmF0dXJl", "99.0.5.32"},
        {"DOCTYPE", "<envelope", "<!DOCTYPE envelope><envelope", "99.0.5.31"},
        {"other version", "urn:xproto:envelope:1", "urn:xproto:envelope:2", "99.0.5.30"},
    };
    for (const auto& [name, part, by, code] : table) {
        const auto back = read_envelope(edited(good, part, by));
        ASSERT_FALSE(back) << name;
        EXPECT_EQ(back.error().code.text(), code) << name << ": " << back.error().what;
        EXPECT_NE(back.error().where.find("at octet"), std::string::npos) << name;
    }
    auto twice = e;
    twice.certificates.push_back(twice.certificates.front());
    EXPECT_FALSE(read_envelope(write(twice)));
}

TEST(Envelope, NamesItsLimits)
{
    auto e = samples::message();
    e.trace = {sample_hop(), sample_hop()};
    e.certificates = {{sha256("a"), "a"}, {sha256("b"), "b"}};
    e.extensions = {{"1.2.3", false, ""}, {"1.2.3", false, ""}};
    e.legacy.push_back(e.legacy.front());
    const auto xml = write(e);
    struct row {
        std::size_t envelope_limits::*limit;
        std::string_view what;
    };
    const row table[] = {
        {&envelope_limits::recipients, "the number of recipients is over envelope.recipients (1)"},
        {&envelope_limits::hops, "the number of hops is over envelope.hops (1)"},
        {&envelope_limits::extensions, "the number of extensions is over envelope.extensions (1)"},
        {&envelope_limits::certificates, "the number of certificates is over envelope.certificates (1)"},
        {&envelope_limits::legacy_fields, "the number of legacy fields is over envelope.legacy_fields (1)"},
    };
    for (const auto& [limit, what] : table) {
        envelope_limits limits;
        limits.*limit = 2;
        EXPECT_TRUE(read_envelope(xml, limits)) << what;
        limits.*limit = 1;
        const auto back = read_envelope(xml, limits);
        ASSERT_FALSE(back) << what;
        EXPECT_EQ(back.error().what, what);
        EXPECT_EQ(back.error().code.text(), "99.0.5.33");
    }
    envelope_limits octets;
    octets.octets = xml.size() - 1;
    EXPECT_FALSE(read_envelope(xml, octets));
}

TEST(Envelope, SaysWhereAnErrorIs)
{
    const auto xml = edited(write(samples::message()), "number=\"2\"", "number=\"1\"");
    const auto back = read_envelope(xml);
    ASSERT_FALSE(back);
    EXPECT_EQ(back.error().where,
              "envelope/recipients/recipient[2] at octet " + std::to_string(xml.rfind("<recipient ")));
}

// --- forwarding ------------------------------------------------------------------------------------------------------

TEST(Forward, LeavesEveryOtherOctetAlone)
{
    // As another writer might have written it, with things that this one does not know.
    const std::string xml = R"(<?xml version="1.0"?>
<envelope xmlns='urn:xproto:envelope:1' xmlns:n="urn:new" n:colour="blue">
  <id>1@x</id> <created>2026-11-22T12:00:00Z</created>
  <originator><address>a@x</address></originator>
  <recipients>
    <recipient number='1' ><address>b@x</address><n:hint/></recipient>
    <recipient
        number="2"><address>c@x</address></recipient><recipient number="5"><address>d@x</address></recipient>
  </recipients>
  <recipients xmlns="urn:other"><recipient number="1"/></recipients>
  <objects/>
  <extensions><extension oid="1.2"><n:e> &#x2B;<n:trace/></n:e></extension></extensions>
  <certificates />
  <trace/>
  <n:after>&amp;</n:after>
</envelope>)";
    ASSERT_TRUE(read_envelope(xml)) << read_envelope(xml).error().what;
    const auto sent = forward(xml, {5, 1}, sample_hop(), {{sha256("DER"), "DER"}});
    ASSERT_TRUE(sent) << sent.error().what;
    std::string hop_xml = write([] {
        envelope e = samples::message();
        e.trace = {sample_hop()};
        return e;
    }());
    hop_xml = hop_xml.substr(hop_xml.find("<hop"), hop_xml.find("</trace>") - hop_xml.find("<hop"));
    auto want = edited(xml, "<recipient\n        number=\"2\"><address>c@x</address></recipient>", "");
    want = edited(want, "<trace/>\n", "<trace>\n" + hop_xml + "</trace>\n");
    want = edited(want, "<certificates />",
                  "<certificates >\n<certificate digest=\"" + to_text(sha256("DER")) +
                      "\">REVS</certificate>\n</certificates>");
    EXPECT_EQ(*sent, want);
}

TEST(Forward, IsTheSameAsEditingTheValues)
{
    samples::random_values random(3461);
    for (int i = 0; i < 1500; ++i) {
        auto e = random.any_envelope();
        const auto next = random.hop();
        std::vector<std::uint32_t> keep;
        std::vector<recipient> kept;
        for (const auto& r : e.recipients)
            if (random.one_in(2)) {
                keep.push_back(r.number);
                kept.push_back(r);
            }
        std::vector<std::pair<digest, std::string>> fresh = e.certificates; // those are there already
        fresh.emplace_back(sha256("fresh"), "fresh");
        const auto sent = forward(write(e), keep, next, fresh);
        ASSERT_TRUE(sent) << sent.error().what;
        e.recipients = kept;
        e.trace.push_back(next);
        e.certificates.push_back(fresh.back());
        ASSERT_EQ(*sent, write(e));
    }
}

TEST(Forward, RefusesARecipientThatIsNotThere)
{
    const auto sent = forward(write(samples::message()), {1, 7}, sample_hop(), {});
    ASSERT_FALSE(sent);
    EXPECT_EQ(sent.error().where, "envelope/recipients");
}

TEST(Forward, RefusesWhatIsNoEnvelope)
{
    const std::string open = "<envelope xmlns=\"urn:xproto:envelope:1\">", close = "</envelope>";
    EXPECT_FALSE(forward("", {}, sample_hop(), {}));
    EXPECT_FALSE(forward(open + close, {}, sample_hop(), {}));
    EXPECT_FALSE(forward(open + "<trace/>" + close, {}, sample_hop(), {}));
    EXPECT_FALSE(forward(open + "<certificates/>" + close, {}, sample_hop(), {}));
    EXPECT_FALSE(forward(open + "<certificates/><trace xmlns='urn:x'/>" + close, {}, sample_hop(), {}));
    EXPECT_TRUE(forward(open + "<certificates/><trace/>" + close, {}, sample_hop(), {}));
}

} // namespace
