// A configuration held against the world: what would stop the daemon, and what only wants attention.
#include "gateway/config/check.hpp"

#include "tests/support/scratch.hpp"
#include "xproto/certificate_issue.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

namespace gateway::config {
namespace {

using std::filesystem::perms;

constexpr std::int64_t now = 1'795'348'800; // 2026-11-22
constexpr std::int64_t day = 86'400;

class ConfigCheck : public testing::Test {
  protected:
    ConfigCheck()
    {
        std::filesystem::create_directory(folder.path() / "state");
        put("ca.pem", ca.own.to_pem());
        put("state/ca-key.pem", ca.key.to_pem());
        issue("mx1.edge.example", {now - day, now + 300 * day});
    }

    void put(const std::string& name, const std::string& octets)
    {
        folder.put(name, octets);
        std::filesystem::permissions(folder.path() / name, perms::owner_read | perms::owner_write);
    }
    void issue(const std::string& host, xproto::validity period)
    {
        const auto key = xproto::private_key::generate();
        put("state/host.pem", xproto::make_host(ca, host, key.public_part(), period)->to_pem());
        put("state/host-key.pem", key.to_pem());
    }
    // What is said of a configuration with these lines more, without the folder's name.
    std::string said(const std::string& more = "")
    {
        const auto file = folder.path() / "isthmus.toml";
        const auto read = parse("site = \"edge.example\"\nhost = \"mx1.edge.example\"\n" + more, file);
        if (!read) return "unreadable: " + read.error().front().text();
        std::string out;
        for (const auto& p : check_files(*read, now)) {
            auto text = p.text() + "\n";
            const auto prefix = folder.path().string() + "/";
            for (auto at = text.find(prefix); at != text.npos; at = text.find(prefix)) text.erase(at, prefix.size());
            out += text;
        }
        return out;
    }

