// Making a site and checking it: init, check, run, cert.
#include "gateway/config/load.hpp"
#include "tests/support/scratch.hpp"
#include "tests/unit/gateway_cli/command_line.hpp"

#include <boost/json.hpp>
#include <gmock/gmock.h>

#include <sys/stat.h>

namespace gateway::cli {
namespace {

using testing::HasSubstr;
namespace json = boost::json;

unsigned mode_of(const std::filesystem::path& path)
{
    struct stat facts {};
    return stat(path.c_str(), &facts) == 0 ? facts.st_mode & 0777 : 0;
}

class Site : public testing::Test {
  protected:
    std::string at(const std::string& name) const { return (folder.path() / name).string(); }
    // A site in the folder "s".
    said init(std::vector<std::string> more = {})
    {
        std::vector<std::string> all{"init", at("s"), "--site", "edge.example"};
        all.insert(all.end(), more.begin(), more.end());
        return run(all);
    }

    scratch::directory folder;
};

TEST_F(Site, IsReadyToRunAfterInit)
{
    const auto s = init();
    ASSERT_EQ(s.code, 0) << s.err;
    EXPECT_THAT(s.out, HasSubstr("s/ca.pem"));
    EXPECT_THAT(s.out, HasSubstr("host = \"mx1.edge.example\""));
    EXPECT_EQ(mode_of(at("s/state/ca-key.pem")), 0600u);
    EXPECT_EQ(mode_of(at("s/state/host-key.pem")), 0600u);
    EXPECT_EQ(mode_of(at("s/state")), 0700u);
    const auto c = run({"check", "-c", at("s/isthmus.toml")});
    EXPECT_EQ(c.code, 0) << c.err;
    EXPECT_EQ(c.err, "");
    EXPECT_EQ(c.out, at("s/isthmus.toml") + ": ok\n");
}

// What init tells people to paste must be right.
TEST_F(Site, GivesPeersLinesThatWork)
{
    const auto s = init();
    ASSERT_EQ(s.code, 0) << s.err;
    const auto begin = s.out.find("    [[peer]]");
    const auto end = s.out.find("\nYou add the same");
    ASSERT_NE(begin, s.out.npos);
    ASSERT_NE(end, s.out.npos);
    const auto read = config::parse(
        "site = \"carrier.example\"\nhost = \"mx1.carrier.example\"\n" + s.out.substr(begin, end - begin), "f");
    ASSERT_TRUE(read) << read.error().front().text();
    EXPECT_EQ(read->routes.at(0).host, "mx1.edge.example");
    EXPECT_EQ(read->peers.at(0).domains, std::vector<std::string>{"edge.example"});
}

TEST_F(Site, HasTheNamesAndAddressesThatWereAskedFor)
{
    const auto s = init({"--host", "Gate.Edge.Example.", "--smtp-listen", "127.0.0.1:0", "--smtp-listen", "[::1]:0",
                         "--xproto-listen", "127.0.0.1:1", "--admin-listen", "127.0.0.1:2", "--json"});
    ASSERT_EQ(s.code, 0) << s.err;
    EXPECT_EQ(json::parse(s.out).at("host"), "gate.edge.example");
    const auto read = config::load(at("s/isthmus.toml"));
    ASSERT_TRUE(read) << read.error().front().text();
    EXPECT_EQ(read->host, "gate.edge.example");
    EXPECT_EQ(read->smtp.listen, (std::vector<config::endpoint>{{"127.0.0.1", 0}, {"::1", 0}}));
    EXPECT_EQ(read->xproto.listen, (std::vector<config::endpoint>{{"127.0.0.1", 1}}));
    EXPECT_EQ(read->admin.listen, (std::vector<config::endpoint>{{"127.0.0.1", 2}}));
    EXPECT_EQ(run({"check", "-c", at("s/isthmus.toml")}).code, 0);
}

TEST_F(Site, IsNeverOverwrittenByAccident)
{
    ASSERT_EQ(init().code, 0);
    const auto ca = folder.get("s/ca.pem");
    const auto again = init();
    EXPECT_EQ(again.code, negative);
    EXPECT_THAT(again.err, HasSubstr("is there already"));
    EXPECT_EQ(folder.get("s/ca.pem"), ca);
    std::filesystem::remove(at("s/isthmus.toml"));
    EXPECT_EQ(init().code, negative) << "the keys are there";
    EXPECT_EQ(folder.get("s/ca.pem"), ca);
    EXPECT_EQ(init({"--force"}).code, 0);
    EXPECT_NE(folder.get("s/ca.pem"), ca);
}

TEST_F(Site, RefusesNamesThatAreNone)
{
    for (const auto* site : {"not a name", "edge..example", "", "bücher.example", "127.0.0.1"}) {
        EXPECT_EQ(run({"init", at("s"), "--site", site}).code, usage) << site;
        EXPECT_FALSE(std::filesystem::exists(at("s"))) << site;
    }
    EXPECT_EQ(init({"--smtp-listen", "localhost:25"}).code, usage);
    EXPECT_FALSE(std::filesystem::exists(at("s")));
}

TEST_F(Site, IsCheckedWithEveryMistakeNamed)
{
    const auto file = folder.put("isthmus.toml", "site = 5\n[smtp]\nlisen = []\n");
    const auto s = run({"check", "-c", file});
    EXPECT_EQ(s.code, bad_configuration);
    EXPECT_EQ(s.out, "");
    EXPECT_THAT(s.err, HasSubstr(file + ":1: site: wanted a host name"));
    EXPECT_THAT(s.err, HasSubstr(file + ":3: smtp.lisen: unknown key; did you mean smtp.listen?\n"));
    const auto j = run({"check", "--json", "-c", file});
    EXPECT_EQ(j.code, bad_configuration);
    const auto value = json::parse(j.out);
    EXPECT_EQ(value.at("ok"), false);
    EXPECT_EQ(value.at("problems").at(2).at("line"), 3);
    EXPECT_EQ(value.at("problems").at(2).at("key"), "smtp.lisen");
    EXPECT_EQ(run({"check", "-c", at("missing.toml")}).code, bad_configuration);
}

TEST_F(Site, RunsOnlyWithAConfigurationThatIsRight)
{
    ASSERT_EQ(init().code, 0);
    command_hooks hooks;
    std::string ran;
    hooks.run = [&](const config::settings& s) {
        ran = s.host;
        return 7;
    };
    EXPECT_EQ(run({"run", "-c", at("s/isthmus.toml")}, hooks).code, 7);
    EXPECT_EQ(ran, "mx1.edge.example");

    ran.clear();
    std::filesystem::remove(at("s/state/host-key.pem"));
    const auto s = run({"run", "-c", at("s/isthmus.toml")}, hooks);
    EXPECT_EQ(s.code, bad_configuration);
    EXPECT_THAT(s.err, HasSubstr("tls.key: "));
    EXPECT_EQ(run({"run", "-c", at("missing.toml")}, hooks).code, bad_configuration);
    EXPECT_EQ(ran, "");
}

TEST_F(Site, CertifiesHostsAndPeople)
{
    ASSERT_EQ(init().code, 0);
    const auto config = at("s/isthmus.toml"), ca = at("s/ca.pem");
    const auto host = run({"cert", "host", "MX2.edge.example", "-c", config, "-o", at("h.pem"), "--key", at("h.key")});
    ASSERT_EQ(host.code, 0) << host.err;
    EXPECT_THAT(host.out, HasSubstr("mx2.edge.example"));
    EXPECT_EQ(mode_of(at("h.key")), 0600u);
    EXPECT_EQ(run({"cert", "verify", at("h.pem"), "--ca", ca}).code, 0);
    EXPECT_EQ(run({"cert", "verify", at("h.pem"), "--ca", ca, "--host", "mx2.edge.example"}).code, 0);
    const auto wrong = run({"cert", "verify", at("h.pem"), "--ca", ca, "--host", "mx3.edge.example", "--json"});
    EXPECT_EQ(wrong.code, negative);
    EXPECT_EQ(json::parse(wrong.out).at("valid"), false);

    const auto user = run({"cert", "user", "ann@edge.example", "--ca", ca, "--ca-key", at("s/state/ca-key.pem"), "-o",
                           at("u.pem"), "--key", at("u.key"), "--days", "10", "--json"});
    ASSERT_EQ(user.code, 0) << user.err;
    const auto facts = json::parse(user.out);
    EXPECT_EQ(facts.at("addresses"), (json::array{"ann@edge.example"}));
    EXPECT_LE(facts.at("not_after").as_int64() - facts.at("not_before").as_int64(), 11 * 86'400);
    EXPECT_EQ(run({"cert", "verify", at("u.pem"), "--ca", ca, "--address", "ann@edge.example"}).code, 0);
    EXPECT_EQ(run({"cert", "verify", at("u.pem"), "--ca", ca, "--address", "bob@edge.example"}).code, negative);
    EXPECT_EQ(run({"cert", "verify", at("u.pem"), "--ca", ca, "--host", "edge.example"}).code, negative);
}

TEST_F(Site, IsCertifiedByItsOwnCAOnly)
{
    ASSERT_EQ(init().code, 0);
    ASSERT_EQ(run({"cert", "ca", "--site", "edge.example", "-o", at("other.pem"), "--key", at("other.key")}).code, 0);
    EXPECT_EQ(run({"cert", "verify", at("s/state/host.pem"), "--ca", at("other.pem")}).code, negative);
    EXPECT_EQ(run({"cert", "verify", at("s/state/host.pem"), "--ca", at("other.pem"), "--ca", at("s/ca.pem")}).code, 0);
    const auto mixed = run({"cert", "host", "mx.edge.example", "--ca", at("s/ca.pem"), "--ca-key", at("other.key"),
                            "-o", at("h.pem"), "--key", at("h.key")});
    EXPECT_EQ(mixed.code, negative);
    EXPECT_THAT(mixed.err, HasSubstr("is not the key of"));
}

TEST_F(Site, RenewsItsHostCertificateInPlace)
{
    ASSERT_EQ(init().code, 0);
    const auto config = at("s/isthmus.toml"), out = at("s/state/host.pem"), key = at("s/state/host-key.pem");
    const auto before = folder.get("s/state/host.pem");
    EXPECT_EQ(run({"cert", "host", "mx1.edge.example", "-c", config, "-o", out, "--key", key}).code, negative);
    EXPECT_EQ(folder.get("s/state/host.pem"), before);
    EXPECT_EQ(run({"cert", "host", "mx1.edge.example", "-c", config, "-o", out, "--key", key, "--force"}).code, 0);
    EXPECT_NE(folder.get("s/state/host.pem"), before);
    EXPECT_EQ(run({"check", "-c", config}).code, 0);
}

TEST_F(Site, ShowsWhatCertificatesSay)
{
    ASSERT_EQ(init().code, 0);
    const auto s = run({"cert", "show", at("s/ca.pem"), at("s/state/host.pem")});
    EXPECT_EQ(s.code, 0);
    EXPECT_THAT(s.out, HasSubstr(at("s/ca.pem") + ": a CA\n"));
    EXPECT_THAT(s.out, HasSubstr("mx1.edge.example"));
    EXPECT_EQ(json::parse(run({"cert", "show", "--json", at("s/ca.pem")}).out).at(0).at("ca"), true);
    EXPECT_EQ(run({"cert", "show", at("s/isthmus.toml")}).code, negative);
    EXPECT_EQ(run({"cert", "show", at("missing.pem")}).code, negative);
}

} // namespace
} // namespace gateway::cli
