// Delegation: which domain may stand behind a certificate's names, and what its CA may sign.
#include "xproto/delegation.hpp"

#include "tests/support/scratch.hpp"
#include "tests/support/xproto_authority.hpp"
#include "xproto/certificate_association.hpp"
#include "xproto/domain_name.hpp"

#include <gtest/gtest.h>

#include <set>

namespace {

using namespace xproto;
using namespace authority;

// A public suffix list in small.
std::optional<std::string> registrable(std::string_view name)
{
    static const std::set<std::string, std::less<>> suffixes{"com", "example",   "uk",      "co.uk",
                                                             "io",  "github.io", "xn--p1ai"};
    std::string_view below;
    for (auto rest = name;;) {
        if (suffixes.contains(rest)) return below.empty() ? std::nullopt : std::make_optional<std::string>(below);
        below = rest;
        const auto dot = rest.find('.');
        if (dot == std::string_view::npos) return std::nullopt; // "*": every last label is one
        rest.remove_prefix(dot + 1);
    }
}

TEST(DomainName, HasOneFormToCompare)
{
    const std::pair<std::string, std::string> table[] = {
        {"ehsco.com", "ehsco.com"},
        {"EHSco.Com", "ehsco.com"},
        {"com", "com"},
        {"b\u00fccher.example", "xn--bcher-kva.example"},
        {"B\u00dcCHER.example", "xn--bcher-kva.example"},
        {"xn--bcher-kva.example", "xn--bcher-kva.example"},
        {"XN--BCHER-KVA.example", "xn--bcher-kva.example"},
        {"\u043f\u0440\u0438\u043c\u0435\u0440.\u0440\u0444", "xn--e1afmkfd.xn--p1ai"},
        {"1.2.3.4.example", "1.2.3.4.example"},
        {"", ""},
        {".", ""},
        {"ehsco.com.", ""},
        {".ehsco.com", ""},
        {"a..b", ""},
        {"*.ehsco.com", ""},
        {"_tcp.ehsco.com", ""},
        {"-a.example", ""},
        {"a-.example", ""},
        {"192.0.2.1", ""},
        {"[192.0.2.1]", ""},
        {"a b.example", ""},
        {"a@b.example", ""},
        {std::string("ehsco.com\0.example", 18), ""},
        {std::string("b\u00fccher.example\0.com", 20), ""},
        {"\xff.example", ""},
        {"\u2665\ufe0f\u200d.example", ""},
        {std::string(63, 'a') + ".example", std::string(63, 'a') + ".example"},
        {std::string(64, 'a') + ".example", ""},
        {std::string(250, 'a') + ".example", ""},
        {std::string(5000, '\xc3'), ""},
    };
    for (const auto& [written, want] : table) EXPECT_EQ(to_a_labels(written).value_or(""), want) << written;
}

TEST(DomainName, LiesBelowAnotherByWholeLabels)
{
    EXPECT_TRUE(is_at_or_below("ehsco.com", "ehsco.com"));
    EXPECT_TRUE(is_at_or_below("mail.ehsco.com", "ehsco.com"));
    EXPECT_FALSE(is_at_or_below("notehsco.com", "ehsco.com"));
    EXPECT_FALSE(is_at_or_below("ehsco.com", "mail.ehsco.com"));
    EXPECT_FALSE(is_at_or_below("ehsco.com.mallory.example", "ehsco.com"));
    EXPECT_FALSE(is_at_or_below("ehsco.com", ""));
    EXPECT_FALSE(is_at_or_below("", "ehsco.com"));
}

// Certificates with any names, from a stock tool; who signed them is no matter here.
class Delegation : public testing::Test {
  protected:
    void SetUp() override
    {
        ASSERT_TRUE(scratch::has("openssl"));
        ASSERT_EQ(dir_.run("openssl ecparam -name prime256v1 -genkey -noout -out key").status, 0);
    }
    certificate named(const std::string& names, const std::string& issuer)
    {
        std::string config = "[req]\ndistinguished_name=n\n[n]\n[x]\nsubjectAltName=" + names + "\n";
        if (!issuer.empty()) config += "issuerAltName=" + issuer + "\n";
        dir_.put("config", config);
        const auto made =
            dir_.run("openssl req -x509 -new -key key -subj /CN=t -utf8 -config config -extensions x -out c.pem");
        EXPECT_EQ(made.status, 0) << made.output;
        return *certificate::from_pem(dir_.get("c.pem"));
    }

