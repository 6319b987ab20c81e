// Who a host is found to be: by the store, by delegation, or not at all, and what follows from it.
#include "gateway/validity/host_validator.hpp"

#include "tests/support/scratch.hpp"
#include "tests/support/xproto_authority.hpp"

#include <gtest/gtest.h>

#include <optional>

namespace {

using namespace gateway;
using validity::ca_answer;
using validity::has_lost;
using xproto::standing;
using namespace std::chrono_literals;

const std::string transcript = "what only this session knows";

// A site of others: its CA, and a host with its key.
struct party {
    explicit party(const std::string& site, const std::string& host_name = "")
        : ca(*authority::make_ca(site, authority::year)), key(authority::private_key::generate()),
          name(host_name.empty() ? "mx1." + site : host_name),
          host(*authority::make_host(ca, name, key.public_part(), authority::week))
    {
    }
    validity::claim claim(const std::string& address = "192.0.2.1") const
    {
        return {name, address, *xproto::make_proof({host, ca.own}, key, transcript), transcript};
    }
    authority::certificate_authority ca;
    authority::private_key key;
    std::string name;
    authority::certificate host;
};

struct answering_source final : validity::ca_source {
    explicit answering_source(const ca_answer& with) : answer(with) {}
    void find(const std::string&, validity::ca_receiver receiver) override { receiver(answer); }
    const ca_answer& answer;
};

class HostValidator : public testing::Test {
  protected:
    HostValidator()
    {
        const party own("home.example");
        settings_.site = "home.example";
        settings_.host = "mx1.home.example";
        settings_.xproto.unknown_peers = config::unknown_peers::accept;
        settings_.limits.sessions_per_unknown_peer = 2;
        settings_.tls.certificate = folder_.put("host.pem", own.host.to_pem());
        settings_.tls.key = folder_.put("host-key.pem", own.key.to_pem());
        settings_.tls.ca = folder_.put("ca.pem", own.ca.own.to_pem());
        settings_.tls.ca_key = folder_.put("ca-key.pem", own.ca.key.to_pem());
    }
    void add_peer(const party& who, config::trust trust)
    {
        config::peer peer;
        peer.host = who.name;
        peer.ca = folder_.put(who.name + ".pem", who.ca.own.to_pem());
        peer.trust = trust;
        settings_.peers.push_back(peer);
    }
    void publish(const party& who)
    {
        public_ = ca_answer::found({xproto::certificate_association::of(who.ca.own, 0, 0)}, 1h);
    }
    validity::finding identify(validity::claim shown)
    {
        if (!validator_) {
            site_ = *site::identity::load(settings_);
            auto settings = std::make_shared<const config::settings>(settings_);
            auto directory = std::make_unique<validity::ca_directory>(
                settings,
                [this](const config::settings&, const config::directory*) {
                    return std::make_unique<answering_source>(public_);
                },
                std::chrono::steady_clock::now);
            validator_ = std::make_unique<validity::host_validator>(settings, std::move(directory));
        }
        std::optional<validity::finding> found;
        validator_->identify(site_, std::move(shown), authority::now,
                             [&](validity::finding f) { found = std::move(f); });
        return found.value();
    }
    static std::string text(const validity::finding& f)
    {
        if (!f.peer) return f.answer.code.text();
        static const char* const names[] = {"refused", "unknown", "known", "trusted"};
        return std::string(names[static_cast<int>(f.answer.peer)]) + " by " + f.mechanism + " of " + f.issuer;
    }

