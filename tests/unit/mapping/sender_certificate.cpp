// A sender's certificate says exactly the address, exactly what was checked, and not for long.
#include "mapping/sender_certificate.hpp"

#include "xproto/certificate_store.hpp"

#include <gtest/gtest.h>

#include <set>

using mapping::assurance;
using mapping::sender_certificates;

namespace {

constexpr xproto::unix_seconds now = 1763775062;
constexpr xproto::unix_seconds day = 86400;

const xproto::certificate_authority& ca()
{
    static const auto made = xproto::make_ca("edge.example", {now - day, now + 100 * day}).value();
    return made;
}

sender_certificates senders(sender_certificates::limits limits = {})
{
    return {ca(), xproto::private_key::generate_ed25519(), "mx1.edge.example", limits};
}

xproto::certificate parsed(const mapping::sender_certificate& made)
{
    return xproto::certificate::from_der(made.der).value();
}

} // namespace

TEST(SenderCertificate, GivesBackTheAddressExactly)
{
    auto issuer = senders();
    for (const std::string address :
         {"alice@edge.example", "Alice.Smith@Edge.EXAMPLE", "\"quoted \\\" @ <local>\"@edge.example", "a..b@x",
          "a@[192.0.2.1]", "a@[IPv6:2001:db8::1]", "a+b=c/d?e'f@edge.example", "d\xC3\xB6mi@edge.example",
          "a@b\xC3\xBC\x63her.example", "a@xn--bcher-kva.example",
          "\xE7\x94\xA8\xE6\x88\xB7@\xE4\xBE\x8B\xE5\xAD\x90.example", "a@b@c", " a@b ", "process@edge.example"}) {
        const auto made = issuer.find(address, assurance::nothing, now);
        ASSERT_TRUE(made.has_value()) << address << ": " << (made ? "" : made.error().what);
        const auto certificate = parsed(**made);
        EXPECT_EQ(mapping::reverse_path_of(certificate, "mx1.edge.example"), address);
        EXPECT_EQ((*made)->name, certificate.sha256());
        EXPECT_TRUE(certificate.names_address(address));
    }
}

TEST(SenderCertificate, TheNullSenderIsTheHostsProcess)
{
    auto issuer = senders();
    const auto made = issuer.find("", assurance::nothing, now);
    ASSERT_TRUE(made.has_value());
    const auto certificate = parsed(**made);
    EXPECT_EQ(certificate.addresses(), std::vector<std::string>{"process@mx1.edge.example"});
    EXPECT_EQ(mapping::reverse_path_of(certificate, "mx1.edge.example"), "");
    EXPECT_EQ(mapping::reverse_path_of(certificate, "MX1.edge.example"), "");
    EXPECT_EQ(mapping::reverse_path_of(certificate, "mx2.edge.example"), "process@mx1.edge.example");
}

TEST(SenderCertificate, SaysWhatWasCheckedAndNoMore)
{
    auto issuer = senders();
    std::set<std::string> ders, policies;
    const std::vector<assurance> all{assurance::nothing, assurance::network, assurance::client_certificate,
                                     assurance::login,   assurance::spf,     assurance::dkim,
                                     assurance::dmarc,   assurance::smime};
    for (const auto how : all) {
        const auto made = issuer.find("alice@edge.example", how, now);
        const auto certificate = parsed(**made);
        EXPECT_EQ(certificate.policies(), std::vector<std::string>{std::string(mapping::policy_of(how))});
        EXPECT_EQ(mapping::assurance_of(certificate), how);
        ders.insert((*made)->der);
        policies.emplace(mapping::policy_of(how));
    }
    EXPECT_EQ(ders.size(), all.size());
    EXPECT_EQ(policies.size(), all.size());
    const auto host = xproto::make_host(ca(), "mx1.edge.example", issuer.key().public_part(), {now, now + day}).value();
    EXPECT_FALSE(mapping::assurance_of(host).has_value());
    EXPECT_FALSE(mapping::reverse_path_of(host, "mx1.edge.example").has_value());
}

