// The HELO proof: whoever holds the key makes it for one session, and nothing else passes.
#include "xproto/identity.hpp"

#include "tests/support/scratch.hpp"
#include "xproto/certificate_issue.hpp"
#include "xproto/helo_transcript.hpp"

#include <gtest/gtest.h>

namespace {

using namespace xproto;

constexpr unix_seconds now = 1'795'348'800;
constexpr validity year{now - 86400, now + 365 * 86400};

struct site {
    explicit site(std::string_view domain)
        : ca(*make_ca(domain, year)), key(private_key::generate()),
          host(*make_host(ca, "mx1." + std::string(domain), key.public_part(), year)), store({ca.own})
    {
    }
    certificate_authority ca;
    private_key key;
    certificate host;
    certificate_store store;
};

const site& edge()
{
    static const site s("edge.example");
    return s;
}

std::string transcript(std::string_view nonce = "nonce", std::string_view server = "mx1.carrier.example")
{
    helo_transcript t;
    t.role = "client";
    t.server_nonce = nonce;
    t.client_host = "mx1.edge.example";
    t.server_host = server;
    t.tls_exporter = "0123456789abcdef0123456789abcdef";
    return t.octets();
}

std::string proof(std::string_view octets)
{
    return *make_proof({edge().host}, edge().key, octets);
}

template <class T> std::string why(const checked<T>& outcome)
{
    return outcome ? "" : outcome.error().what;
}

TEST(Proof, ProvesItsHost)
{
    const auto found = verify_proof(proof(transcript()), transcript(), {&edge().store}, now);
    ASSERT_TRUE(found) << why(found);
    EXPECT_EQ(found->who.hosts, std::vector<std::string>{"mx1.edge.example"});
    EXPECT_EQ(found->who.leaf, edge().host);
    EXPECT_EQ(found->why.anchor, edge().ca.own);
    EXPECT_EQ(found->store, 0u);
    EXPECT_TRUE(found->who.names("MX1.edge.example"));
    EXPECT_FALSE(found->who.names("edge.example"));
}

TEST(Proof, HoldsForThisSessionOnly)
{
    const auto der = proof(transcript());
    EXPECT_FALSE(open_proof(der, transcript("another nonce")));
    EXPECT_FALSE(open_proof(der, transcript("nonce", "mx2.carrier.example")));
    EXPECT_FALSE(open_proof(der, ""));
    EXPECT_EQ(open_proof(der, transcript() + " ").error().fault, certificate_fault::not_signed);
}

TEST(Proof, SaysWhichStoreKnewTheIssuer)
{
    const site other("other.example");
    const certificate_store nobody;
    const auto der = proof(transcript());
    EXPECT_EQ(verify_proof(der, transcript(), {&nobody, &other.store, &edge().store}, now)->store, 2u);
    const auto unknown = verify_proof(der, transcript(), {&other.store}, now);
    ASSERT_FALSE(unknown);
    EXPECT_EQ(unknown.error().fault, certificate_fault::untrusted);
    EXPECT_EQ(verify_proof(der, transcript(), {}, now).error().fault, certificate_fault::untrusted);
    const auto late = verify_proof(der, transcript(), {&other.store, &edge().store, &nobody}, year.until + 1);
    ASSERT_FALSE(late);
    EXPECT_EQ(late.error().fault, certificate_fault::expired) << late.error().what;
}

TEST(Proof, CarriesTheChain)
{
    const auto der = *make_proof({edge().host, edge().ca.own}, edge().key, transcript());
    const auto found = open_proof(der, transcript());
    ASSERT_TRUE(found) << why(found);
    EXPECT_EQ(found->leaf, edge().host);
    EXPECT_EQ(found->others, std::vector<certificate>{edge().ca.own});
}

TEST(Proof, IsNotMadeWithTheWrongKey)
{
    EXPECT_EQ(make_proof({edge().host}, private_key::generate(), "x").error().fault, certificate_fault::unfit);
    EXPECT_EQ(make_proof({}, edge().key, "x").error().fault, certificate_fault::unfit);
    const auto key = private_key::generate_ed25519();
    const auto host = *make_host(edge().ca, "ed.edge.example", key.public_part(), year);
    EXPECT_EQ(make_proof({host}, key, "x").error().fault, certificate_fault::unfit);
}

TEST(Proof, OfAStolenCertificateIsWorthNothing)
{
    // Mallory has a certificate of his own, and takes edge's out of a session he listened to.
    const site mallory("mallory.example");
    const auto der = *make_proof({mallory.host, edge().host}, mallory.key, transcript());
    const auto found = verify_proof(der, transcript(), {&edge().store}, now);
    ASSERT_FALSE(found);
    EXPECT_EQ(open_proof(der, transcript())->leaf, mallory.host);
}

TEST(Proof, NeedsAHostCertificate)
{
    const auto user = *make_user(edge().ca, "a@edge.example", edge().key.public_part(), "1.2.3", year);
    const auto found = verify_proof(*make_proof({user}, edge().key, transcript()), transcript(), {&edge().store}, now);
    ASSERT_FALSE(found);
    EXPECT_EQ(found.error().fault, certificate_fault::wrong_name);
}

TEST(Proof, NamesItsLimits)
{
    const auto der = *make_proof({edge().host, edge().ca.own}, edge().key, transcript());
    proof_limits limits;
    limits.octets = der.size();
    limits.certificates = 2;
    EXPECT_TRUE(open_proof(der, transcript(), limits));
    limits.octets = der.size() - 1;
    EXPECT_NE(why(open_proof(der, transcript(), limits)).find("proof.octets"), std::string::npos);
    limits.octets = der.size();
    limits.certificates = 1;
    EXPECT_NE(why(open_proof(der, transcript(), limits)).find("proof.certificates"), std::string::npos);
}

TEST(Proof, IsExactlyOneWholeObject)
{
    const auto der = proof(transcript());
    EXPECT_FALSE(open_proof(der + "x", transcript()));
    for (std::size_t size = 0; size < der.size(); ++size)
        ASSERT_FALSE(open_proof(der.substr(0, size), transcript())) << size;
}

TEST(Proof, SurvivesNoFlippedBitThatMatters)
{
    // Whatever single octet is changed: refused, or the very same certificate is proved (fields that nothing depends
    // on).
    const auto der = proof(transcript());
    std::size_t refused = 0;
    for (std::size_t i = 0; i < der.size(); ++i) {
        auto damaged = der;
        damaged[i] = static_cast<char>(damaged[i] ^ 0x20);
        const auto found = verify_proof(damaged, transcript(), {&edge().store}, now);
        if (found) {
            EXPECT_EQ(found->who.leaf, edge().host) << i;
        } else {
            ++refused;
        }
    }
    EXPECT_GT(refused, der.size() * 9 / 10);
}

TEST(Proof, IsUnderstoodByStockTools)
{
    ASSERT_TRUE(scratch::has("openssl"));
    const scratch::directory dir;
    dir.put("proof.der", proof(transcript()));
    dir.put("transcript", transcript());
    dir.put("ca.pem", edge().ca.own.to_pem());
    dir.put("host.pem", edge().host.to_pem());
    dir.put("host.key", edge().key.to_pem());
    const auto verify = "openssl cms -verify -inform DER -in proof.der -binary -content transcript -CAfile ca.pem "
                        "-purpose sslclient -attime " +
                        std::to_string(now) + " -out /dev/null";
    const auto theirs = dir.run(verify);
    EXPECT_EQ(theirs.status, 0) << theirs.output;
    EXPECT_NE(dir.run("printf x >> transcript && " + verify).status, 0);

    // And the other way: a proof made by a stock tool, with signed attributes.
    dir.put("transcript", transcript());
    const auto made = dir.run("openssl cms -sign -binary -in transcript -signer host.pem -inkey host.key "
                              "-certfile ca.pem -outform DER -out theirs.der -md sha256");
    ASSERT_EQ(made.status, 0) << made.output;
    const auto der = dir.get("theirs.der");
    const auto ours = verify_proof(der, transcript(), {&edge().store}, now);
    EXPECT_TRUE(ours) << why(ours);

    const std::pair<std::string, std::string> unacceptable[] = {
        {"attached content", "-nodetach"},
        {"no certificate", "-nocerts"},
        {"SHA-1", "-md sha1"},
    };
    for (const auto& [name, options] : unacceptable) {
        ASSERT_EQ(dir.run("openssl cms -sign -binary -in transcript -signer host.pem -inkey host.key -outform DER "
                          "-out bad.der " +
                          options)
                      .status,
                  0)
            << name;
        EXPECT_FALSE(open_proof(dir.get("bad.der"), transcript())) << name;
    }
    dir.put("mx2.pem", make_host(edge().ca, "mx2.edge.example", edge().key.public_part(), year)->to_pem());
    const auto twice = dir.run("openssl cms -sign -binary -in transcript -signer host.pem -inkey host.key -signer "
                               "mx2.pem -inkey host.key -outform DER -out two.der");
    ASSERT_EQ(twice.status, 0) << twice.output;
    EXPECT_NE(why(open_proof(dir.get("two.der"), transcript())).find("one signer"), std::string::npos);
}

} // namespace
