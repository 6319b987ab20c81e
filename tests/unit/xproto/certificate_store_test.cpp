// Validity: certificates are believed when the anchors say so, and the reason is told when they are not.
#include "xproto/certificate_store.hpp"

#include "tests/support/scratch.hpp"
#include "tests/support/xproto_authority.hpp"

#include <gtest/gtest.h>

namespace {

using namespace xproto;
using namespace authority;

TEST(Store, ValidatesWhatItsAnchorsIssued)
{
    const auto store = trusting(ca().own);
    const auto found = store.validate_host(host("mx1.edge.example"), {}, "MX1.edge.example", now);
    ASSERT_TRUE(found) << found.error().what;
    EXPECT_EQ(found->anchor, ca().own);
    EXPECT_EQ(found->from, week.from);
    EXPECT_EQ(found->until, week.until);
}

TEST(Store, SaysWhyNot)
{
    const auto stranger = *make_ca("edge.example", year); // the same name, another key
    const auto c = host("mx1.edge.example");
    auto damaged = c.der();
    damaged.back() = static_cast<char>(damaged.back() ^ 1);
    const auto store = trusting(ca().own);
    EXPECT_EQ(fault_of(certificate_store().validate(c, {}, purpose::host, now)), "untrusted");
    EXPECT_EQ(fault_of(trusting(stranger.own).validate(c, {}, purpose::host, now)), "untrusted");
    EXPECT_EQ(fault_of(store.validate(c, {}, purpose::host, week.from - 1)), "expired");
    EXPECT_EQ(fault_of(store.validate(c, {}, purpose::host, week.until + 1)), "expired");
    EXPECT_EQ(fault_of(store.validate(c, {}, purpose::user, now)), "wrong_purpose");
    EXPECT_EQ(fault_of(store.validate(user("a@edge.example"), {}, purpose::host, now)), "wrong_purpose");
    EXPECT_EQ(fault_of(store.validate_host(c, {}, "mx2.edge.example", now)), "wrong_name");
    EXPECT_EQ(fault_of(store.validate_user(user("a@edge.example"), {}, "A@edge.example", now)), "wrong_name");
    EXPECT_EQ(fault_of(store.validate(*certificate::from_der(damaged), {}, purpose::host, now)), "not_signed");
    EXPECT_NE(store.validate(c, {}, purpose::host, week.until + 1).error().what.find("CN=mx1.edge.example"),
              std::string::npos);
}

TEST(Store, IdNamesTheSetOfAnchors)
{
    const auto other = make_ca("other.example", year)->own;
    EXPECT_EQ(certificate_store({ca().own, other}).id(), certificate_store({other, ca().own, other}).id());
    EXPECT_NE(trusting(other).id(), trusting(ca().own).id());
    EXPECT_NE(certificate_store().id(), trusting(other).id());
}

TEST(Store, AnswersFromSeveralStores)
{
    certificate_store moved = trusting(ca().own);
    const auto store = std::move(moved);
    EXPECT_EQ(store.anchors(), std::vector<certificate>{ca().own});
    EXPECT_TRUE(store.validate(host("a.example"), {}, purpose::host, now));
}

// Chains that only a stock tool can make: intermediates, old algorithms, other extended key usages.
class StoreOfStrangers : public testing::Test {
  protected:
    void SetUp() override
    {
        ASSERT_TRUE(scratch::has("openssl"));
        key("root");
        run("openssl req -x509 -new -key root.key -subj /CN=root -days 3650 -out root.pem"
            " -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign");
    }
    void run(const std::string& command)
    {
        const auto outcome = dir_.run(command);
        ASSERT_EQ(outcome.status, 0) << command << "\n" << outcome.output;
    }
    void key(const std::string& name, const std::string& options = "-algorithm EC -pkeyopt ec_paramgen_curve:P-256")
    {
        run("openssl genpkey " + options + " -out " + name + ".key");
    }
    void issue(const std::string& issuer, const std::string& name, const std::string& extensions,
               const std::string& options = "")
    {
        dir_.put(name + ".ext", extensions);
        run("openssl req -new -key " + name + ".key -subj /CN=" + name + " -out " + name +
            ".csr && openssl x509 -req -in " + name + ".csr -CA " + issuer + ".pem -CAkey " + issuer +
            ".key -CAcreateserial -days 300 -extfile " + name + ".ext -out " + name + ".pem " + options);
    }
    certificate read(const std::string& name) { return *certificate::from_pem(dir_.get(name + ".pem")); }
    unix_seconds today() { return read("root").not_before() + 60; }

