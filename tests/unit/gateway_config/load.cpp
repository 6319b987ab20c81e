// A right file becomes right settings; the file that `isthmus init` writes is one; reloads change what they may.
#include "gateway/config/load.hpp"

#include "gateway/config/keys.hpp"
#include "gateway/config/reference.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <set>
#include <sstream>

namespace gateway::config {
namespace {

using std::chrono::seconds;

constexpr const char* whole = R"(
site = "Edge.Example."
host = "mx1.edge.example"
state = "spool"
[smtp]
listen = ["127.0.0.1:2525", "[::1]:2525"]
relay_from = ["127.0.0.0/8"]
bare_newline = "normalize"
[xproto]
listen = ["127.0.0.1:0"]
[admin]
socket = "/run/isthmus.sock"
listen = []
[queue]
retry = ["1s", 2, "3m"]
expire = "1h"
delay_notice = 0
[timeouts]
connect = "5s"
[limits]
message_octets = "1MiB"
recipients = 5
[log]
level = "debug"
format = "json"
[[route]]
domain = "carrier.example"
via = "xproto"
to = "127.0.0.1:6526"
[[route]]
domain = "*.EDGE.example"
via = "smtp"
to = "[::1]:2600"
[[route]]
domain = "bücher.example"
via = "smtp"
to = "mail.example:25"
[[peer]]
host = "MX1.carrier.example"
ca = "carrier-ca.pem"
trust = "trusted"
[[peer]]
host = "other.example"
ca = "/etc/other.pem"
domains = ["a.example", "*.B.example"]
)";

TEST(Config, LetsWaitsThatAreNotSetMakeRoomForThoseThatAre)
{
    const auto waits = [](const std::string& timeouts) {
        const auto read = parse("site = \"a.example\"\nhost = \"mx.a.example\"\n[timeouts]\n" + timeouts, "c.toml");
        EXPECT_TRUE(read) << timeouts;
        return read->timeouts;
    };
    EXPECT_EQ(waits("helo = \"4s\"\n").dns, seconds(2));
    EXPECT_EQ(waits("reply = \"20m\"\n").data, seconds(1200));
    const auto hasty = waits("data = \"30s\"\n");
    EXPECT_EQ(hasty.reply, seconds(30));
    EXPECT_EQ(hasty.progress, seconds(15));
    EXPECT_EQ(hasty.dns, seconds(10));
}

TEST(Config, IsReadWhole)
{
    const auto read = parse(whole, "/etc/isthmus/isthmus.toml");
    ASSERT_TRUE(read) << read.error().front().text();
    const auto& s = *read;
    EXPECT_EQ(s.site, "edge.example");
    EXPECT_EQ(s.state, "/etc/isthmus/spool");
    EXPECT_EQ(s.smtp.listen, (std::vector<endpoint>{{"127.0.0.1", 2525}, {"::1", 2525}}));
    EXPECT_EQ(s.smtp.hostname, "mx1.edge.example");
    EXPECT_EQ(s.smtp.bare_newline, bare_newline::normalize);
    EXPECT_TRUE(s.may_relay("127.9.9.9"));
    EXPECT_FALSE(s.may_relay("192.0.2.1"));
    EXPECT_EQ(s.admin.socket, "/run/isthmus.sock");
    EXPECT_TRUE(s.admin.listen.empty());
    EXPECT_EQ(s.queue.retry, (std::vector<seconds>{seconds(1), seconds(2), seconds(180)}));
    EXPECT_EQ(s.queue.delay_notice, seconds(0));
    EXPECT_EQ(s.timeouts.connect, seconds(5));
    EXPECT_EQ(s.timeouts.reply, seconds(300)); // the default
    EXPECT_EQ(s.limits.message_octets, 1u << 20);
    EXPECT_EQ(s.limits.recipients, 5u);
    EXPECT_EQ(s.log.level, log::level::debug);
    EXPECT_EQ(s.log.format, log::format::json);
    ASSERT_EQ(s.routes.size(), 3u);
    EXPECT_EQ(s.routes[0], (route{"carrier.example",
                                  route_via::xproto,
                                  {"127.0.0.1", 6526},
                                  "mx1.carrier.example",
                                  start::tls,
                                  route_policy::ignore}));
    EXPECT_EQ(s.routes[1],
              (route{"*.edge.example", route_via::smtp, {"::1", 2600}, "", start::tls, route_policy::ignore}));
    EXPECT_EQ(s.routes[2],
              (route{"bücher.example", route_via::smtp, {"mail.example", 25}, "", start::tls, route_policy::ignore}));
    ASSERT_EQ(s.peers.size(), 2u);
    EXPECT_EQ(s.peers[0], (peer{"mx1.carrier.example",
                                "/etc/isthmus/carrier-ca.pem",
                                trust::trusted,
                                {"carrier.example"},
                                "",
                                {"*"},
                                peer_tls::required}));
    EXPECT_EQ(s.peers[1], (peer{"other.example",
                                "/etc/other.pem",
                                trust::known,
                                {"a.example", "*.b.example"},
                                "",
                                {"*"},
                                peer_tls::required}));
    EXPECT_EQ(s.peer_by_host("MX1.Carrier.Example."), &s.peers[0]);
    EXPECT_EQ(s.peer_by_host("mx2.carrier.example"), nullptr);
    EXPECT_EQ(s.places.at("route[2].to").line, 33u);
}

TEST(Config, LetsDefaultPathsFollowTheStateFolder)
{
    const auto read =
        parse("site=\"a.example\"\nhost=\"b.example\"\nstate=\"/var/lib/isthmus\"\n", "/etc/isthmus.toml");
    ASSERT_TRUE(read);
    EXPECT_EQ(read->tls.certificate, "/var/lib/isthmus/host.pem");
    EXPECT_EQ(read->tls.key, "/var/lib/isthmus/host-key.pem");
    EXPECT_EQ(read->tls.ca, "/etc/ca.pem");
    EXPECT_EQ(read->tls.ca_key, "/var/lib/isthmus/ca-key.pem");
    EXPECT_EQ(read->admin.socket, "/var/lib/isthmus/admin.sock");
}

struct host_row {
    const char* name;
    std::string route; // beside domain and via
    std::string domain;
    std::string want;
};

TEST(Config, FindsWhichPeerAnXprotoRouteMeans)
{
    const std::string peers = "[[peer]]\nhost=\"mx1.one.example\"\nca=\"c\"\naddress=\"192.0.2.1\"\n"
                              "[[peer]]\nhost=\"mx1.two.example\"\nca=\"c\"\n";
    const host_row rows[] = {
        {"said", "to = \"127.0.0.1:1\"\nhost = \"MX1.two.example\"", "one.example", "mx1.two.example"},
        {"by the name of the next hop", "to = \"mx1.TWO.example:1\"", "one.example", "mx1.two.example"},
        {"by its address", "to = \"192.0.2.1:1\"", "two.example", "mx1.one.example"},
        {"by the domain it speaks for", "to = \"127.0.0.1:1\"", "two.example", "mx1.two.example"},
    };
    for (const auto& row : rows) {
        const auto read = parse("site=\"a.example\"\nhost=\"b.example\"\n" + peers + "[[route]]\ndomain=\"" +
                                    row.domain + "\"\nvia=\"xproto\"\n" + row.route + "\n",
                                "f");
        ASSERT_TRUE(read) << row.name << ": " << read.error().front().text();
        EXPECT_EQ(read->routes.front().host, row.want) << row.name;
    }
    const auto only = parse("site=\"a.example\"\nhost=\"b.example\"\n[[peer]]\nhost=\"mx.x.example\"\nca=\"c\"\n"
                            "[[route]]\ndomain=\"*\"\nvia=\"xproto\"\nto=\"127.0.0.1:1\"\n",
                            "f");
    ASSERT_TRUE(only) << only.error().front().text();
    EXPECT_EQ(only->routes.front().host, "mx.x.example");
}

TEST(Config, ReadsAFile)
{
    const auto path = std::filesystem::path(testing::TempDir()) / "isthmus-load.toml";
    std::ofstream(path) << whole;
    const auto read = load(path);
    ASSERT_TRUE(read) << read.error().front().text();
    EXPECT_EQ(read->file, path);
    EXPECT_EQ(read->state, path.parent_path() / "spool");
    std::ofstream(path, std::ios::trunc).flush();
    const auto empty = load(path);
    ASSERT_FALSE(empty);
    EXPECT_EQ(empty.error().size(), 2u); // site and host
    std::filesystem::remove(path);
}

TEST(CommentedFile, GivesTheDefaultsOnceSiteAndHostAreSet)
{
    const auto text = commented_file({{"site", "\"a.example\""}, {"host", "\"mx1.a.example\""}});
    const auto read = parse(text, "/x/isthmus.toml");
    ASSERT_TRUE(read) << read.error().front().text();
    auto want = defaults("/x");
    want.site = "a.example";
    want.host = want.smtp.hostname = "mx1.a.example";
    EXPECT_TRUE(differences(want, *read).empty()) << differences(want, *read).front().key;
}

// Taking away the comment signs must change nothing: what the comments show are the defaults.
TEST(CommentedFile, ShowsDefaultsThatAreTheDefaults)
{
    auto text = commented_file({{"site", "\"a.example\""}, {"host", "\"mx1.a.example\""}});
    for (const auto& k : setting_keys()) {
        if (k.fallback == required || k.fallback == absent) continue;
        const auto shown = std::string(last_part_of(k.name)) + " = " + std::string(k.fallback) + "\n";
        const auto in_section = text.find("[" + std::string(section_of(k.name)) + "]\n");
        const auto at = text.find("\n# " + shown, section_of(k.name).empty() ? 0 : in_section);
        ASSERT_NE(at, text.npos) << k.name;
        text.erase(at + 1, 2);
    }
    const auto read = parse(text, "/x/isthmus.toml");
    ASSERT_TRUE(read) << read.error().front().text() << "\n" << text;
    auto want = defaults("/x");
    want.site = "a.example";
    want.host = want.smtp.hostname = "mx1.a.example";
    EXPECT_TRUE(differences(want, *read).empty()) << differences(want, *read).front().key;
}

TEST(CommentedFile, QuotesWhatItSets)
{
    const std::string odd = "a\"b\\c\nd\x7f";
    const auto read = read_toml("x = " + toml_string(odd), "f");
    ASSERT_TRUE(read);
    EXPECT_EQ(read->members.at(0).value.text, odd);
}

TEST(TableOfKeys, HasADocumentedRowForEachKeyOnce)
{
    std::set<std::string_view> names;
    for (const auto& k : setting_keys()) {
        EXPECT_TRUE(names.insert(k.name).second) << k.name;
        EXPECT_TRUE(k.doc.ends_with('.')) << k.name;
        const auto known = sections();
        EXPECT_TRUE(std::any_of(known.begin(), known.end(), [&](const auto& s) {
            return s.name == section_of(k.name);
        })) << k.name;
    }
    // The names that scripts rely on.
    for (const auto* name :
         {"site", "host", "state", "smtp.listen", "smtp.relay_from", "smtp.bare_newline", "xproto.listen",
          "admin.socket", "admin.listen", "queue.retry", "queue.expire", "queue.delay_notice", "queue.dead_letters",
          "timeouts.connect", "timeouts.reply", "timeouts.data", "timeouts.idle"})
        EXPECT_TRUE(names.contains(name)) << name;
}

TEST(TableOfKeys, HasExamplesThatAreRight)
{
    std::string file = "site = \"a.example\"\nhost = \"mx1.a.example\"\n";
    for (const auto& s : sections()) file += s.example;
    const auto read = parse(file, "f");
    ASSERT_TRUE(read) << read.error().front().text();
    EXPECT_EQ(read->routes.size(), 2u);
    EXPECT_EQ(read->peers.size(), 1u);
}

TEST(ReferencePage, IsWhatTheDocumentationHolds)
{
    std::ifstream in(std::filesystem::path(ISTHMUS_TESTS_DIR).parent_path() / "docs" / "configuration.md");
    std::ostringstream text;
    text << in.rdbuf();
    EXPECT_EQ(text.str(), reference_page()) << "print it anew: isthmus config-reference > docs/configuration.md";
}

TEST(Reload, TellsWhatChangedAndWhatMustWait)
{
    const auto running = parse(whole, "/x/isthmus.toml");
    ASSERT_TRUE(running);
    EXPECT_TRUE(differences(*running, *running).empty());
    auto fresh = *running;
    fresh.smtp.listen.pop_back();
    fresh.queue.expire = seconds(5);
    fresh.routes.pop_back();
    fresh.peers[0].trust = trust::known;
    fresh.log.level = log::level::error;
    fresh.state = "/elsewhere";
    EXPECT_EQ(differences(*running, fresh), (std::vector<difference>{{"state", true},
                                                                     {"smtp.listen", true},
                                                                     {"queue.expire", false},
                                                                     {"log.level", false},
                                                                     {"route", false},
                                                                     {"peer", false}}));
    const auto next = reloaded(*running, fresh);
    EXPECT_EQ(differences(fresh, next), (std::vector<difference>{{"state", true}, {"smtp.listen", true}}));
    EXPECT_EQ(next.smtp.listen, running->smtp.listen);
    EXPECT_EQ(next.queue.expire, seconds(5));
    EXPECT_EQ(next.routes.size(), 2u);
}

} // namespace
} // namespace gateway::config
