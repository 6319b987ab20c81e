// Nobody speaks for another: what a known peer may bring, and what only one that is trusted to vouch may.
#include "gateway/admission/sender.hpp"

#include "tests/support/xproto_world.hpp"

#include <gtest/gtest.h>

namespace {

using namespace samples;
using gateway::config::trust;
using gateway::site::known_peer;

const std::string here = "mx1.home.example";

known_peer make_peer(const site& who, trust how, std::vector<std::string> domains)
{
    gateway::config::peer settings;
    settings.host = who.name;
    settings.trust = how;
    settings.domains = std::move(domains);
    auto tls = gateway::net::tls_context::xproto_client(who.ca.own.to_pem());
    return known_peer{settings, certificate_store({who.ca.own}), std::move(*tls)};
}

// Whom this site knows: carrier and mallory, each for its own domain.
struct neighbours {
    explicit neighbours(trust how_carrier = trust::known)
        : carrier(make_peer(w().carrier, how_carrier, {"carrier.example"})),
          mallory(make_peer(w().mallory, trust::known, {"mallory.example"}))
    {
    }
    known_peer carrier, mallory;
    std::vector<const known_peer*> all{&carrier, &mallory};
};

// A message from `address`, certified by `issuer` and passed on by `by`, which comes straight from there.
envelope from(const std::string& address, const site& issuer, const site& by)
{
    auto e = samples::message();
    e.from.address = address;
    const auto certified = address.empty() ? xproto::process_address(by.name) : address;
    const auto sender = issuer.user(certified);
    e.from.certificate = sender.sha256();
    add_certificate(e, sender);
    sign_originator(e, issuer.user_key);
    pass(e, by, "pc.example", here);
    return e;
}

std::string refusal(const neighbours& known, const known_peer& peer, const envelope& e)
{
    trace_expectations x;
    x.validate = [&](const certificate& leaf, const std::vector<certificate>& others, purpose use, unix_seconds at) {
        auto found = peer.store.validate(leaf, others, use, at);
        for (const auto* other : known.all)
            if (!found) found = other->store.validate(leaf, others, use, at);
        return found;
    };
    x.peer = peer.settings.host;
    x.host = here;
    x.now = now;
    const auto report = xproto::verify_trace(e, x);
    if (!report.intact()) return "broken: " + report.broken;
    return gateway::admission::refuse_originator(peer, known.all, e, report).value_or("");
}

struct row {
    const char* name;
    std::string address;
    const site& issuer;
    const char* want; // in the refusal; empty: it may
};

TEST(Sender, AStrangerIsHeldToTheSame)
{
    const neighbours known; // mallory is not among them
    const auto stranger = make_peer(w().relay, trust::unknown, {"relay.example", "*.relay.example"});
    const auto why = [&](const std::string& address, const site& issuer) {
        return refusal(known, stranger, from(address, issuer, w().relay));
    };
    EXPECT_EQ(why("alice@relay.example", w().relay), "");
    EXPECT_EQ(why("alice@sub.relay.example", w().relay), "");
    EXPECT_EQ(why("", w().relay), "");
    EXPECT_NE(why("alice@carrier.example", w().relay), "");
    EXPECT_NE(why("alice@carrier.example", w().carrier), "") << "certified by carrier, but not brought by it";
    EXPECT_NE(why("alice@relay.example", w().carrier), "");
}

TEST(Sender, AKnownPeerSpeaksForItsOwnDomainsAndNoOther)
{
    const neighbours known;
    const row rows[] = {
        {"its own", "alice@mallory.example", w().mallory, ""},
        {"its own, in other letter case", "Alice@Mallory.EXAMPLE", w().mallory, ""},
        {"its own, quoted", "\"a@carrier.example\"@mallory.example", w().mallory, ""},
        {"another's", "alice@carrier.example", w().mallory, "may not speak for carrier.example"},
        {"another's, in other letter case", "alice@CARRIER.example", w().mallory, "may not speak for CARRIER.example"},
        {"a stranger's", "alice@bank.example", w().mallory, "may not speak for bank.example"},
        {"this site's", "alice@home.example", w().mallory, "may not speak for home.example"},
        {"below its own, which was not granted", "a@sub.mallory.example", w().mallory, "may not speak for"},
        {"that ends alike", "a@notmallory.example", w().mallory, "may not speak for notmallory.example"},
        {"at an address literal", "a@[192.0.2.1]", w().mallory, "may not speak for [192.0.2.1]"},
        {"that reads in two ways", "a@carrier.example@mallory.example", w().mallory, "none that mail can have"},
        {"with what ends an SMTP path", "a@carrier.example>@mallory.example", w().mallory, "none that mail can have"},
        {"that another CA certified", "alice@mallory.example", w().carrier, "not from mx1.mallory.example's own CA"},
        {"its own null sender", "", w().mallory, ""},
        {"a null sender that another CA certified", "", w().carrier, "not from mx1.mallory.example's own CA"},
    };
    for (const auto& r : rows) {
        const auto said = refusal(known, known.mallory, from(r.address, r.issuer, w().mallory));
        if (std::string(r.want).empty())
            EXPECT_EQ(said, "") << r.name;
        else
            EXPECT_NE(said.find(r.want), std::string::npos) << r.name << ": " << said;
    }
}

TEST(Sender, WhoDidNotSignIsNotBelieved)
{
    const neighbours known;
    auto e = samples::message();
    e.from.address = "alice@mallory.example";
    pass(e, w().mallory, "pc.example", here);
    EXPECT_EQ(refusal(known, known.mallory, e), "the originator did not sign");
}

// A known CA could sign any name. It is believed about its own site's hosts only.
TEST(Sender, AKnownCaCannotPutOthersHostsIntoTheTrace)
{
    const neighbours known;
    site forged{"mallory.example"}; // signs as carrier's host, under a CA that this site knows
    forged.ca = w().mallory.ca;
    forged.name = w().carrier.name;
    forged.host = *make_host(forged.ca, forged.name, forged.key.public_part(), year);
    auto e = samples::message();
    e.from.address = "alice@mallory.example";
    const auto sender = w().mallory.user(e.from.address);
    e.from.certificate = sender.sha256();
    add_certificate(e, sender);
    sign_originator(e, w().mallory.user_key);
    pass(e, forged, "pc.example", w().mallory.name);
    pass(e, w().mallory, forged.name, here);
    EXPECT_EQ(refusal(known, known.mallory, e), "hop 1: the CA that names mx1.carrier.example is not that host's own");
}

TEST(Sender, TheNullSenderIsTheHostsOwn)
{
    const neighbours known;
    // Born at carrier, as its process@ says, and brought by mallory: not mallory's to bring.
    auto e = samples::message();
    e.from.address.clear();
    const auto process = w().mallory.user(xproto::process_address(w().carrier.name));
    e.from.certificate = process.sha256();
    add_certificate(e, process);
    sign_originator(e, w().mallory.user_key);
    pass(e, w().carrier, "pc.example", w().mallory.name);
    pass(e, w().mallory, w().carrier.name, here);
    EXPECT_EQ(refusal(known, known.mallory, e), "mx1.mallory.example may not speak for the host mx1.carrier.example");
}

TEST(Sender, OnlyATrustedPeerVouchesForAnyone)
{
    const neighbours known(trust::trusted);
    EXPECT_EQ(refusal(known, known.carrier, from("alice@bank.example", w().carrier, w().carrier)), "");
    EXPECT_EQ(refusal(known, known.carrier, from("", w().carrier, w().carrier)), "");
    const neighbours careful;
    EXPECT_NE(refusal(careful, careful.carrier, from("alice@bank.example", w().carrier, w().carrier)), "");
}

} // namespace
