// What trace signatures stand over: the byte strings of the specification, and Merkle trees of them.
#include "xproto/trace.hpp"

#include "tests/support/xproto_world.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <map>

namespace {

using namespace xproto;
using namespace samples;

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
        if (!fresh) {
            EXPECT_EQ(at->second, e);
        }
    }
    EXPECT_GT(seen.size(), 1900u);
}

} // namespace