    scratch::directory dir_;
    const std::string ca_ = "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign\n";
    const std::string leaf_ = "keyUsage=digitalSignature\nsubjectAltName=DNS:mx.example,email:a@b.example\n";
};

TEST_F(StoreOfStrangers, FollowsIntermediatesUpToFiveCertificates)
{
    std::string issuer = "root";
    std::vector<certificate> others;
    for (const std::string name : {"i1", "i2", "i3", "i4"}) {
        key(name);
        issue(issuer, name, ca_);
        others.push_back(read(name));
        key("leaf-" + name);
        issue(name, "leaf-" + name, leaf_);
        issuer = name;
    }
    const certificate_store store({read("root")});
    EXPECT_TRUE(store.validate(read("leaf-i3"), others, purpose::host, today()));
    EXPECT_EQ(fault_of(store.validate(read("leaf-i3"), {others[0], others[2]}, purpose::host, today())), "untrusted");
    EXPECT_EQ(fault_of(store.validate(read("leaf-i4"), others, purpose::host, today())), "untrusted");
    EXPECT_TRUE(certificate_store({read("i1")}).validate(read("leaf-i4"), others, purpose::host, today()))
        << "an anchor need not be self-signed";
}

TEST_F(StoreOfStrangers, DoesNotRunInCircles)
{
    key("first");
    issue("root", "first", ca_);
    key("second");
    issue("first", "second", ca_);
    issue("second", "first", ca_); // the same name and key, now issued by the one below it
    key("leaf");
    issue("second", "leaf", leaf_);
    const certificate_store store({read("root")});
    const std::vector<certificate> circle{read("first"), read("second"), read("first"), read("second")};
    EXPECT_EQ(fault_of(store.validate(read("leaf"), circle, purpose::host, today())), "untrusted");
}

TEST_F(StoreOfStrangers, NeedsTheRightUsage)
{
    const std::pair<std::string, std::string> table[] = {
        {"leaf", leaf_},
        {"no-usage", "subjectAltName=DNS:mx.example\n"},
        {"no-signatures", "keyUsage=keyEncipherment\nsubjectAltName=DNS:mx.example\n"},
        {"code", leaf_ + "extendedKeyUsage=codeSigning\n"},
        {"client", leaf_ + "extendedKeyUsage=clientAuth\n"},
        {"server", leaf_ + "extendedKeyUsage=serverAuth\n"},
        {"mail", leaf_ + "extendedKeyUsage=emailProtection\n"},
        {"authority", ca_ + "subjectAltName=DNS:mx.example\n"},
        {"wildcard", "keyUsage=digitalSignature\nsubjectAltName=DNS:*.example\n"},
    };
    for (const auto& [name, extensions] : table) {
        key(name);
        issue("root", name, extensions);
    }
    const certificate_store store({read("root")});
    const auto as = [&](const std::string& name, purpose use) {
        return fault_of(store.validate(read(name), {}, use, today()));
    };
    EXPECT_EQ(as("leaf", purpose::host), "none");
    EXPECT_EQ(as("leaf", purpose::user), "none");
    EXPECT_EQ(as("no-usage", purpose::host), "none");
    EXPECT_EQ(as("no-signatures", purpose::host), "wrong_purpose");
    EXPECT_EQ(as("code", purpose::host), "wrong_purpose");
    EXPECT_EQ(as("code", purpose::user), "wrong_purpose");
    EXPECT_EQ(as("client", purpose::host), "none");
    EXPECT_EQ(as("server", purpose::host), "none");
    EXPECT_EQ(as("server", purpose::user), "wrong_purpose");
    EXPECT_EQ(as("mail", purpose::user), "none");
    EXPECT_EQ(as("mail", purpose::host), "wrong_purpose");
    EXPECT_EQ(as("authority", purpose::host), "wrong_purpose");
    EXPECT_FALSE(read("wildcard").names_host("mx.example"));
    EXPECT_FALSE(read("wildcard").names_host("*.example"));
}

TEST_F(StoreOfStrangers, RefusesIssuersThatAreNone)
{
    key("host");
    issue("root", "host", leaf_); // no CA
    key("forged");
    issue("host", "forged", leaf_);
    const certificate_store store({read("root")});
    EXPECT_EQ(fault_of(store.validate(read("forged"), {read("host")}, purpose::host, today())), "wrong_purpose");
}

TEST_F(StoreOfStrangers, RefusesWeakKeysAndDigests)
{
    key("short", "-algorithm RSA -pkeyopt rsa_keygen_bits:1024");
    issue("root", "short", leaf_);
    key("sha1");
    issue("root", "sha1", leaf_, "-sha1");
    key("p384", "-algorithm EC -pkeyopt ec_paramgen_curve:P-384");
    issue("root", "p384", leaf_);
    const certificate_store store({read("root")});
    for (const std::string name : {"short", "sha1", "p384"})
        EXPECT_EQ(fault_of(store.validate(read(name), {}, purpose::host, today())), "weak") << name;
    EXPECT_EQ(read("p384").key(), nullptr);
}

TEST_F(StoreOfStrangers, ObeysNameConstraints)
{
    key("bound");
    issue("root", "bound", ca_ + "nameConstraints=critical,permitted;DNS:good.example,permitted;email:good.example\n");
    for (const std::string name : {"good", "bad"}) {
        key(name);
        issue("bound", name,
              "keyUsage=digitalSignature\nsubjectAltName=DNS:mx." + name + ".example,email:a@" + name + ".example\n");
    }
    const certificate_store store({read("root")});
    EXPECT_EQ(fault_of(store.validate(read("good"), {read("bound")}, purpose::host, today())), "none");
    EXPECT_EQ(fault_of(store.validate(read("bad"), {read("bound")}, purpose::host, today())), "wrong_name");
}

TEST_F(StoreOfStrangers, KnowsWhatItsOwnCertificatesLookLikeToOthers)
{
    dir_.put("ca.pem", ca().own.to_pem());
    const auto strict = [&](const std::string& file, const std::string& how) {
        return dir_.run("openssl verify -x509_strict -auth_level 2 -attime " + std::to_string(now) +
                        " -CAfile ca.pem " + how + " " + file);
    };
    dir_.put("host.pem", host("mx1.edge.example").to_pem());
    dir_.put("user.pem", user("\"john doe\"@edge.example").to_pem());
    for (const std::string how : {"-purpose sslserver -verify_hostname mx1.edge.example", "-purpose sslclient"}) {
        const auto outcome = strict("host.pem", how);
        EXPECT_EQ(outcome.status, 0) << outcome.output;
    }
    const auto outcome = strict("user.pem", "-purpose smimesign");
    EXPECT_EQ(outcome.status, 0) << outcome.output;
    EXPECT_NE(strict("user.pem", "-purpose sslclient").status, 0);
}

// --- the cache -------------------------------------------------------------------------------------------------------

TEST(ValidationCache, SparesRepeatedWork)
{
    validation_cache cache;
    const auto store = trusting(ca().own);
    const auto c = user("a@edge.example");
    ASSERT_TRUE(cache.parse(c.sha256(), c.der()));
    ASSERT_TRUE(cache.validate(store, c, {}, purpose::user, now));
    EXPECT_EQ(cache.hits(), 0u);
    EXPECT_EQ(*cache.parse(c.sha256(), c.der()), c);
    EXPECT_EQ(cache.validate(store, c, {}, purpose::user, now)->anchor, ca().own);
    EXPECT_EQ(cache.hits(), 2u);
}

TEST(ValidationCache, NeverAnswersForAnotherTimePurposeOrSetOfAnchors)
{
    validation_cache cache;
    const auto store = trusting(ca().own);
    const auto c = user("a@edge.example");
    ASSERT_TRUE(cache.validate(store, c, {}, purpose::user, now));
    EXPECT_FALSE(cache.validate(store, c, {}, purpose::user, week.until + 1));
    EXPECT_FALSE(cache.validate(store, c, {}, purpose::user, week.from - 1));
    EXPECT_FALSE(cache.validate(store, c, {}, purpose::host, now));
    EXPECT_FALSE(cache.validate(certificate_store(), c, {}, purpose::user, now));
    EXPECT_TRUE(cache.validate(store, c, {}, purpose::user, now));
}

TEST(ValidationCache, ForgetsWhatWasUsedLongestAgo)
{
    validation_cache cache(2);
    const auto a = host("a.example"), b = host("b.example"), c = host("c.example");
    for (const auto& x : {a, b, a, c}) ASSERT_TRUE(cache.parse(x.sha256(), x.der())); // c pushes b out
    EXPECT_EQ(cache.hits(), 1u);
    ASSERT_TRUE(cache.parse(a.sha256(), a.der()));
    EXPECT_EQ(cache.hits(), 2u);
    ASSERT_TRUE(cache.parse(b.sha256(), b.der()));
    EXPECT_EQ(cache.hits(), 2u);
    validation_cache none(0);
    EXPECT_TRUE(none.parse(a.sha256(), a.der()));
}

} // namespace
