// The keys behind a trace: they change while mail is under way, their certificates expire, and some are too weak.
#include "tests/support/scratch.hpp"
#include "tests/support/xproto_world.hpp"

#include <gtest/gtest.h>

namespace {

using namespace samples;

constexpr unix_seconds day = 86400;

// A host whose certificate is replaced at `noon`: two keys, one after the other, certified by one CA after the other.
struct rolling_host {
    std::string name = "mx1.roll.example";
    certificate_authority old_ca =
        *xproto::make_ca("roll.example", {samples::noon - 300 * day, samples::noon + 9 * day});
    certificate_authority new_ca = *xproto::make_ca("roll.example", {samples::noon - day, samples::noon + 900 * day});
    private_key old_key = private_key::generate(), new_key = private_key::generate_ed25519();
    certificate old_host =
        *xproto::make_host(old_ca, name, old_key.public_part(), {samples::noon - 90 * day, samples::noon + 2});
    certificate new_host =
        *xproto::make_host(new_ca, name, new_key.public_part(), {samples::noon - day, samples::noon + day});
};

void take_on(envelope& e, const rolling_host& by, bool with_new_key, unix_seconds time, const std::string& next)
{
    hop h;
    h.host = by.name;
    h.certificate = (with_new_key ? by.new_host : by.old_host).sha256();
    h.protocol = "XPROTO";
    h.time = time;
    h.next = next;
    add_certificate(e, with_new_key ? by.new_host : by.old_host);
    sign_hop(e, h, e.recipients, with_new_key ? by.new_key : by.old_key);
    e.trace.push_back(h);
}

trace_report judged(const envelope& e, const std::vector<certificate>& anchors, unix_seconds at)
{
    const certificate_store store(anchors);
    auto x = expectations();
    x.validate = [&](const certificate& leaf, const std::vector<certificate>& others, purpose use, unix_seconds when) {
        return store.validate(leaf, others, use, when);
    };
    x.peer = e.trace.back().host;
    x.now = at;
    return verify_trace(xproto::read_envelope(xproto::write(e)).value(), x);
}

// One host handles the message twice, before and after its key was replaced: each hop brings its own certificate.
TEST(TraceKeys, ChangeBetweenTwoHopsOfOneHost)
{
    const rolling_host roll;
    auto e = samples::message();
    take_on(e, roll, false, samples::noon + 1, w().edge.name);
    pass(e, w().edge, roll.name, roll.name);
    take_on(e, roll, true, samples::noon + 3, "mx1.home.example");
    const auto report = judged(e, {roll.old_ca.own, roll.new_ca.own, w().edge.ca.own}, samples::noon + 4);
    EXPECT_EQ(report.broken, "");
    EXPECT_TRUE(report.valid());
    EXPECT_EQ(report.hops[0].signer, roll.old_host);
    EXPECT_EQ(report.hops[2].signer, roll.new_host);
}

// A message waited in the queue under a hop of the old key, and left under one of the new.
TEST(TraceKeys, ChangeWhileAMessageWaits)
{
    const rolling_host roll;
    auto e = samples::message();
    pass(e, w().edge, "pc.edge.example", roll.name);
    take_on(e, roll, false, samples::noon + 1, roll.name);
    ASSERT_TRUE(is_unsent(e.trace.back()));
    e.trace.pop_back();
    take_on(e, roll, true, samples::noon + 1, "mx1.home.example");
    EXPECT_TRUE(judged(e, {roll.new_ca.own, w().edge.ca.own}, samples::noon + 3600).valid());
}

TEST(TraceKeys, HoldAsOfTheTimeTheySignedAt)
{
    const rolling_host roll;
    const std::vector<certificate> anchors{roll.old_ca.own, w().carrier.ca.own};
    auto e = samples::message();
    take_on(e, roll, false, samples::noon + 1, w().carrier.name);
    pass(e, w().carrier, roll.name, "mx1.home.example");
    // The host's certificate expires a second later, its CA after nine days: what was signed before stays signed.
    for (const auto later : {day, 8 * day, 20 * day, 29 * day})
        EXPECT_TRUE(judged(e, anchors, samples::noon + later).valid()) << later / day << " days";
    EXPECT_FALSE(judged(e, anchors, samples::noon + 31 * day).intact()) << "trace.age bounds how far back one can sign";
    // Who goes on with an expired certificate is intact, and not valid.
    auto late = samples::message();
    take_on(late, roll, false, samples::noon + 3, "mx1.home.example");
    const auto report = judged(late, anchors, samples::noon + 4);
    EXPECT_TRUE(report.intact());
    EXPECT_FALSE(report.valid());
    EXPECT_NE(report.hops[0].identity_reason.find("expired"), std::string::npos) << report.hops[0].identity_reason;
}

// A CA is withdrawn by taking it out of the store: old mail shows that it was not tampered with, and no more.
TEST(TraceKeys, OfAWithdrawnCaProveNothing)
{
    const rolling_host roll;
    auto e = samples::message();
    take_on(e, roll, false, samples::noon + 1, "mx1.home.example");
    const auto report = judged(e, {roll.new_ca.own}, samples::noon + 2);
    EXPECT_TRUE(report.intact());
    EXPECT_FALSE(report.hops[0].identity);
}

// --- too weak --------------------------------------------------------------------------------------------------------

struct weak_host {
    const char* name;
    const char* key;    // openssl genpkey
    const char* digest; // openssl req
    const char* algorithm;
    const char* broken;
};

void PrintTo(const weak_host& w, std::ostream* out)
{
    *out << w.name;
}

class WeakKeys : public testing::TestWithParam<weak_host> {
  protected:
    void openssl(const std::string& arguments)
    {
        const auto done = scratch::run("cd '" + dir_.path().string() + "' && openssl " + arguments);
        ASSERT_EQ(done.status, 0) << done.output;
    }
    scratch::directory dir_;
};

// Second of three hops, by a key that stock tools make without asking.
TEST_P(WeakKeys, BreakTheLinkTheySign)
{
    const auto& weak = GetParam();
    openssl(std::string("genpkey -out key ") + weak.key);
    openssl(std::string(
                "req -x509 -key key -out pem -days 90 -subj /CN=weak -addext subjectAltName=DNS:mx1.weak.example ") +
            weak.digest);
    const auto own = *certificate::from_pem(dir_.get("pem"));
    auto e = samples::message();
    pass(e, w().edge, "pc.edge.example", "mx1.weak.example");
    hop h;
    h.host = "mx1.weak.example";
    h.certificate = own.sha256();
    h.time = samples::noon + 2;
    h.next = w().carrier.name;
    h.recipients = recipients_digest(e.recipients);
    h.sign.algorithm = weak.algorithm;
    dir_.put("octets", hop_octets(e, h));
    openssl("dgst -sha256 -sign key -out signature octets");
    h.sign.value = dir_.get("signature");
    add_certificate(e, own);
    e.trace.push_back(h);
    pass(e, w().carrier, h.host, "mx1.home.example");
    EXPECT_EQ(verify(e).broken,
              std::string("hop 2 of 3 (mx1.weak.example): ") + weak.broken +
                  "; hop 3 of 3 (mx1.carrier.example) is the first that signs what the envelope says now");
}

constexpr const char* no_such_key =
    "its certificate has a key that is not accepted: neither Ed25519 nor ECDSA P-256 nor RSA of 2048 bits";
constexpr const char* no_such_digest = "its certificate is signed with an algorithm that is too weak, such as SHA-1";

const weak_host weak_hosts[] = {
    {"RSA of 1024 bits", "-algorithm RSA -pkeyopt rsa_keygen_bits:1024", "-sha256", "rsa-sha256", no_such_key},
    {"ECDSA P-384", "-algorithm EC -pkeyopt ec_paramgen_curve:P-384", "-sha256", "ecdsa-p256-sha256", no_such_key},
    {"a certificate signed with SHA-1", "-algorithm EC -pkeyopt ec_paramgen_curve:P-256", "-sha1", "ecdsa-p256-sha256",
     no_such_digest},
    {"a certificate signed with MD5", "-algorithm RSA -pkeyopt rsa_keygen_bits:2048", "-md5", "rsa-sha256",
     no_such_digest},
    {"an algorithm nobody knows", "-algorithm RSA -pkeyopt rsa_keygen_bits:2048", "-sha256", "rsa-sha1",
     "it is signed by rsa-sha1, but its certificate's key is for rsa-sha256"},
};
INSTANTIATE_TEST_SUITE_P(Trace, WeakKeys, testing::ValuesIn(weak_hosts));

} // namespace