    scratch::directory folder;
    xproto::certificate_authority ca = *xproto::make_ca("edge.example", {now - day, now + 3650 * day});
};

TEST_F(ConfigCheck, HasNothingToSayWhenAllIsWell)
{
    EXPECT_EQ(said(), "");
}

TEST_F(ConfigCheck, NamesTheFileAndTheLineOfTheKey)
{
    EXPECT_EQ(said("[tls]\ncertificate = \"nowhere.pem\"\n"),
              "isthmus.toml:4: tls.certificate: nowhere.pem cannot be read: No such file or directory\n");
    EXPECT_EQ(said("state = \"nowhere\"\n[tls]\ncertificate = \"state/host.pem\"\nkey = \"state/host-key.pem\"\n"
                   "ca_key = \"state/ca-key.pem\"\n"),
              "isthmus.toml:3: state: nowhere is no folder; `isthmus init` makes one\n");
}

TEST_F(ConfigCheck, SeesThatFilesAreNotWhatTheyShouldBe)
{
    put("state/host.pem", "not a certificate");
    put("state/host-key.pem", "not a key");
    const auto text = said();
    EXPECT_TRUE(text.starts_with("isthmus.toml: tls.certificate: state/host.pem: ")) << text;
    EXPECT_NE(text.find("isthmus.toml: tls.key: state/host-key.pem: "), text.npos) << text;
}

TEST_F(ConfigCheck, SeesACertificateOfAnotherHost)
{
    issue("mx2.edge.example", {now - day, now + 300 * day});
    EXPECT_EQ(said(), "isthmus.toml: tls.certificate: state/host.pem does not name the host mx1.edge.example\n");
}

TEST_F(ConfigCheck, SeesAKeyOfAnotherCertificate)
{
    put("state/host-key.pem", xproto::private_key::generate().to_pem());
    EXPECT_EQ(said(), "isthmus.toml: tls.key: state/host-key.pem is not the key of state/host.pem\n");
    put("state/ca-key.pem", xproto::private_key::generate().to_pem());
    EXPECT_NE(said().find("isthmus.toml: tls.ca_key: state/ca-key.pem is not the key of ca.pem\n"), std::string::npos);
}

TEST_F(ConfigCheck, SuspectsTheClockWhenACertificateIsOutOfTime)
{
    issue("mx1.edge.example", {now - 20 * day, now - 10 * day});
    EXPECT_EQ(said(), "isthmus.toml: tls.certificate: state/host.pem expired on 2026-11-12; the clock says 2026-11-22, "
                      "is it right?\n");
    issue("mx1.edge.example", {now + 10 * day, now + 20 * day});
    EXPECT_EQ(said(),
              "isthmus.toml: tls.certificate: state/host.pem is valid only from 2026-12-02; the clock says 2026-11-22, "
              "is it right?\n");
}

TEST_F(ConfigCheck, WarnsOfWhatWillStopTheDaemonSoon)
{
    issue("mx1.edge.example", {now - day, now + 29 * day});
    EXPECT_EQ(said(), "isthmus.toml: warning: tls.certificate: state/host.pem expires on 2026-12-21\n");
}

TEST_F(ConfigCheck, WarnsOfKeysThatOthersCanRead)
{
    std::filesystem::permissions(folder.path() / "state/host-key.pem", perms::group_read,
                                 std::filesystem::perm_options::add);
    EXPECT_EQ(said(),
              "isthmus.toml: warning: tls.key: state/host-key.pem may be read or changed by others; chmod 600 makes it "
              "private\n");
}

TEST_F(ConfigCheck, WarnsOfACertificateThatPeersWouldNotBelieve)
{
    const auto other = *xproto::make_ca("edge.example", {now - day, now + 3650 * day});
    put("ca.pem", other.own.to_pem());
    put("state/ca-key.pem", other.key.to_pem());
    EXPECT_TRUE(said().starts_with("isthmus.toml: warning: tls.certificate: state/host.pem does not come from tls.ca"))
        << said();
}

TEST_F(ConfigCheck, LooksAtThePeersCAs)
{
    const std::string peer = "[[peer]]\nhost = \"mx1.carrier.example\"\nca = \"carrier.pem\"\n";
    EXPECT_EQ(said(peer), "isthmus.toml:5: peer[1].ca: carrier.pem cannot be read: No such file or directory\n");
    put("carrier.pem", xproto::make_ca("carrier.example", {now - 20 * day, now - day})->own.to_pem());
    EXPECT_EQ(said(peer),
              "isthmus.toml:5: warning: peer[1].ca: carrier.pem expired on 2026-11-21; the clock says 2026-11-22, is "
              "it right?\n");
    put("carrier.pem", folder.get("state/host.pem"));
    EXPECT_EQ(said(peer), "isthmus.toml:5: warning: peer[1].ca: carrier.pem is not the certificate of a CA\n");
}

TEST_F(ConfigCheck, SaysByWhatAPeerWithoutACaIsValidated)
{
    const std::string peer = "[[peer]]\nhost = \"mx1.carrier.example\"\n";
    const std::string none = "[dns]\ntrust_anchor = \"no.key\"\n", some = "[dns]\ntrust_anchor = \"root.key\"\n";
    const std::string cas = "[trust]\nknown_ca = [\"ca.pem\"]\ntrusted_ca = [\"ca.pem\"]\n";
    const std::string directory = "[[directory]]\ndomain = \"*\"\nserver = \"ldaps://ldap.example\"\n";
    put("root.key", ". IN DS 1 8 2 00\n");
    EXPECT_EQ(
        said(none + peer),
        "isthmus.toml:5: warning: peer[1]: nothing can validate mx1.carrier.example: it has no ca, there is neither "
        "trust.known_ca nor trust.trusted_ca, and without dns.trust_anchor (no.key) and [[directory]] nobody can "
        "delegate to it\n");
    const auto by = [&](const std::string& what) {
        return "note: peer[1]: mx1.carrier.example has no ca, and is validated by " + what + "\n";
    };
    EXPECT_THAT(said(some + peer), testing::HasSubstr(by("delegation in signed DNS")));
    EXPECT_THAT(said(none + directory + peer), testing::HasSubstr(by("delegation in a [[directory]]")));
    EXPECT_THAT(said(none + cas + peer), testing::HasSubstr(by("trust.trusted_ca ca.pem, trust.known_ca ca.pem")));
    EXPECT_THAT(
        said(some + cas + directory + peer),
        testing::HasSubstr(by("trust.trusted_ca ca.pem, trust.known_ca ca.pem, or delegation in signed DNS or a "
                              "[[directory]]")));
}

TEST_F(ConfigCheck, WarnsOfRoutesThatAreNeverUsed)
{
    const auto route = [](const std::string& domain) {
        return "[[route]]\ndomain = \"" + domain + "\"\nvia = \"smtp\"\nto = \"127.0.0.1:25\"\n";
    };
    EXPECT_EQ(said(route("a.example") + route("*.b.example") + route("b.example") + route("*")), "");
    EXPECT_EQ(said(route("*.b.example") + route("c.b.example")),
              "isthmus.toml:8: warning: route[2].domain: is never used: route[1], \"*.b.example\", comes first\n");
    EXPECT_EQ(said(route("*") + route("a.example")),
              "isthmus.toml:8: warning: route[2].domain: is never used: route[1], \"*\", comes first\n");
}

TEST_F(ConfigCheck, WarnsOfPeersThatAreNeverCalledAndShallSendMailThen)
{
    put("carrier.pem", xproto::make_ca("carrier.example", {now - day, now + 3650 * day})->own.to_pem());
    const std::string peer = "[[peer]]\nhost = \"mx1.carrier.example\"\nca = \"carrier.pem\"\nduplex = true\n";
    const std::string route = "[[route]]\ndomain = \"*\"\nvia = \"xproto\"\nhost = \"mx1.carrier.example\"\n";
    const auto warning = "isthmus.toml:6: warning: peer[1].duplex: has no effect: no route leads to "
                         "mx1.carrier.example, so that this gateway opens no session to it\n";
    EXPECT_EQ(said(peer), warning);
    EXPECT_EQ(said(peer + route + "session = \"theirs\"\n"), warning);
    EXPECT_EQ(said(peer + route + "to = \"127.0.0.1:6525\"\n"), "");
}

} // namespace
} // namespace gateway::config
