// Every mistake is reported, with its line, its key, and what was wanted.
#include "gateway/config/load.hpp"

#include <gtest/gtest.h>

namespace gateway::config {
namespace {

std::string all(const problems& found)
{
    std::string out;
    for (const auto& p : found) out += p.text() + "\n";
    return out;
}

// What is said of a file that begins with two right lines.
std::string said(const std::string& more)
{
    const auto read = parse("site = \"edge.example\"\nhost = \"mx1.edge.example\"\n" + more, "isthmus.toml");
    return read ? "" : all(read.error());
}

struct row {
    const char* name;
    std::string file; // from line 3 on
    std::string want;
};

void PrintTo(const row& r, std::ostream* out)
{
    *out << r.name;
}

class ConfigError : public testing::TestWithParam<row> {};

TEST_P(ConfigError, NamesFileLineKeyAndWhatWasWanted)
{
    EXPECT_EQ(said(GetParam().file), GetParam().want);
}

const std::string peer_lines = "[[peer]]\nhost = \"mx1.carrier.example\"\nca = \"c.pem\"\n";

INSTANTIATE_TEST_SUITE_P(
    UnknownKeys, ConfigError,
    testing::Values(
        row{"NearestInItsTable", "[smtp]\nlisen = []\n",
            "isthmus.toml:4: smtp.lisen: unknown key; did you mean smtp.listen?\n"},
        row{"Swapped", "[queue]\nertry = []\n",
            "isthmus.toml:4: queue.ertry: unknown key; did you mean queue.retry?\n"},
        row{"InTheWrongTable", "[smtp]\nexpire = \"1d\"\n",
            "isthmus.toml:4: smtp.expire: unknown key; did you mean queue.expire?\n"},
        row{"TopLevelKeyAfterATable", "[smtp]\nstate = \"x\"\n",
            "isthmus.toml:4: smtp.state: unknown key; did you mean state?\n"},
        row{"TopLevel", "hots = \"x\"\n", "isthmus.toml:3: hots: unknown key; did you mean host?\n"},
        row{"TableItself", "[timeout]\nconnect = \"1s\"\n",
            "isthmus.toml:3: timeout: unknown key; did you mean timeouts?\n"},
        row{"InRoute", "[[route]]\ndomian = \"x.example\"\nvia = \"smtp\"\nto = \"a:1\"\n",
            "isthmus.toml:3: route[1].domain: is missing. Domain of recipients: a name, \"*.name\" for all below it "
            "(not "
            "itself), or \"*\" for all.\nisthmus.toml:4: route[1].domian: unknown key; did you mean route.domain?\n"},
        row{"InPeer", peer_lines + "thrust = \"known\"\n",
            "isthmus.toml:6: peer[1].thrust: unknown key; did you mean peer.trust?\n"},
        row{"InQuotes", "[smtp]\n\"list\\nen\" = 1\n", "isthmus.toml:4: smtp.\"list\\u000aen\": unknown key\n"},
        row{"NothingNear", "[smtp]\nxylophone = 1\n", "isthmus.toml:4: smtp.xylophone: unknown key\n"},
        row{"TableInATable", "[smtp.listen.more]\na = 1\n",
            "isthmus.toml:3: smtp.listen: wanted a list in [ ]; found a table\n"}),
    [](const auto& r) { return r.param.name; });

const std::string listener = R"(an IP address and a port such as "127.0.0.1:2525", "[::1]:25" or "0.0.0.0:25")";
const std::string duration = R"(wanted a duration such as "30s", "5m" or "5d", at least 1s; found )";

INSTANTIATE_TEST_SUITE_P(
    Values, ConfigError,
    testing::Values(
        row{"ListenIsNoList", "[smtp]\nlisten = \"127.0.0.1:25\"\n",
            "isthmus.toml:4: smtp.listen: wanted a list in [ ]; found \"127.0.0.1:25\"\n"},
        row{"ListenByName", "[smtp]\nlisten = [\"127.0.0.1:25\",\n \"localhost:25\"]\n",
            "isthmus.toml:5: smtp.listen: wanted " + listener + "; found \"localhost:25\"\n"},
        row{"ListenWithoutPort", "[xproto]\nlisten = [\"127.0.0.1\"]\n",
            "isthmus.toml:4: xproto.listen: wanted " + listener + "; found \"127.0.0.1\"\n"},
        row{"ListenPortTooLarge", "[xproto]\nlisten = [\"127.0.0.1:65536\"]\n",
            "isthmus.toml:4: xproto.listen: wanted " + listener + "; found \"127.0.0.1:65536\"\n"},
        row{"ListenV6WithoutBrackets", "[admin]\nlisten = [\"::1:25\"]\n",
            "isthmus.toml:4: admin.listen: wanted " + listener + "; found \"::1:25\"\n"},
        row{"EachItemOfAList", "[queue]\nretry = [\"1m\", \"soon\", 5, -5, 1.5]\n",
            "isthmus.toml:4: queue.retry: " + duration + "\"soon\"\nisthmus.toml:4: queue.retry: " + duration +
                "-5\nisthmus.toml:4: queue.retry: " + duration + "a fraction\n"},
        row{"EmptyRetry", "[queue]\nretry = []\n",
            "isthmus.toml:4: queue.retry: wanted at least one duration, such as [\"5m\"]\n"},
        row{"DurationUnit", "[timeouts]\nidle = \"5 minutes\"\n",
            "isthmus.toml:4: timeouts.idle: " + duration + "\"5 minutes\"\n"},
        row{"DurationZero", "[timeouts]\nidle = 0\n", "isthmus.toml:4: timeouts.idle: " + duration + "0\n"},
        row{"DurationEndless", "[timeouts]\nidle = 99999999999\n",
            "isthmus.toml:4: timeouts.idle: " + duration + "99999999999\n"},
        row{"SizeTooSmall", "[limits]\nmessage_octets = \"1B\"\n",
            "isthmus.toml:4: limits.message_octets: wanted a size such as \"50MiB\" from 1KiB to 1TiB; found \"1B\"\n"},
        row{"SizeUnit", "[limits]\nmessage_octets = \"50mb\"\n",
            "isthmus.toml:4: limits.message_octets: wanted a size such as \"50MiB\" from 1KiB to 1TiB; found "
            "\"50mb\"\n"},
        row{"SizeOverflow", "[limits]\nmessage_octets = \"99999999999999TiB\"\n",
            "isthmus.toml:4: limits.message_octets: wanted a size such as \"50MiB\" from 1KiB to 1TiB; found "
            "\"99999999999999TiB\"\n"},
        row{"NumberInQuotes", "[limits]\nrecipients = \"100\"\n",
            "isthmus.toml:4: limits.recipients: wanted a number from 1 to 100000; found \"100\"\n"},
        row{"NumberNegative", "[limits]\nrecipients = -1\n",
            "isthmus.toml:4: limits.recipients: wanted a number from 1 to 100000; found -1\n"},
        row{"Word", "[smtp]\nbare_newline = \"allow\"\n",
            "isthmus.toml:4: smtp.bare_newline: wanted one of \"reject\", \"normalize\", \"carry\"; found \"allow\"\n"},
        row{"WordCase", "[log]\nlevel = \"INFO\"\n",
            "isthmus.toml:4: log.level: wanted one of \"error\", \"warning\", \"info\", \"debug\"; found \"INFO\"\n"},
        row{"WordIsTruth", "[smtp]\nstarttls = true\n",
            "isthmus.toml:4: smtp.starttls: wanted one of \"offered\", \"off\"; found true\n"},
        row{"Network", "[smtp]\nrelay_from = [\"10.0.0.1/8\"]\n",
            "isthmus.toml:4: smtp.relay_from: wanted a network such as \"127.0.0.0/8\" or \"2001:db8::/32\", nothing "
            "set "
            "beyond its prefix, or an address; found \"10.0.0.1/8\"\n"},
        row{"HostName", "[smtp]\nhostname = \"mx 1\"\n",
            "isthmus.toml:4: smtp.hostname: wanted a host name such as \"mx1.edge.example\" (international names as "
            "\"xn--...\"); found \"mx 1\"\n"},
        row{"PathEmpty", "state = \"\"\n", "isthmus.toml:3: state: wanted the path of a file or folder; found \"\"\n"},
        row{"PathWithNul", "state = \"a\\u0000b\"\n",
            "isthmus.toml:3: state: wanted the path of a file or folder; found \"a\\u0000b\"\n"},
        row{"Date", "state = 2025-01-01\n",
            "isthmus.toml:3: state: wanted the path of a file or folder; found a date or time\n"},
        row{"TableIsAValue", "smtp = 5\n", "isthmus.toml:3: smtp: wanted a table, [smtp]; found 5\n"},
        row{"LongTextIsCut", "state = [\"" + std::string(80, 'a') + "\"]\n",
            "isthmus.toml:3: state: wanted the path of a file or folder; found a list\n"}),
    [](const auto& r) { return r.param.name; });

INSTANTIATE_TEST_SUITE_P(
    Together, ConfigError,
    testing::Values(
        row{"RouteInSingleBrackets", "[route]\ndomain = \"*\"\n",
            "isthmus.toml:3: route: wanted [[route]], with two brackets on each side\n"},
        row{"RouteIsAListOfNumbers", "peer = [1]\n", "isthmus.toml:3: peer[1]: wanted a table, [[peer]]; found 1\n"},
        row{"ByDns", "[[route]]\ndomain = \"*\"\nvia = \"dns\"\n",
            "isthmus.toml:5: route[1].via: this version does not deliver by \"dns\" yet; wanted \"xproto\" or "
            "\"smtp\"\n"},
        row{"ByLmtp", "[[route]]\ndomain = \"*\"\nvia = \"lmtp\"\nto = \"127.0.0.1:24\"\n",
            "isthmus.toml:5: route[1].via: this version does not deliver by \"lmtp\" yet; wanted \"xproto\" or "
            "\"smtp\"\n"},
        row{"ByPigeon", "[[route]]\ndomain = \"*\"\nvia = \"pigeon\"\n",
            "isthmus.toml:5: route[1].via: wanted one of \"xproto\", \"smtp\", \"lmtp\", \"dns\"; found \"pigeon\"\n"},
        row{"RouteWithoutNextHop", "[[route]]\ndomain = \"a.example\"\nvia = \"smtp\"\n",
            "isthmus.toml:3: route[1].to: is missing. The next hop, such as \"127.0.0.1:2600\"\n"},
        row{"NextHopPortZero", "[[route]]\ndomain = \"a.example\"\nvia = \"smtp\"\nto = \"127.0.0.1:0\"\n",
            "isthmus.toml:6: route[1].to: wanted a host and a port such as \"mx1.carrier.example:6525\" or "
            "\"127.0.0.1:25\"; found \"127.0.0.1:0\"\n"},
        row{"RouteDomain", "[[route]]\ndomain = \"a.*.example\"\nvia = \"smtp\"\nto = \"a:1\"\n",
            "isthmus.toml:4: route[1].domain: wanted a domain name, \"*.name\" for all below it, or \"*\"; found "
            "\"a.*.example\"\n"},
        row{"SmtpRouteWithHost",
            "[[route]]\ndomain = \"a.example\"\nvia = \"smtp\"\nto = \"a:1\"\nhost = \"b.example\"\n",
            "isthmus.toml:7: route[1].host: only a route by xproto has it\n"},
        row{"XprotoRouteWithoutPeers", "[[route]]\ndomain = \"a.example\"\nvia = \"xproto\"\nto = \"a:1\"\n",
            "isthmus.toml:3: route[1]: goes by xproto, but there is no [[peer]] whose certificate could prove who the "
            "next "
            "hop is\n"},
        row{"XprotoRouteToAStranger",
            peer_lines + "[[route]]\ndomain = \"a.example\"\nvia = \"xproto\"\nto = \"a:1\"\nhost = \"b.example\"\n",
            "isthmus.toml:10: route[1].host: there is no [[peer]] b.example, and hosts that none names are not "
            "believed: "
            "xproto.unknown_peers\n"},
        row{"XprotoRouteAmbiguous",
            peer_lines + "[[peer]]\nhost = \"mx2.carrier.example\"\nca = \"c.pem\"\n"
                         "[[route]]\ndomain = \"carrier.example\"\nvia = \"xproto\"\nto = \"127.0.0.1:1\"\n",
            "isthmus.toml:9: route[1].host: is missing, and more than one [[peer]] could be meant: "
            "mx1.carrier.example, "
            "mx2.carrier.example\n"},
        row{"PeerTwice", peer_lines + peer_lines,
            "isthmus.toml:7: peer[2].host: there is another [[peer]] mx1.carrier.example\n"},
        row{"PeerIsThisHost", "[[peer]]\nhost = \"MX1.edge.example.\"\nca = \"c.pem\"\n",
            "isthmus.toml:4: peer[1].host: is this gateway's own name\n"},
        row{"PeerIncomplete", "[[peer]]\ntrust = \"known\"\n",
            "isthmus.toml:3: peer[1].host: is missing. The peer's name, which its certificate must prove.\n"},
        row{"WaitForTheDnsAsLongAsForHelo", "[timeouts]\ndns = \"1m\"\n",
            "isthmus.toml:4: timeouts.dns: wanted less than timeouts.helo (1m)\n"},
        row{"WaitForTheDnsLongerThanForAReply", "[timeouts]\nhelo = \"1h\"\ndns = \"6m\"\n",
            "isthmus.toml:5: timeouts.dns: wanted less than timeouts.reply (5m)\n"},
        row{"WaitForAReplyLongerThanForAll", "[timeouts]\nreply = \"20m\"\ndata = \"15m\"\n",
            "isthmus.toml:4: timeouts.reply: wanted at most timeouts.data (15m)\n"},
        row{"TellOfProgressTooLate", "[timeouts]\nprogress = \"5m\"\n",
            "isthmus.toml:4: timeouts.progress: wanted less than timeouts.reply (5m)\n"},
        row{"TellOfDelayTooLate", "[queue]\nexpire = \"1h\"\ndelay_notice = \"1h\"\n",
            "isthmus.toml:5: queue.delay_notice: wanted less than queue.expire (1h)\n"},
        row{"PeerForAllDomains", peer_lines + "domains = [\"*\"]\n",
            "isthmus.toml:6: peer[1].domains: wanted domains; a peer that may speak for all is trust = \"trusted\"\n"},
        row{"PeerForNoDomain", peer_lines + "domains = []\n",
            "isthmus.toml:6: peer[1].domains: wanted at least one domain\n"},
        row{"PeerAddress", peer_lines + "address = \"carrier.example\"\n",
            "isthmus.toml:6: peer[1].address: wanted an IP address; found \"carrier.example\"\n"},
        row{"SameListenerTwice", "[smtp]\nlisten = [\"127.0.0.1:25\"]\n[xproto]\nlisten = [\"127.0.0.1:25\"]\n",
            "isthmus.toml:6: xproto.listen: 127.0.0.1:25 is used twice\n"},
        row{"SocketPathTooLong", "[admin]\nsocket = \"/" + std::string(107, 's') + "\"\n",
            "isthmus.toml:4: admin.socket: wanted a path of at most 107 octets, which is all that a Unix socket can "
            "have; "
            "found 108: /" +
                std::string(107, 's') + "\n"},
        row{"HeaderWouldNotFitItsObject", "[limits]\nheader_octets = \"4MiB\"\n",
            "isthmus.toml:4: limits.header_octets: wanted at most half of limits.headers_object_octets (4MiB), so that "
            "every header fits into its object; found 4MiB\n"},
        row{"ChunkLargerThanTheWindow", "[limits]\nwindow_octets = \"64KiB\"\nchunk_octets = \"128KiB\"\n",
            "isthmus.toml:5: limits.chunk_octets: wanted at most limits.window_octets (64KiB); found 128KiB\n"}),
    [](const auto& r) { return r.param.name; });

// peer_lines end with line 5, guest_route with line 9.
const std::string guest_route = "[[route]]\ndomain = \"carrier.example\"\nvia = \"xproto\"\nsession = \"theirs\"\n";

INSTANTIATE_TEST_SUITE_P(
    SessionsOfTheirs, ConfigError,
    testing::Values(
        row{"WaitForAHost", peer_lines + guest_route + "host = \"mx1.carrier.example\"\n", ""},
        row{"NameIt", peer_lines + guest_route,
            "isthmus.toml:6: route[1].host: is missing: with session = \"theirs\", the host that the mail waits for\n"},
        row{"AreNotMadeByUs",
            peer_lines + guest_route + "host = \"mx1.carrier.example\"\nto = \"a:1\"\nstart = \"clear\"\n",
            "isthmus.toml:11: route[1].to: is for sessions of ours; with session = \"theirs\" there is none\n"
            "isthmus.toml:12: route[1].start: is for sessions of ours; with session = \"theirs\" there is none\n"},
        row{"AreOfXproto", "[[route]]\ndomain = \"a.example\"\nvia = \"smtp\"\nto = \"a:1\"\nsession = \"theirs\"\n",
            "isthmus.toml:7: route[1].session: only a route by xproto has it\n"},
        row{"NeedAPeer", peer_lines + guest_route + "host = \"mx2.carrier.example\"\n",
            "isthmus.toml:10: route[1].host: there is no [[peer]] mx2.carrier.example, and hosts that none names are "
            "not "
            "believed: xproto.unknown_peers\n"},
        row{"AreNotForStrangers",
            peer_lines + "trust = \"unknown\"\n" + guest_route + "host = \"mx1.carrier.example\"\n",
            "isthmus.toml:11: route[1].host: mx1.carrier.example has trust = \"unknown\", and such hosts get no mail "
            "in "
            "their sessions\n"},
        row{"NeedTheExtension",
            peer_lines + "extensions = [\"PIPE\"]\n" + guest_route + "host = \"mx1.carrier.example\"\n",
            "isthmus.toml:11: route[1].host: mx1.carrier.example is not offered the extensions PIPE and DUPLEX, "
            "without "
            "which it gets no mail in its sessions\n"}),
    [](const auto& r) { return r.param.name; });

TEST(ConfigErrors, AreAllReportedInTheOrderOfTheFile)
{
    const auto read = parse("site = 5\n"
                            "[queue]\n"
                            "retri = [\"1m\"]\n"
                            "expire = \"never\"\n"
                            "[smtp]\n"
                            "listen = [\"x\"]\n",
                            "a/isthmus.toml");
    ASSERT_FALSE(read);
    EXPECT_EQ(all(read.error()),
              "a/isthmus.toml: host: is missing. This gateway's own name. Its certificate holds it, and peers know the "
              "gateway by it.\n"
              "a/isthmus.toml:1: site: wanted a host name such as \"mx1.edge.example\" (international names as "
              "\"xn--...\"); found 5\n"
              "a/isthmus.toml:3: queue.retri: unknown key; did you mean queue.retry?\n"
              "a/isthmus.toml:4: queue.expire: " +
                  duration +
                  "\"never\"\n"
                  "a/isthmus.toml:6: smtp.listen: wanted " +
                  listener + "; found \"x\"\n");
}

TEST(ConfigErrors, CarryLineAndColumn)
{
    const auto read = parse("site = \"a.example\"\nhost = \"b.example\"\n[smtp]\n  listen = [ 5 ]\n", "f");
    ASSERT_FALSE(read);
    ASSERT_EQ(read.error().size(), 1u);
    EXPECT_EQ(read.error()[0].place.line, 4u);
    EXPECT_EQ(read.error()[0].place.column, 14u);
    EXPECT_EQ(read.error()[0].key, "smtp.listen");
    EXPECT_EQ(read.error()[0].file, "f");
}

TEST(ConfigErrors, SayWhereItIsNoToml)
{
    for (const auto* toml : {"site = \n", "site = \"a\nhost", "= 5", "[smtp\nx", "a = 1\na = 2", "\xff\xfe"}) {
        const auto read = parse(toml, "isthmus.toml");
        ASSERT_FALSE(read) << toml;
        ASSERT_EQ(read.error().size(), 1u) << toml;
        EXPECT_TRUE(read.error()[0].what.starts_with("not TOML: ")) << read.error()[0].text();
        EXPECT_GE(read.error()[0].place.line, 1u) << read.error()[0].text();
    }
}

TEST(ConfigErrors, SayThatAFileCannotBeRead)
{
    const auto missing = load("/no/such/isthmus.toml");
    ASSERT_FALSE(missing);
    EXPECT_EQ(all(missing.error()), "/no/such/isthmus.toml: cannot be read: No such file or directory\n");
    const auto folder = load("/");
    ASSERT_FALSE(folder);
    EXPECT_EQ(all(folder.error()), "/: cannot be read: Is a directory\n");
}

} // namespace
} // namespace gateway::config