    scratch::directory folder_;
    config::settings settings_;
    ca_answer public_ = ca_answer::none("nothing published", 1h);
    std::shared_ptr<const site::identity> site_;
    std::unique_ptr<validity::host_validator> validator_;
};

TEST_F(HostValidator, APeerIsWhoItsStoreSays)
{
    const party known("known.example"), trusted("trusted.example");
    add_peer(known, config::trust::known);
    add_peer(trusted, config::trust::trusted);
    EXPECT_EQ(text(identify(known.claim())), "known by store of CN=known.example xproto CA");
    EXPECT_EQ(text(identify(trusted.claim())), "trusted by store of CN=trusted.example xproto CA");
}

std::string said(const xproto::reception& r)
{
    return r.by + ", " + r.standing + ", " + r.authority;
}

TEST_F(HostValidator, SaysInTheHopHowAHostWasKnown)
{
    const party known("known.example"), trusted("trusted.example"), guest("guest.example"), listed("listed.example");
    add_peer(known, config::trust::known);
    add_peer(trusted, config::trust::trusted);
    config::directory in_ldap;
    in_ldap.domain = "listed.example";
    settings_.directories = {in_ldap};
    EXPECT_EQ(said(identify(known.claim()).reception), "store, known, CN=known.example xproto CA");
    EXPECT_EQ(said(identify(trusted.claim()).reception), "trusted, trusted, CN=trusted.example xproto CA");
    publish(guest);
    validator_.reset();
    const auto found = identify(guest.claim());
    EXPECT_EQ(said(found.reception), "dns, unknown, guest.example");
    EXPECT_EQ(found.reception.certificate, xproto::sha256(found.shown->front()));
    publish(listed);
    validator_.reset();
    EXPECT_EQ(said(identify(listed.claim()).reception), "ldap, unknown, listed.example");
    publish(guest);
    validator_.reset();
    EXPECT_EQ(identify(listed.claim()).reception.by, "") << "who is not valid is not known by anything";
}

TEST_F(HostValidator, APeerWithoutACaIsWhatItIsByOthersWord)
{
    const party known("known.example"), trusted("trusted.example"), consortium("consortium.example");
    settings_.xproto.unknown_peers = config::unknown_peers::refuse;
    for (const auto* who : {&known, &trusted}) {
        add_peer(*who, who == &known ? config::trust::known : config::trust::trusted);
        settings_.peers.back().ca.clear();
        settings_.peers.back().domains = {"its.example"};
    }
    EXPECT_EQ(text(identify(known.claim())), "99.0.5.41") << "nobody has said anything of it";
    publish(known);
    validator_.reset();
    const auto found = identify(known.claim());
    EXPECT_EQ(text(found), "known by delegation of known.example");
    EXPECT_EQ(said(found.reception), "dns, known, known.example");
    EXPECT_EQ(found.peer->settings.domains, std::vector<std::string>{"its.example"});
    EXPECT_EQ(text(identify(trusted.claim())), "99.0.5.41") << "another's CA";
    settings_.trust.known_ca = {folder_.put("trusted-ca.pem", trusted.ca.own.to_pem())};
    validator_.reset();
    EXPECT_EQ(text(identify(trusted.claim())), "trusted by store of CN=trusted.example xproto CA");
    EXPECT_EQ(identify(trusted.claim()).reception.by, "store") << "it is trusted, and was validated by a CA";
    EXPECT_EQ(text(identify(consortium.claim())), "99.0.5.12") << "and that lets nobody else in";
}

TEST_F(HostValidator, JudgesAHostAgainWithoutCountingIt)
{
    const party guest("guest.example");
    publish(guest);
    settings_.limits.sessions_per_unknown_peer = 1;
    const auto found = identify(guest.claim());
    ASSERT_TRUE(found.peer);
    const auto again = [&] {
        std::optional<validity::finding> now;
        validator_->review(site_, found, "192.0.2.1", authority::now, [&](validity::finding f) { now = std::move(f); });
        return now.value();
    };
    EXPECT_EQ(text(again()), "unknown by delegation of guest.example");
    EXPECT_FALSE(has_lost(found.answer, again().answer));
    auto fresh = settings_;
    fresh.xproto.unknown_peers = config::unknown_peers::refuse;
    validator_->use(std::make_shared<const config::settings>(fresh));
    EXPECT_EQ(text(again()), "99.0.5.12");
    EXPECT_TRUE(has_lost(found.answer, again().answer));
}

TEST(HasLost, WhoIsRefusedOrLessThanBefore)
{
    using xproto::identity_answer;
    using xproto::standing;
    const auto as = [](standing what) { return identity_answer::accept(what, "mx"); };
    EXPECT_TRUE(has_lost(as(standing::trusted), as(standing::known)));
    EXPECT_FALSE(has_lost(as(standing::known), as(standing::known)));
    EXPECT_FALSE(has_lost(as(standing::known), as(standing::trusted)));
    EXPECT_TRUE(has_lost(as(standing::known), identity_answer::refuse(xproto::codes::listed, "")));
    EXPECT_FALSE(has_lost(as(standing::known), identity_answer::refuse(xproto::codes::identity_unchecked, "no answer")))
        << "a name server that is away ends no session";
}

TEST_F(HostValidator, WhatAStoreSaysOfAPeerIsFinal)
{
    const party right("known.example"), impostor("known.example");
    add_peer(right, config::trust::known);
    publish(impostor); // somebody has got hold of the zone
    EXPECT_EQ(text(identify(impostor.claim())), "99.0.5.41");
}

TEST_F(HostValidator, AStrangerIsLetInByDelegation)
{
    const party guest("guest.example");
    publish(guest);
    const auto found = identify(guest.claim());
    EXPECT_EQ(text(found), "unknown by delegation of guest.example");
    EXPECT_EQ(found.peer->settings.domains, (std::vector<std::string>{"guest.example", "*.guest.example"}));
    EXPECT_EQ(found.peer->settings.trust, config::trust::unknown);
    EXPECT_TRUE(found.peer->settings.extensions.empty());
    EXPECT_EQ(found.peer->store.domain(), "guest.example");
}

TEST_F(HostValidator, RefusesStrangersUnlessToldOtherwise)
{
    const party guest("guest.example");
    publish(guest);
    settings_.xproto.unknown_peers = config::unknown_peers::refuse;
    EXPECT_EQ(text(identify(guest.claim())), "99.0.5.12");
}

TEST_F(HostValidator, SaysWhyAStrangerIsRefused)
{
    const party guest("guest.example"), other("guest.example"), suffix("co.uk");
    publish(other);
    EXPECT_EQ(text(identify(guest.claim())), "99.0.5.41");
    EXPECT_EQ(text(identify(suffix.claim())), "99.0.5.41");
    auto stolen = guest.claim();
    stolen.transcript = "another session";
    EXPECT_EQ(text(identify(stolen)), "99.0.5.42");
    auto renamed = guest.claim();
    renamed.host = "mx2.guest.example";
    EXPECT_EQ(text(identify(renamed)), "99.0.5.43");
    const party ourselves("home.example");
    EXPECT_EQ(text(identify(ourselves.claim())), "99.0.5.12");
}

TEST_F(HostValidator, TroubleWithTheLookUpIsNoVerdict)
{
    public_ = ca_answer::failed("no answer in time");
    const party guest("guest.example");
    EXPECT_EQ(text(identify(guest.claim())), "99.0.4.6");
}

TEST_F(HostValidator, CasForAllValidateHostsWithoutPeer)
{
    const party consortium("consortium.example", "mx1.member.co.uk"),
        interior("interior.example", "gw.anywhere.example");
    settings_.trust.known_ca = {folder_.put("known.pem", consortium.ca.own.to_pem())};
    settings_.trust.trusted_ca = {folder_.put("trusted.pem", interior.ca.own.to_pem())};
    settings_.xproto.extensions = {"*"};
    const auto member = identify(consortium.claim());
    EXPECT_EQ(text(member), "unknown by store of CN=consortium.example xproto CA");
    EXPECT_EQ(member.peer->settings.domains.front(), "member.co.uk");
    const auto inside = identify(interior.claim());
    EXPECT_EQ(text(inside), "trusted by store of CN=interior.example xproto CA");
    EXPECT_EQ(inside.peer->settings.extensions, settings_.xproto.extensions);
}

TEST_F(HostValidator, AHostSpeaksForNoSharedDomain)
{
    const party host("consortium.example", "member.co.uk");
    settings_.trust.known_ca = {folder_.put("known.pem", host.ca.own.to_pem())};
    EXPECT_EQ(identify(host.claim()).peer->settings.domains.front(), "member.co.uk");
}

TEST_F(HostValidator, AnUnknownHostHasSoManySessionsAndNoMore)
{
    const party guest("guest.example"), second("second.example");
    publish(guest);
    auto one = identify(guest.claim());
    const auto two = identify(guest.claim());
    EXPECT_EQ(text(identify(guest.claim())), "99.0.4.5");
    EXPECT_EQ(identify(guest.claim("")).answer.peer, standing::unknown) << "sessions that we begin do not count";
    one.peer.reset();
    EXPECT_EQ(identify(guest.claim()).answer.peer, standing::unknown);
}

} // namespace
