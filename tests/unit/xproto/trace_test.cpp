// The signed trace: an honest way verifies, and each of the ways to lie about it is found out and explained.
#include "xproto/trace.hpp"

#include "tests/support/xproto_samples.hpp"
#include "xproto/base64.hpp"
#include "xproto/certificate_issue.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <map>

namespace {

using namespace xproto;

constexpr unix_seconds now = samples::noon + 60;
constexpr validity year{samples::noon - 86400, samples::noon + 365 * 86400};

// A site with one host, whose CA also certifies its senders.
struct site {
    explicit site(const std::string& domain, private_key host_key = private_key::generate())
        : ca(*make_ca(domain, year)), key(std::move(host_key)), name("mx1." + domain),
          host(*make_host(ca, name, key.public_part(), year)), user_key(private_key::generate())
    {
    }
    certificate user(const std::string& address) const
    {
        return *make_user(ca, address, user_key.public_part(), "2.25.1.2", year);
    }
    certificate_authority ca;
    private_key key;
    std::string name;
    certificate host;
    private_key user_key;
};

struct world {
    site edge{"edge.example"};
    site relay{"relay.example", private_key::generate_ed25519()};
    site carrier{"carrier.example"};
    site mallory{"mallory.example"};
    certificate_store store{{edge.ca.own, relay.ca.own, carrier.ca.own, mallory.ca.own}};
};

const world& w()
{
    static const world made;
    return made;
}

void add_certificate(envelope& e, const certificate& c)
{
    for (const auto& [name, der] : e.certificates)
        if (name == c.sha256()) return;
    e.certificates.emplace_back(c.sha256(), c.der());
}

// Takes the message on at `by` and sends it to `next`.
void pass(envelope& e, const site& by, const std::string& peer, const std::string& next,
          std::vector<change> changes = {})
{
    hop h;
    h.host = by.name;
    h.certificate = by.host.sha256();
    h.peer = peer;
    h.peer_address = "192.0.2.1";
    h.protocol = e.trace.empty() ? "ESMTP" : "XPROTO";
    h.id = "4f2a";
    h.time = samples::noon + 1 + static_cast<unix_seconds>(e.trace.size());
    h.next = next;
    h.changes = std::move(changes);
    sign_hop(e, h, e.recipients, by.key);
    add_certificate(e, by.host);
    e.trace.push_back(std::move(h));
}

// Born at edge, over relay and carrier, to home.example.
envelope journey()
{
    auto e = samples::message();
    const auto sender = w().edge.user(e.from.address);
    e.from.certificate = sender.sha256();
    add_certificate(e, sender);
    e.extensions = {{"1.2.3", false, "<x xmlns=\"urn:x\"/>"}};
    sign_originator(e, w().edge.user_key);
    pass(e, w().edge, "pc.edge.example", w().relay.name);
    pass(e, w().relay, w().edge.name, w().carrier.name);
    pass(e, w().carrier, w().relay.name, "mx1.home.example");
    return e;
}

trace_expectations expectations()
{
    trace_expectations x;
    x.validate = [](const certificate& leaf, const std::vector<certificate>& others, purpose use, unix_seconds at) {
        return w().store.validate(leaf, others, use, at);
    };
    x.peer = w().carrier.name;
    x.host = "mx1.home.example";
    x.now = now;
    return x;
}

trace_report verify(const envelope& e)
{
    // What a peer sends is what is verified.
    const auto received = read_envelope(write(e));
    EXPECT_TRUE(received) << received.error().what;
    return verify_trace(*received, expectations());
}

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

// --- tampering -------------------------------------------------------------------------------------------------------

struct damage {
    const char* name;
    std::function<void(envelope&)> apply;
    const char* broken; // part of the explanation
};

void PrintTo(const damage& d, std::ostream* out)
{
    *out << d.name;
}

class Tampering : public testing::TestWithParam<damage> {};

TEST_P(Tampering, IsFoundOut)
{
    auto e = journey();
    GetParam().apply(e);
    const auto report = verify(e);
    EXPECT_FALSE(report.intact());
    EXPECT_NE(report.broken.find(GetParam().broken), std::string::npos) << report.broken;
}

digest other_digest()
{
    return sha256("something else");
}

const damage removed[] = {
    {"the first hop", [](envelope& e) { e.trace.erase(e.trace.begin()); },
     "hop 1 of 2 (mx1.relay.example): its signature"},
    {"the middle hop", [](envelope& e) { e.trace.erase(e.trace.begin() + 1); },
     "hop 1 of 2 (mx1.edge.example): it sent the message to mx1.relay.example, but the next hop is "
     "mx1.carrier.example"},
    {"the last hop", [](envelope& e) { e.trace.pop_back(); },
     "hop 2 of 2 (mx1.relay.example): it sent the message to mx1.carrier.example, not to mx1.home.example"},
    {"all hops", [](envelope& e) { e.trace.clear(); },
     "there is no hop, although the message comes from mx1.carrier.example"},
    {"the originator's signature", [](envelope& e) { e.from.sign.reset(); },
     "hop 1 of 3 (mx1.edge.example): its signature"},
    {"the originator's certificate", [](envelope& e) { e.from.certificate.reset(); },
     "the originator: it names no certificate"},
    {"a certificate from the list", [](envelope& e) { e.certificates.erase(e.certificates.begin() + 1); },
     "hop 1 of 3 (mx1.edge.example): its certificate is not in the envelope"},
    {"a recipient", [](envelope& e) { e.recipients.pop_back(); },
     "hop 3 of 3 (mx1.carrier.example): it was sent on with other recipients"},
    {"a sender's parameter", [](envelope& e) { e.from.parameters.pop_back(); }, "the originator: its signature"},
    {"a recipient's parameter", [](envelope& e) { e.recipients[0].parameters.pop_back(); }, "other recipients"},
    {"a recipient's salt", [](envelope& e) { e.recipients[0].salt.clear(); }, "other recipients"},
    {"an object", [](envelope& e) { e.objects.pop_back(); }, "the originator: its signature"},
    {"a legacy field", [](envelope& e) { e.legacy.clear(); }, "the originator: its signature"},
    {"an extension", [](envelope& e) { e.extensions.clear(); }, "the originator: its signature"},
};
INSTANTIATE_TEST_SUITE_P(Removing, Tampering, testing::ValuesIn(removed));

const damage edited[] = {
    {"the id", [](envelope& e) { e.id += "x"; }, "the originator: its signature does not fit what the envelope says"},
    {"the time of birth", [](envelope& e) { e.created -= 1; }, "the originator: its signature"},
    {"the sender", [](envelope& e) { e.from.address = "bob@edge.example"; },
     "its certificate does not name bob@edge.example"},
    {"the sender's letter case", [](envelope& e) { e.from.address = "Alice@edge.example"; },
     "does not name Alice@edge.example"},
    {"the sender's domain's letter case", [](envelope& e) { e.from.address = "alice@EDGE.example"; },
     "the originator: its signature"},
    {"a parameter's value", [](envelope& e) { e.from.parameters[0].value = "1"; }, "the originator: its signature"},
    {"a bare parameter to an empty one", [](envelope& e) { e.from.parameters[1].value = ""; },
     "the originator: its signature"},
    {"an object's digest", [](envelope& e) { e.objects[1].sha256 = other_digest(); }, "the originator: its signature"},
    {"an object's type", [](envelope& e) { e.objects[1].type = "message/other"; }, "the originator: its signature"},
    {"a legacy field", [](envelope& e) { e.legacy[0].octets.text += "x"; }, "the originator: its signature"},
    {"a legacy field's place", [](envelope& e) { e.legacy[0].place = 1; }, "the originator: its signature"},
    {"a legacy field's fold", [](envelope& e) { e.legacy[0].octets.folds.clear(); }, "the originator: its signature"},
    {"what is said of a legacy field", [](envelope& e) { e.legacy[0].view[0].second = "x"; },
     "the originator: its signature"},
    {"an extension", [](envelope& e) { e.extensions[0].content = "<x xmlns=\"urn:x\" a=\"1\"/>"; },
     "the originator: its signature"},
    {"whether an extension is critical", [](envelope& e) { e.extensions[0].critical = true; },
     "the originator: its signature"},
    {"a recipient", [](envelope& e) { e.recipients[1].address = "mallory@mallory.example"; },
     "hop 3 of 3 (mx1.carrier.example): it was sent on with other"},
    {"a recipient's number", [](envelope& e) { e.recipients[1].number = 9; }, "other recipients"},
    {"a hop's host", [](envelope& e) { e.trace[1].host = "mx1.mallory.example"; },
     "hop 1 of 3 (mx1.edge.example): it sent the message to mx1.relay.example"},
    {"a hop's peer", [](envelope& e) { e.trace[0].peer = "nobody"; }, "hop 1 of 3 (mx1.edge.example): its signature"},
    {"a hop's peer address", [](envelope& e) { e.trace[0].peer_address = "192.0.2.2"; },
     "hop 1 of 3 (mx1.edge.example): its signature"},
    {"a hop's protocol", [](envelope& e) { e.trace[0].protocol = "ESMTPSA"; },
     "hop 1 of 3 (mx1.edge.example): its signature"},
    {"a hop's id", [](envelope& e) { e.trace[1].id = "x"; }, "hop 2 of 3 (mx1.relay.example): its signature"},
    {"a hop's time", [](envelope& e) { e.trace[1].time += 1; }, "hop 2 of 3 (mx1.relay.example): its signature"},
    {"a hop's recipients", [](envelope& e) { e.trace[0].recipients = other_digest(); },
     "hop 1 of 3 (mx1.edge.example): its signature"},
    {"the last hop's next", [](envelope& e) { e.trace[2].next = "MX1.home.example"; },
     "hop 3 of 3 (mx1.carrier.example): its signature"},
    {"a signature's octets", [](envelope& e) { e.trace[0].sign.value.back() ^= 1; },
     "hop 1 of 3 (mx1.edge.example): its signature"},
    {"the originator's signature's octets", [](envelope& e) { e.from.sign->value.back() ^= 1; },
     "the originator: its signature"},
    {"the algorithm", [](envelope& e) { e.trace[0].sign.algorithm = "ed25519"; },
     "it is signed by ed25519, but its certificate's key is for ecdsa-p256-sha256"},
    {"the algorithm to none", [](envelope& e) { e.trace[0].sign.algorithm = "none"; }, "it is signed by none"},
    {"a change that did not happen",
     [](envelope& e) {
         e.trace[1].changes = {{"message/body", other_digest(), other_digest(), "x"}};
     },
     "the changes that it declares do not lead to the objects that follow"},
    {"a change that explains a forged body",
     [](envelope& e) {
         e.trace[1].changes = {{"message/body", e.objects[1].sha256, other_digest(), "x"}};
         e.objects[1].sha256 = other_digest();
     },
     "hop 2 of 3 (mx1.relay.example): its signature"},
};
INSTANTIATE_TEST_SUITE_P(Editing, Tampering, testing::ValuesIn(edited));

const damage moved[] = {
    {"two hops exchanged", [](envelope& e) { std::swap(e.trace[0], e.trace[1]); }, "hop 1 of 3 (mx1.relay.example)"},
    {"the trace turned around", [](envelope& e) { std::reverse(e.trace.begin(), e.trace.end()); },
     "hop 1 of 3 (mx1.carrier.example)"},
    {"a hop twice", [](envelope& e) { e.trace.insert(e.trace.begin() + 1, e.trace[0]); },
     "hop 1 of 4 (mx1.edge.example): it sent the message to"},
    {"recipients exchanged", [](envelope& e) { std::swap(e.recipients[0].address, e.recipients[1].address); },
     "other recipients"},
    {"objects exchanged", [](envelope& e) { std::swap(e.objects[0], e.objects[1]); }, "the originator: its signature"},
    {"digests exchanged", [](envelope& e) { std::swap(e.objects[0].sha256, e.objects[1].sha256); },
     "the originator: its signature"},
};
INSTANTIATE_TEST_SUITE_P(Reordering, Tampering, testing::ValuesIn(moved));

// What a host that is itself on the way can try: it signs honestly, over lies.
const damage by_insiders[] = {
    {"a body changed on the sly",
     [](envelope& e) {
         e.trace.pop_back();
         e.objects[1].sha256 = other_digest();
         pass(e, w().carrier, w().relay.name, "mx1.home.example");
     },
     "the originator: its signature does not fit what the envelope says; hop 3 of 3 (mx1.carrier.example) is the first "
     "that "
     "signs what the envelope says now"},
    {"the last hop by somebody else",
     [](envelope& e) {
         e.trace.back().next = w().mallory.name;
         pass(e, w().mallory, w().carrier.name, "mx1.home.example");
     },
     "hop 3 of 4 (mx1.carrier.example): its signature"},
    {"signed for another host with one's own key",
     [](envelope& e) {
         auto last = e.trace.back();
         e.trace.pop_back();
         last.certificate = w().mallory.host.sha256();
         add_certificate(e, w().mallory.host);
         sign_hop(e, last, e.recipients, w().mallory.key);
         e.trace.push_back(last);
     },
     "hop 3 of 3 (mx1.carrier.example): its certificate does not name the host mx1.carrier.example"},
    {"another's certificate with one's own key",
     [](envelope& e) {
         auto last = e.trace.back();
         e.trace.pop_back();
         sign_hop(e, last, e.recipients, w().mallory.key);
         e.trace.push_back(last);
     },
     "hop 3 of 3 (mx1.carrier.example): its signature"},
    {"a user's certificate for a hop",
     [](envelope& e) {
         auto last = e.trace.back();
         e.trace.pop_back();
         last.certificate = e.from.certificate;
         sign_hop(e, last, e.recipients, w().edge.user_key);
         e.trace.push_back(last);
     },
     "its certificate does not name the host"},
    {"a hop from a time before the message",
     [](envelope& e) {
         auto last = e.trace.back();
         e.trace.pop_back();
         last.time = samples::noon - 3600;
         sign_hop(e, last, e.recipients, w().carrier.key);
         e.trace.push_back(last);
     },
     "its time lies before that of the step before it"},
    {"a hop from the future",
     [](envelope& e) {
         auto last = e.trace.back();
         e.trace.pop_back();
         last.time = now + 601;
         sign_hop(e, last, e.recipients, w().carrier.key);
         e.trace.push_back(last);
     },
     "lies in the future"},
    {"the originator's signature of another message",
     [](envelope& e) {
         auto other = samples::message();
         other.id = "another@edge.example";
         other.from.certificate = e.from.certificate;
         sign_originator(other, w().edge.user_key);
         e.from.sign = other.from.sign;
     },
     "the originator: its signature"},
    {"a trace of another message",
     [](envelope& e) {
         auto other = samples::message();
         other.id = "another@edge.example";
         pass(other, w().edge, "pc.edge.example", w().relay.name);
         e.trace[0] = other.trace[0];
     },
     "hop 1 of 3 (mx1.edge.example): its signature"},
    {"a hop's signature as the originator's", [](envelope& e) { e.from.sign = e.trace[0].sign; },
     "the originator: its signature"},
};
INSTANTIATE_TEST_SUITE_P(Inside, Tampering, testing::ValuesIn(by_insiders));

// --- what may differ -------------------------------------------------------------------------------------------------

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

// --- Merkle paths ----------------------------------------------------------------------------------------------------

// A complete tree over `leaves` (a power of two), its root and the path of one leaf, computed the slow way.
digest node(char kind, const std::string& first, const std::string& second = {})
{
    return sha256(std::string(1, kind) + first + second);
}
std::string octets_of(const digest& d)
{
    return {d.begin(), d.end()};
}

TEST(Batch, SignsOnceForManyMessages)
{
    constexpr std::size_t count = 8;
    std::vector<envelope> batch(count, samples::message());
    std::vector<hop> steps(count);
    std::vector<digest> row;
    for (std::size_t i = 0; i < count; ++i) {
        batch[i].id = std::to_string(i) + "@edge.example";
        add_certificate(batch[i], w().edge.host);
        steps[i].host = w().edge.name;
        steps[i].certificate = w().edge.host.sha256();
        steps[i].time = samples::noon + 1;
        steps[i].next = "mx1.home.example";
        steps[i].recipients = recipients_digest(batch[i].recipients);
        steps[i].sign.leaf = i;
        row.push_back(node('\0', hop_octets(batch[i], steps[i])));
    }
    for (std::size_t level = 0; row.size() > 1; ++level) {
        for (std::size_t i = 0; i < count; ++i) steps[i].sign.path.push_back(row[(i >> level) ^ 1]);
        std::vector<digest> above;
        for (std::size_t i = 0; i < row.size(); i += 2)
            above.push_back(node('\1', octets_of(row[i]), octets_of(row[i + 1])));
        row = above;
    }
    const auto root = to_text(row[0]);
    const auto once = w().edge.key.sign("xproto-batch-v1\nroot 72 " + root + "\n");
    auto x = expectations();
    x.peer = w().edge.name;
    for (std::size_t i = 0; i < count; ++i) {
        steps[i].sign.algorithm = w().edge.key.algorithm();
        steps[i].sign.value = once;
        batch[i].trace = {steps[i]};
        EXPECT_EQ(verify_trace(batch[i], x).broken, "") << i;
        const std::pair<const char*, std::function<void(signature&)>> wrong[] = {
            {"another leaf", [](signature& s) { s.leaf ^= 1; }},
            {"leaf outside", [](signature& s) { s.leaf += 8; }},
            {"path too short", [](signature& s) { s.path.pop_back(); }},
            {"no path",
             [](signature& s) {
                 s.path.clear();
                 s.leaf = 0;
             }},
            {"path too long", [](signature& s) { s.path.push_back(sha256("x")); }},
            {"step edited", [](signature& s) { s.path[1][0] ^= 1; }},
        };
        for (const auto& [name, apply] : wrong) {
            auto forged = batch[i];
            apply(forged.trace[0].sign);
            EXPECT_FALSE(verify_trace(forged, x).intact()) << name;
        }
    }
    auto long_path = batch[0];
    long_path.trace[0].sign.path.resize(33);
    EXPECT_NE(verify_trace(long_path, x).broken.find("trace.path"), std::string::npos);
}

TEST(Batch, OfALeafIsNeverANode)
{
    // Signed octets that look like two node digests must not be taken for an inner node.
    const auto left = sha256("left"), right = sha256("right");
    EXPECT_NE(signed_octets(octets_of(left) + octets_of(right), 0, {left}),
              signed_octets(octets_of(right), 0, {left, right}));
    EXPECT_EQ(signed_octets("octets", 5, {}), "octets");
}

// --- the byte strings ------------------------------------------------------------------------------------------------

TEST(Records, AreWhatTheSpecificationSays)
{
    auto e = samples::message();
    e.legacy[0].view.clear();
    e.extensions = {{"1.2.3", true, "<x/>"}};
    e.from.certificate = sha256("c");
    const auto d = [](const digest& value) { return to_text(value) + "\n"; };
    EXPECT_EQ(origin_octets(e),
              "xproto-origin-v1\n"
              "id 29 k3v7mqx2h5w4t6zr@edge.example\n"
              "created 20 2026-11-22T12:00:00Z\n"
              "address 18 alice@edge.example\n"
              "certificate 72 " +
                  d(sha256("c")) +
                  "parameter 4 SIZE\nvalue 4 4711\nparameter 8 SMTPUTF8\n"
                  "object 15 message/headers\ndigest 72 " +
                  d(e.objects[0].sha256) + "object 12 message/body\ndigest 72 " + d(e.objects[1].sha256) +
                  "legacy 1 0\nname 8 Received\n"
                  "text 74  from pc.edge.example by mx1.edge.example; Sun, 22 Nov 2026 12:00:00 +0000\nfold 2 42\n"
                  "extension 5 1.2.3\ncritical 4 true\ncontent 4 <x/>\n");
    EXPECT_EQ(recipients_digest({e.recipients[1]}),
              sha256("xproto-recipients-v1\nrecipient 1 2\naddress 23 carol@elsewhere.example\n"));

    hop h;
    h.host = "mx1.edge.example";
    h.certificate = sha256("h");
    h.peer = "pc.edge.example";
    h.peer_address = "192.0.2.1";
    h.protocol = "ESMTP";
    h.id = "4f2a";
    h.time = samples::noon;
    h.next = "mx1.carrier.example";
    h.recipients = sha256("r");
    e.from.sign.emplace();
    e.from.sign->value = "signature";
    EXPECT_EQ(hop_octets(e, h), "xproto-hop-v1\n"
                                "hop 1 1\n"
                                "origin 72 " +
                                    d(sha256(origin_octets(e))) +
                                    "previous 12 c2lnbmF0dXJl\n"
                                    "object 15 message/headers\ndigest 72 " +
                                    d(e.objects[0].sha256) + "object 12 message/body\ndigest 72 " +
                                    d(e.objects[1].sha256) + "recipients 72 " + d(sha256("r")) +
                                    "host 16 mx1.edge.example\ncertificate 72 " + d(sha256("h")) +
                                    "peer 15 pc.edge.example\npeer-address 9 192.0.2.1\nprotocol 5 ESMTP\nid 4 4f2a\n"
                                    "time 20 2026-11-22T12:00:00Z\nnext 19 mx1.carrier.example\n");
}

TEST(Records, OfDifferentEnvelopesDiffer)
{
    // Values that would run together without their lengths.
    samples::random_values random(1);
    std::map<std::string, envelope> seen;
    for (int i = 0; i < 2000; ++i) {
        auto e = random.any_envelope();
        e.recipients.clear();
        e.certificates.clear();
        e.trace.clear();
        e.from.sign.reset();
        for (auto& o : e.objects) {
            o.octets = 0; // not covered: the digest says it all
            o.media_type.clear();
        }
        const auto [at, fresh] = seen.emplace(origin_octets(e), e);
        if (!fresh) EXPECT_EQ(at->second, e);
    }
    EXPECT_GT(seen.size(), 1900u);
}

} // namespace
