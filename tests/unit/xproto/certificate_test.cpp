// Certificates: what the site's CA makes says exactly what it should, and validation believes nothing else.
#include "xproto/certificate_issue.hpp"
#include "xproto/certificate_store.hpp"

#include "tests/support/scratch.hpp"

#include <gtest/gtest.h>

namespace {

using namespace xproto;

constexpr unix_seconds now = 1'795'348'800;
constexpr unix_seconds day = 86400;
constexpr validity year{now - day, now + 365 * day};
constexpr validity week{now, now + 7 * day};
constexpr std::string_view policy = "2.25.1.2.3";

const certificate_authority& ca()
{
    static const auto made = *make_ca("edge.example", year);
    return made;
}

certificate host(std::string_view name, const private_key& key = private_key::generate())
{
    return *make_host(ca(), name, key.public_part(), week);
}

certificate user(std::string_view address)
{
    return *make_user(ca(), address, private_key::generate().public_part(), policy, week);
}

certificate_store trusting(const certificate& anchor)
{
    return certificate_store({anchor});
}

template <class T> std::string fault_of(const checked<T>& outcome)
{
    static const char* const names[] = {"malformed",     "limit", "expired",    "untrusted", "wrong_name",
                                        "wrong_purpose", "weak",  "not_signed", "unfit"};
    return outcome ? "none" : names[static_cast<int>(outcome.error().fault)];
}

// --- keys ------------------------------------------------------------------------------------------------------------

TEST(Keys, SignAndVerify)
{
    for (const auto& key : {private_key::generate(), private_key::generate_ed25519()}) {
        const auto open = key.public_part();
        const auto signature = key.sign("octets");
        EXPECT_EQ(open.algorithm(), key.algorithm());
        EXPECT_TRUE(open.verify(key.algorithm(), "octets", signature));
        EXPECT_FALSE(open.verify(key.algorithm(), "octet", signature));
        EXPECT_FALSE(open.verify("rsa-sha256", "octets", signature));
        EXPECT_FALSE(open.verify("", "octets", signature));
        EXPECT_FALSE(open.verify(key.algorithm(), "octets", ""));
        EXPECT_FALSE(open.verify(key.algorithm(), "octets", signature.substr(1)));
        EXPECT_FALSE(private_key::generate().public_part().verify(key.algorithm(), "octets", signature));
    }
    EXPECT_EQ(private_key::generate().algorithm(), "ecdsa-p256-sha256");
    EXPECT_EQ(private_key::generate_ed25519().algorithm(), "ed25519");
}

TEST(Keys, ComeBackFromPemAndDer)
{
    for (const auto& key : {private_key::generate(), private_key::generate_ed25519()}) {
        const auto again = private_key::from_pem(key.to_pem());
        ASSERT_TRUE(again);
        EXPECT_TRUE(again->public_part() == key.public_part());
        EXPECT_TRUE(key.to_pem().starts_with("-----BEGIN PRIVATE KEY-----\n"));
        EXPECT_TRUE(*public_key::from_der(key.public_part().to_der()) == key.public_part());
    }
}

TEST(Keys, RefuseWhatIsNoKeyOrTooWeak)
{
    EXPECT_EQ(fault_of(private_key::from_pem("")), "malformed");
    EXPECT_EQ(fault_of(private_key::from_pem("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n")),
              "malformed");
    EXPECT_EQ(fault_of(public_key::from_der("")), "malformed");
    EXPECT_EQ(fault_of(public_key::from_der(private_key::generate().public_part().to_der() + "x")), "malformed");
    if (scratch::run("command -v openssl").status != 0) GTEST_SKIP() << "openssl is not installed";
    const auto key = [](const std::string& options) {
        return private_key::from_pem(scratch::run("openssl genpkey " + options + " 2>/dev/null").output);
    };
    EXPECT_EQ(fault_of(key("-algorithm RSA -pkeyopt rsa_keygen_bits:1024")), "weak");
    EXPECT_EQ(fault_of(key("-algorithm EC -pkeyopt ec_paramgen_curve:secp256k1")), "weak");
    EXPECT_EQ(fault_of(key("-algorithm EC -pkeyopt ec_paramgen_curve:P-384")), "weak");
    EXPECT_EQ(fault_of(key("-algorithm ED448")), "weak");
    EXPECT_EQ(fault_of(key("-algorithm ED25519 -aes256 -pass pass:secret")), "malformed"); // and asks nobody
    const auto rsa = key("-algorithm RSA -pkeyopt rsa_keygen_bits:2048");
    ASSERT_TRUE(rsa);
    EXPECT_EQ(rsa->algorithm(), "rsa-sha256");
    EXPECT_TRUE(rsa->public_part().verify("rsa-sha256", "octets", rsa->sign("octets")));
}

// --- what certificates say -------------------------------------------------------------------------------------------

TEST(Certificates, OfHostsNameTheHostAndTheSite)
{
    const auto c = host("mx1.Edge.example");
    EXPECT_EQ(c.dns_names(), std::vector<std::string>{"mx1.Edge.example"});
    EXPECT_EQ(c.issuer_dns_names(), std::vector<std::string>{"edge.example"});
    EXPECT_TRUE(c.addresses().empty());
    EXPECT_TRUE(c.policies().empty());
    EXPECT_FALSE(c.is_ca());
    EXPECT_EQ(c.not_before(), week.from);
    EXPECT_EQ(c.not_after(), week.until);
    EXPECT_EQ(c.subject(), "CN=mx1.Edge.example");
    EXPECT_EQ(c.issuer(), "CN=edge.example xproto CA");
    EXPECT_TRUE(c.names_host("MX1.edge.EXAMPLE"));
    EXPECT_FALSE(c.names_host("edge.example"));
    EXPECT_FALSE(c.names_host("mx1.edge.example."));
    EXPECT_FALSE(c.names_host("xmx1.edge.example"));
    EXPECT_FALSE(c.names_host(""));
    EXPECT_FALSE(c.names_address("mx1.edge.example"));
}

TEST(Certificates, OfTheAuthorityCannotBeUsedForAnythingElse)
{
    EXPECT_TRUE(ca().own.is_ca());
    EXPECT_EQ(fault_of(trusting(ca().own).validate(ca().own, {}, purpose::host, now)), "wrong_purpose");
}

TEST(Certificates, GiveTheirAddressBackOctetForOctet)
{
    for (const std::string_view address :
         {"alice@edge.example", "Alice.O'Hara+tag@Edge.Example", "\"john doe\"@edge.example",
          "\"a\\\"b@c\"@edge.example", "\"tab\there\"@x.example", "\"\x01\x7f\"@x.example", "x@[192.0.2.1]",
          "x@[IPv6:2001:db8::1]", "us\xc3\xa9r@edge.example", "\xe7\x94\xa8\xe6\x88\xb7@\xe4\xbe\x8b.example",
          "ascii@\xe4\xbe\x8b.example", "\"\xf0\x9f\x99\x82 smile\"@edge.example", "process@mx1.edge.example"}) {
        const auto c = user(address);
        EXPECT_EQ(c.addresses(), std::vector<std::string>{std::string(address)});
        EXPECT_TRUE(c.dns_names().empty());
        EXPECT_EQ(c.policies(), std::vector<std::string>{std::string(policy)});
        EXPECT_TRUE(c.names_address(address));
        const auto again = certificate::from_der(c.der());
        ASSERT_TRUE(again);
        EXPECT_EQ(again->addresses(), c.addresses());
        EXPECT_TRUE(trusting(ca().own).validate_user(c, {}, address, now)) << address;
    }
}

TEST(Certificates, AreRefusedForAddressesTheyCannotHold)
{
    const std::pair<std::string, std::string_view> table[] = {
        {"", "local part"},
        {"postmaster", "local part"},
        {"@edge.example", "local part"},
        {"alice@", "local part"},
        {std::string("a\0b@edge.example", 16), "NUL"},
        {"caf\xe9@edge.example", "UTF-8"},
        {std::string(242, 'x') + "@edge.example", "254"},
    };
    for (const auto& [address, why] : table) {
        const auto made = make_user(ca(), address, private_key::generate().public_part(), policy, week);
        ASSERT_EQ(fault_of(made), "unfit") << address;
        EXPECT_NE(made.error().what.find(why), std::string::npos) << made.error().what;
    }
    EXPECT_TRUE(
        make_user(ca(), std::string(241, 'x') + "@edge.example", private_key::generate().public_part(), policy, week));
}

TEST(Certificates, AreRefusedForWhatIsNoHost)
{
    for (const std::string& name :
         {std::string(), std::string("*.edge.example"), std::string("mx_1.example"), std::string("-a.example"),
          std::string("a-.example"), std::string("a..example"), std::string("a.example."), std::string("a b"),
          std::string("\xc3\xa9.example"), std::string(64, 'a') + ".example", std::string("a\0b", 3)}) {
        EXPECT_EQ(fault_of(make_host(ca(), name, private_key::generate().public_part(), week)), "unfit") << name;
        EXPECT_EQ(fault_of(make_ca(name, week)), "unfit") << name;
    }
    std::string longest = std::string(63, 'a') + '.' + std::string(63, 'b') + '.' + std::string(63, 'c') + '.';
    longest += std::string(253 - longest.size(), 'd'); // over the 64 octets of a common name
    const auto fits = make_host(ca(), longest, private_key::generate().public_part(), week);
    ASSERT_TRUE(fits) << fits.error().what;
    EXPECT_EQ(fault_of(make_host(ca(), longest + "d", private_key::generate().public_part(), week)), "unfit");
    EXPECT_EQ(fits->subject(), "");
    EXPECT_TRUE(fits->names_host(longest));
    EXPECT_TRUE(trusting(ca().own).validate_host(*fits, {}, longest, now));
}

TEST(Certificates, DoNotOutliveTheirIssuer)
{
    const auto key = private_key::generate().public_part();
    EXPECT_EQ(fault_of(make_host(ca(), "a.example", key, {now, year.until + 1})), "unfit");
    EXPECT_EQ(fault_of(make_host(ca(), "a.example", key, {now, now - 1})), "unfit");
    EXPECT_TRUE(make_host(ca(), "a.example", key, {now, year.until}));
    EXPECT_EQ(fault_of(make_user(ca(), "a@a.example", key, "not an oid", week)), "unfit");
}

TEST(Certificates, ComeBackFromPem)
{
    const auto a = host("a.example"), b = host("b.example");
    EXPECT_EQ(*certificate::from_pem(a.to_pem()), a);
    const auto file = "Notes may stand between.\n" + a.to_pem() + private_key::generate().to_pem() + b.to_pem();
    EXPECT_EQ(*certificate::all_from_pem(file), (std::vector<certificate>{a, b}));
    EXPECT_EQ(fault_of(certificate::from_pem(file)), "malformed");
    EXPECT_EQ(fault_of(certificate::from_pem("")), "malformed");
    EXPECT_EQ(fault_of(certificate::all_from_pem(a.to_pem() + b.to_pem().substr(0, 100))), "malformed");
}

TEST(Certificates, AreExactlyOne)
{
    const auto der = host("a.example").der();
    EXPECT_EQ(fault_of(certificate::from_der(der + "x")), "malformed");
    for (std::size_t size = 0; size < der.size(); ++size)
        ASSERT_FALSE(certificate::from_der(der.substr(0, size))) << size;
    certificate_limits limits;
    limits.octets = der.size() - 1;
    EXPECT_EQ(fault_of(certificate::from_der(der, limits)), "limit");
}

TEST(Certificates, RefuseNamesWithForbiddenOctets)
{
    // A NUL put into the name of a good certificate: its signature breaks, but it must not even be read.
    auto der = host("mx1.edge.example").der();
    const auto at = der.rfind("mx1.edge.example");
    ASSERT_NE(at, std::string::npos);
    der[at + 3] = '\0';
    EXPECT_EQ(fault_of(certificate::from_der(der)), "malformed");
    der[at + 3] = '\x80';
    EXPECT_EQ(fault_of(certificate::from_der(der)), "malformed");
    der[at + 3] = ' ';
    EXPECT_EQ(fault_of(certificate::from_der(der)), "malformed");
    der[at + 3] = '-';
    EXPECT_TRUE(certificate::from_der(der));
    auto address = user("us\xc3\xa9r@edge.example").der();
    address[address.rfind("us\xc3\xa9r") + 3] = 'e';
    EXPECT_EQ(fault_of(certificate::from_der(address)), "malformed");
}

TEST(Certificates, CompareAddressesAsMailDoes)
{
    EXPECT_TRUE(same_address("a@B.example", "a@b.EXAMPLE"));
    EXPECT_FALSE(same_address("A@b.example", "a@b.example"));
    EXPECT_FALSE(same_address("a@b.example", "a@b.exampl"));
    EXPECT_FALSE(same_address("a", "a@b.example"));
    EXPECT_TRUE(same_address("\"x@Y\"@b.example", "\"x@Y\"@B.example"));
    EXPECT_FALSE(same_address("\"x@Y\"@b.example", "\"x@y\"@b.example"));
}

// --- validation ------------------------------------------------------------------------------------------------------

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
        if (scratch::run("command -v openssl").status != 0) GTEST_SKIP() << "openssl is not installed";
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
