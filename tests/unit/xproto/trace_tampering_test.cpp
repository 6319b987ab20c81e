// The signed trace: each of the ways to lie about a message is found out and explained.
#include "xproto/trace.hpp"

#include "tests/support/xproto_world.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>

namespace {

using namespace xproto;
using namespace samples;

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

// The middle hop says how it knows the host before it.
envelope told()
{
    auto e = samples::message();
    const auto sender = w().edge.user(e.from.address);
    e.from.certificate = sender.sha256();
    add_certificate(e, sender);
    sign_originator(e, w().edge.user_key);
    pass(e, w().edge, "pc.edge.example", w().relay.name);
    pass(e, w().relay, w().edge.name, w().carrier.name, {},
         reception{"dns", "unknown", w().edge.host.sha256(), "edge.example"});
    pass(e, w().carrier, w().relay.name, "mx1.home.example", {},
         reception{"trusted", "trusted", w().relay.host.sha256(), "CN=relay"});
    return e;
}

TEST(Reception, IsSignedWithTheHop)
{
    const auto e = told();
    EXPECT_EQ(verify(e).broken, "");
    EXPECT_EQ(e.trace[1].sign.path.size(), 1u);
    EXPECT_EQ(reception_octets(*e.trace[1].reception),
              "xproto-reception-v1\nby 3 dns\nstanding 7 unknown\ncertificate 72 " + to_text(w().edge.host.sha256()) +
                  "\nauthority 12 edge.example\n");
    const auto again = read_envelope(write(e));
    ASSERT_TRUE(again) << again.error().what;
    EXPECT_EQ(*again, e);
}

TEST(Reception, WhoDoesNotKnowItFindsTheChainIntact)
{
    auto e = told();
    for (auto& h : e.trace) h.reception.reset(); // as a reader that steps over foreign elements
    EXPECT_EQ(verify(e).broken, "");
}

TEST(Reception, CannotBeEditedExchangedOrPutIn)
{
    const std::pair<const char*, std::function<void(envelope&)>> table[] = {
        {"the mechanism", [](envelope& e) { e.trace[1].reception->by = "store"; }},
        {"the standing", [](envelope& e) { e.trace[1].reception->standing = "trusted"; }},
        {"the certificate", [](envelope& e) { e.trace[1].reception->certificate = other_digest(); }},
        {"the authority", [](envelope& e) { e.trace[1].reception->authority = "mallory.example"; }},
        {"another hop's", [](envelope& e) { e.trace[1].reception = e.trace[2].reception; }},
        {"the leaf", [](envelope& e) { e.trace[1].sign.leaf = 1; }},
    };
    for (const auto& [name, apply] : table) {
        auto e = told();
        apply(e);
        const auto report = verify(e);
        EXPECT_NE(report.broken.find("hop 2 of 3 (mx1.relay.example): it did not sign what it says of its reception"),
                  std::string::npos)
            << name << ": " << report.broken;
    }
    auto e = journey();
    e.trace[1].reception = told().trace[1].reception;
    EXPECT_FALSE(verify(e).intact()) << "put into a hop that said nothing";
}

TEST(Reception, IsSignedInBatchesOfBothKinds)
{
    const auto key = private_key::generate();
    const auto reader = key.public_part();
    signature_batch batch;
    hop silent, told;
    told.reception = reception{"store", "known", {}, "CN=a"};
    std::vector<const hop*> kinds;
    for (int i = 0; i < 7; ++i) {
        kinds.push_back(i % 3 == 0 ? &told : &silent);
        add_hop(batch, "octets " + std::to_string(i), *kinds.back());
    }
    const auto made = batch.sign(key);
    for (std::size_t i = 0; i < made.size(); ++i) {
        const auto what = signed_octets("octets " + std::to_string(i), made[i].leaf, made[i].path);
        EXPECT_TRUE(reader.verify(made[i].algorithm, what, made[i].value)) << i;
        auto h = *kinds[i];
        h.sign = made[i];
        EXPECT_TRUE(covers_reception(h)) << i;
        h.reception = reception{"dns", "known", {}, "CN=a"};
        EXPECT_FALSE(covers_reception(h)) << i;
    }
}

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

} // namespace
