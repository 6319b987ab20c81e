// Keys and certificates: what the site's CA makes says exactly what it should, and nothing odd is read.
#include "xproto/certificate_issue.hpp"

#include "tests/support/scratch.hpp"
#include "tests/support/xproto_authority.hpp"

#include <gtest/gtest.h>

namespace {

using namespace xproto;
using namespace authority;

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
    ASSERT_TRUE(scratch::has("openssl"));
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

TEST(Certificates, HoldTheKeyAndItsDer)
{
    const auto c = host("mx1.edge.example");
    ASSERT_NE(c.key(), nullptr);
    const auto again = public_key::from_der(c.key()->to_der());
    ASSERT_TRUE(again);
    EXPECT_TRUE(*again == *c.key());
    EXPECT_EQ(again->to_der(), c.key()->to_der());
    EXPECT_NE(c.der().find(c.key()->to_der()), std::string::npos);
}

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

} // namespace