    scratch::directory dir_;
};

TEST_F(Delegation, NeedsOneDomainThatIsAParentOfEveryName)
{
    struct row {
        std::string name, subject, issuer, want; // want: the domain; empty: refused
    };
    const row table[] = {
        {"a host below", "DNS:mail.ehsco.com", "DNS:ehsco.com", "ehsco.com"},
        {"a host further below", "DNS:a.b.c.ehsco.com", "DNS:ehsco.com", "ehsco.com"},
        {"the host itself", "DNS:ehsco.com", "DNS:ehsco.com", "ehsco.com"},
        {"a subdomain that delegates", "DNS:mx.lab.ehsco.com", "DNS:lab.ehsco.com", "lab.ehsco.com"},
        {"an address", "email:ann@ehsco.com", "DNS:ehsco.com", "ehsco.com"},
        {"an address below", "email:ann@sales.ehsco.com", "DNS:ehsco.com", "ehsco.com"},
        {"letter case", "DNS:Mail.EHSCO.com", "DNS:eHsCo.CoM", "ehsco.com"},
        {"a suffix of two labels", "DNS:mx.ehsco.co.uk", "DNS:ehsco.co.uk", "ehsco.co.uk"},
        {"an IDN, in A-labels", "DNS:mx.xn--bcher-kva.example", "DNS:xn--bcher-kva.example", "xn--bcher-kva.example"},
        {"another kind of issuer name beside it", "DNS:mail.ehsco.com", "DNS:ehsco.com,URI:https://ehsco.com/",
         "ehsco.com"},

        {"no claim", "DNS:mail.ehsco.com", "", ""},
        {"only another kind of issuer name", "DNS:mail.ehsco.com", "URI:https://ehsco.com/", ""},
        {"two claims", "DNS:mail.ehsco.com", "DNS:ehsco.com,DNS:mallory.example", ""},
        {"the same claim twice", "DNS:mail.ehsco.com", "DNS:ehsco.com,DNS:ehsco.com", ""},
        {"a look-alike", "DNS:notehsco.com", "DNS:ehsco.com", ""},
        {"a look-alike below", "DNS:mail.notehsco.com", "DNS:ehsco.com", ""},
        {"a look-alike IDN", "DNS:mail.xn--ehsco-4ve.com", "DNS:ehsco.com", ""},
        {"a child", "DNS:ehsco.com", "DNS:mail.ehsco.com", ""},
        {"another domain", "DNS:mail.ehsco.com", "DNS:mallory.example", ""},
        {"the name as a prefix", "DNS:ehsco.com.mallory.example", "DNS:ehsco.com", ""},
        {"a top level domain", "DNS:ehsco.com", "DNS:com", ""},
        {"a single label", "DNS:mail.intern", "DNS:intern", ""},
        {"a public suffix", "DNS:ehsco.co.uk", "DNS:co.uk", ""},
        {"a private public suffix", "DNS:ehsco.github.io", "DNS:github.io", ""},
        {"what lies above a suffix", "DNS:mx.ehsco.co.uk", "DNS:uk", ""},
        {"a public suffix as host", "DNS:github.io", "DNS:github.io", ""},
        {"a wildcard as host", "DNS:*.ehsco.com", "DNS:ehsco.com", ""},
        {"a wildcard beside a host", "DNS:mail.ehsco.com,DNS:*.ehsco.com", "DNS:ehsco.com", ""},
        {"a wildcard as claim", "DNS:mail.ehsco.com", "DNS:*.com", ""},
        {"an empty last label", "DNS:mail.ehsco.com", "DNS:ehsco.com.", ""},
        {"an address as claim", "DNS:mail.ehsco.com", "email:ca@ehsco.com", ""},
        {"one name outside", "DNS:mail.ehsco.com,DNS:mail.mallory.example", "DNS:ehsco.com", ""},
        {"one address outside", "DNS:mail.ehsco.com,email:ann@mallory.example", "DNS:ehsco.com", ""},
        {"an address literal", "email:ann@[192.0.2.1]", "DNS:ehsco.com", ""},
        {"no name at all", "URI:https://mail.ehsco.com/", "DNS:ehsco.com", ""},
        {"a very long claim",
         "DNS:x." + std::string(60, 'a') + "." + std::string(60, 'b') + "." + std::string(60, 'c') + "." +
             std::string(60, 'd') + ".com",
         "DNS:" + std::string(60, 'a') + "." + std::string(60, 'b') + "." + std::string(60, 'c') + "." +
             std::string(60, 'd') + ".com",
         ""},
    };
    for (const auto& [name, subject, issuer, want] : table) {
        const auto found = delegating_domain(named(subject, issuer), registrable);
        EXPECT_EQ(found ? *found : "", want) << name << ": " << (found ? "" : found.error().what);
        if (!found) {
            EXPECT_EQ(found.error().fault, certificate_fault::wrong_name) << name;
            EXPECT_FALSE(found.error().what.empty()) << name;
        }
    }
}

TEST(DelegationOfAddresses, ComparesUnicodeByItsALabels)
{
    const auto books = *make_ca("xn--bcher-kva.example", year);
    const auto key = private_key::generate().public_part();
    const auto domain = [&](std::string_view address) {
        const auto found = delegating_domain(*make_user(books, address, key, policy, week), registrable);
        return found ? *found : "";
    };
    EXPECT_EQ(domain("j\u00fcrgen@b\u00fccher.example"), "xn--bcher-kva.example");
    EXPECT_EQ(domain("j\u00fcrgen@B\u00dcCHER.example"), "xn--bcher-kva.example");
    EXPECT_EQ(domain("j\u00fcrgen@laden.b\u00fccher.example"), "xn--bcher-kva.example");
    EXPECT_EQ(domain("ann@xn--bcher-kva.example"), "xn--bcher-kva.example");
    EXPECT_EQ(domain("j\u00fcrgen@bucher.example"), "");
}

TEST(DelegationRecord, StandsBesideTheDomain)
{
    EXPECT_EQ(delegation_record("ehsco.com"), "_xproto-ca.ehsco.com");
}

// --- what a delegated CA may sign ------------------------------------------------------------------------------------

certificate_authority other_ca()
{
    return *make_ca("b.example", year);
}

TEST(DelegatedStore, CannotSignForAnotherDomain)
{
    const auto b = other_ca();
    const certificate_store store({b.own}, "b.example");
    const auto key = private_key::generate().public_part();
    const auto judge = [&](const checked<certificate>& c, purpose use) {
        return fault_of(store.validate(*c, {}, use, now));
    };
    EXPECT_EQ(judge(make_host(b, "mx1.b.example", key, week), purpose::host), "none");
    EXPECT_EQ(judge(make_host(b, "b.example", key, week), purpose::host), "none");
    EXPECT_EQ(judge(make_user(b, "x@b.example", key, policy, week), purpose::user), "none");
    EXPECT_EQ(judge(make_user(b, "x@sub.B.example", key, policy, week), purpose::user), "none");
    EXPECT_EQ(judge(make_host(b, "mx1.a.example", key, week), purpose::host), "wrong_name");
    EXPECT_EQ(judge(make_host(b, "notb.example", key, week), purpose::host), "wrong_name");
    EXPECT_EQ(judge(make_user(b, "x@a.example", key, policy, week), purpose::user), "wrong_name");
    EXPECT_EQ(judge(make_user(b, "x@notb.example", key, policy, week), purpose::user), "wrong_name");
    // The same CA in the local store is believed for any name: that is what the store is for.
    EXPECT_TRUE(trusting(b.own).validate(*make_host(b, "mx1.a.example", key, week), {}, purpose::host, now));
}

TEST(DelegatedStore, TellsWhoDelegated)
{
    const auto b = other_ca();
    const auto host = *make_host(b, "mx1.b.example", private_key::generate().public_part(), week);
    const certificate_store delegated({b.own}, "b.example");
    EXPECT_EQ(delegated.domain(), "b.example");
    EXPECT_EQ(delegated.validate(host, {}, purpose::host, now)->delegated_by, "b.example");
    EXPECT_EQ(trusting(b.own).validate(host, {}, purpose::host, now)->delegated_by, "");
    EXPECT_NE(delegated.id(), trusting(b.own).id());
    EXPECT_NE(delegated.id(), certificate_store({b.own}, "a.example").id());
}

TEST(DelegatedStore, IsNotTheOneOfAnotherDomain)
{
    const auto b = other_ca();
    const auto host = *make_host(b, "mx1.b.example", private_key::generate().public_part(), week);
    // a.example names b's CA as its own: that makes it speak for a.example, and b's certificates claim b.example.
    EXPECT_EQ(fault_of(certificate_store({b.own}, "a.example").validate(host, {}, purpose::host, now)), "wrong_name");
    EXPECT_EQ(fault_of(certificate_store({b.own}, "example").validate(host, {}, purpose::host, now)), "wrong_name");
}

TEST(DelegatedStore, LooksAtTimesAndSignaturesToo)
{
    const auto b = other_ca();
    const auto impostor = other_ca();
    const auto host = *make_host(b, "mx1.b.example", private_key::generate().public_part(), week);
    EXPECT_EQ(fault_of(certificate_store({b.own}, "b.example").validate(host, {}, purpose::host, week.until + 1)),
              "expired");
    EXPECT_EQ(fault_of(certificate_store({impostor.own}, "b.example").validate(host, {}, purpose::host, now)),
              "untrusted");
}

// --- records ---------------------------------------------------------------------------------------------------------

TEST(Association, NamesItsCaInEveryForm)
{
    const auto b = other_ca().own;
    for (const std::uint8_t selector : {0, 1})
        for (const std::uint8_t matching : {0, 1, 2}) {
            const auto record = certificate_association::of(b, selector, matching);
            EXPECT_TRUE(record.names(b));
            EXPECT_FALSE(record.names(ca().own));
            EXPECT_EQ(anchors_of({record}, {ca().own, b}), std::vector<certificate>{b});
            EXPECT_EQ(anchors_of({record}, {}).size(), selector == 0 && matching == 0 ? 1u : 0u);
        }
}

TEST(Association, ReadsRecords)
{
    const std::string der = ca().own.der();
    const auto read = certificate_association::from_rdata(std::string("\2\0\0", 3) + der);
    ASSERT_TRUE(read);
    EXPECT_EQ(*read, certificate_association::of(ca().own, 0, 0));
    EXPECT_EQ(certificate_association::from_rdata("\2\1\1\xab\x0f")->to_text(), "2 1 1 ab0f");
    EXPECT_FALSE(certificate_association::from_rdata(""));
    EXPECT_FALSE(certificate_association::from_rdata("\2\1\1"));
    EXPECT_FALSE(certificate_association::from_rdata("\2\1\1" + std::string(20'000, 'x')));
}

TEST(Association, IsWhatStockToolsCompute)
{
    ASSERT_TRUE(scratch::has("openssl"));
    const scratch::directory dir;
    dir.put("ca.pem", ca().own.to_pem());
    const auto hex = [](const std::string& text) { return text.substr(0, text.find_first_of(" \n")); };
    const auto key = dir.run("openssl x509 -in ca.pem -pubkey -noout | openssl pkey -pubin -outform DER | sha256sum");
    EXPECT_EQ(certificate_association::of(ca().own, 1, 1).to_text(), "2 1 1 " + hex(key.output));
    const auto whole = dir.run("openssl x509 -in ca.pem -outform DER | sha512sum");
    EXPECT_EQ(certificate_association::of(ca().own, 0, 2).to_text(), "2 0 2 " + hex(whole.output));
}

TEST(Association, IgnoresWhatIsNoAnchor)
{
    const auto b = other_ca();
    const auto leaf = *make_host(b, "mx1.b.example", private_key::generate().public_part(), week);
    auto wrong = certificate_association::of(b.own, 0, 0);
    for (const std::uint8_t usage : {0, 1, 3, 255}) {
        wrong.usage = usage;
        EXPECT_TRUE(anchors_of({wrong}, {b.own}).empty()) << int{usage};
    }
    EXPECT_TRUE(anchors_of({certificate_association::of(leaf, 0, 0)}, {leaf}).empty()) << "not a CA";
    auto unknown = certificate_association::of(b.own, 0, 1);
    unknown.matching = 3;
    EXPECT_TRUE(anchors_of({unknown}, {b.own}).empty());
    unknown = certificate_association::of(b.own, 0, 1);
    unknown.selector = 2;
    EXPECT_TRUE(anchors_of({unknown}, {b.own}).empty());
    EXPECT_TRUE(anchors_of({}, {b.own}).empty());
    // Only so many records are looked at.
    std::vector<certificate_association> many(most_associations, certificate_association::of(ca().own, 1, 1));
    many.push_back(certificate_association::of(b.own, 0, 0));
    EXPECT_TRUE(anchors_of(many, {b.own}).empty());
}

} // namespace