TEST(SenderCertificate, IsValidUnderTheSitesCaForItsKey)
{
    auto issuer = senders();
    const auto certificate = parsed(**issuer.find("alice@edge.example", assurance::network, now));
    const xproto::certificate_store store({ca().own});
    EXPECT_TRUE(store.validate_user(certificate, {}, "alice@edge.example", now).has_value());
    EXPECT_TRUE(store.validate_user(certificate, {}, "alice@edge.example", now + 7 * day - 1).has_value());
    EXPECT_FALSE(store.validate_user(certificate, {}, "alice@edge.example", now + 7 * day + 2).has_value());
    EXPECT_FALSE(store.validate_user(certificate, {}, "bob@edge.example", now).has_value());
    ASSERT_NE(certificate.key(), nullptr);
    EXPECT_TRUE(*certificate.key() == issuer.key().public_part());
    EXPECT_FALSE(certificate.is_ca());
}

TEST(SenderCertificate, IsRememberedUntilItNearsItsEnd)
{
    auto issuer = senders();
    const auto first = *issuer.find("alice@edge.example", assurance::nothing, now);
    EXPECT_EQ(*issuer.find("alice@edge.example", assurance::nothing, now + 6 * day - 1), first);
    const auto second = *issuer.find("alice@edge.example", assurance::nothing, now + 6 * day);
    EXPECT_NE(second, first);
    EXPECT_EQ(second->until, now + 13 * day);
    EXPECT_EQ(issuer.cached(), 1u);
    // A clock that was set back further than certificates are backdated.
    const auto third = *issuer.find("alice@edge.example", assurance::nothing, now);
    EXPECT_NE(third, second);
    EXPECT_LE(third->from, now);
}

TEST(SenderCertificate, EndsWithTheCaAtTheLatest)
{
    auto issuer = senders();
    const auto last_days = now + 98 * day;
    const auto made = *issuer.find("alice@edge.example", assurance::nothing, last_days);
    EXPECT_EQ(made->until, now + 100 * day);
    // There is no better one to be had, so it is not made anew for every message.
    EXPECT_EQ(*issuer.find("alice@edge.example", assurance::nothing, last_days + day + 1), made);
    EXPECT_FALSE(issuer.find("alice@edge.example", assurance::nothing, now + 101 * day).has_value());
}

TEST(SenderCertificate, WhatNoCertificateCanHoldIsRefused)
{
    auto issuer = senders();
    for (const auto& address : {std::string("postmaster"), std::string("@x"), std::string("a@"), std::string("\xFF@x"),
                                std::string("a\0b@x", 5), std::string(250, 'a') + "@long"}) {
        const auto made = issuer.find(address, assurance::nothing, now);
        ASSERT_FALSE(made.has_value()) << address;
        EXPECT_EQ(made.error().fault, xproto::certificate_fault::unfit);
    }
    EXPECT_EQ(issuer.cached(), 0u);
    EXPECT_TRUE(issuer.find(std::string(249, 'a') + "@long", assurance::nothing, now).has_value());
}

TEST(SenderCertificate, TheLeastRecentlyUsedIsForgotten)
{
    sender_certificates::limits limits;
    limits.cached = 2;
    auto issuer = senders(limits);
    const auto alice = *issuer.find("alice@x", assurance::nothing, now);
    const auto bob = *issuer.find("bob@x", assurance::nothing, now);
    EXPECT_EQ(*issuer.find("alice@x", assurance::nothing, now), alice);
    issuer.find("carol@x", assurance::nothing, now).value(); // bob is forgotten
    EXPECT_EQ(issuer.cached(), 2u);
    EXPECT_EQ(*issuer.find("alice@x", assurance::nothing, now), alice);
    EXPECT_NE(*issuer.find("bob@x", assurance::nothing, now), bob);
    limits.cached = 0;
    auto forgetful = senders(limits);
    EXPECT_TRUE(forgetful.find("alice@x", assurance::nothing, now).has_value());
    EXPECT_EQ(forgetful.cached(), 0u);
}

TEST(SenderCertificate, IsPutIntoTheEnvelopeOnce)
{
    auto issuer = senders();
    const auto made = *issuer.find("alice@edge.example", assurance::nothing, now);
    xproto::envelope envelope;
    mapping::put_certificate(envelope, *made);
    mapping::put_certificate(envelope, *made);
    EXPECT_EQ(envelope.from.certificate, made->name);
    ASSERT_EQ(envelope.certificates.size(), 1u);
    EXPECT_EQ(envelope.certificates[0].second, made->der);
}
