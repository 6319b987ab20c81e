// What each path answers, to whom, and in which words.
#include "gateway/admin/api.hpp"

#include "gateway/admin/json.hpp"
#include "tests/unit/gateway_admin/fake_control.hpp"

#include <boost/json.hpp>
#include <gtest/gtest.h>

namespace gateway::admin {
namespace {

namespace json = boost::json;

struct row {
    const char* method;
    const char* target;
    unsigned full;      // the status on the Unix socket
    unsigned read_only; // and on TCP
};

TEST(AdminApi, AnswersEachPathToWhomItMay)
{
    const row rows[] = {
        {"GET", "/status", 200, 200},
        {"HEAD", "/health", 200, 200},
        {"GET", "/metrics", 200, 200},
        {"GET", "/metrics?x=y", 200, 200},
        {"POST", "/status", 405, 405},
        {"get", "/status", 405, 405},
        {"GET", "/queue", 200, 403},
        {"GET", "/queue?limit=0", 400, 403},
        {"GET", "/queue?limit=1001", 400, 403},
        {"GET", "/queue?limit=x", 400, 403},
        {"GET", "/queue?colour=red", 400, 403},
        {"GET", "/queue?sender=%4", 400, 403},
        {"GET", "/queue?sender=%zz", 400, 403},
        {"GET", "/queue/01hq8z2m4xk", 200, 403},
        {"GET", "/queue/01hq8z2m4xx", 404, 403},
        {"GET", "/queue/01hq8z2m4xk/body", 200, 403},
        {"GET", "/queue/01hq8z2m4xk/tail", 404, 404},
        {"GET", "/queue/01hq8z2m4xx/body", 404, 403},
        {"POST", "/queue/01hq8z2m4xk/retry", 200, 403},
        {"POST", "/queue/01hq8z2m4xx/retry", 404, 403},
        {"POST", "/queue/retry", 200, 403},
        {"DELETE", "/queue/01hq8z2m4xx", 404, 403},
        {"DELETE", "/queue", 400, 403},
        {"DELETE", "/queue?all=no", 400, 403},
        {"POST", "/reload", 200, 403},
        {"GET", "/reload", 405, 403},
        {"GET", "/", 404, 404},
        {"GET", "", 404, 404},
        {"GET", "*", 404, 404},
        {"GET", "/queue/", 404, 404},
        {"GET", "/queue/../status", 404, 404},
        {"GET", "/queue/%2e%2e", 404, 404},
        {"GET", "//status", 404, 404},
        {"GET", "/status/", 404, 404},
    };
    for (const auto& r : rows) {
        fake_control daemon;
        EXPECT_EQ(respond(daemon, r.method, r.target, access::full).status, r.full) << r.method << ' ' << r.target;
        const auto a = respond(daemon, r.method, r.target, access::read_only);
        EXPECT_EQ(a.status, r.read_only) << r.method << ' ' << r.target;
        EXPECT_EQ(daemon.messages.size(), 2u) << r.method << ' ' << r.target;
        if (a.status < 400) continue;
        EXPECT_TRUE(json::parse(a.body).as_object().contains("error")) << a.body;
    }
}

TEST(AdminApi, NamesTheMethodsThatThereAre)
{
    fake_control daemon;
    EXPECT_EQ(respond(daemon, "PUT", "/queue", access::full).allow, "GET, DELETE");
    EXPECT_EQ(respond(daemon, "PUT", "/queue/01hq8z2m4xk", access::full).allow, "GET, DELETE");
    EXPECT_EQ(respond(daemon, "GET", "/status", access::full).allow, "");
}

TEST(AdminApi, ShowsTheStatus)
{
    fake_control daemon;
    const auto value = json::parse(respond(daemon, "GET", "/status", access::full).body);
    EXPECT_EQ(value.at("version"), "1.2.3");
    EXPECT_EQ(value.at("uptime"), 625);
    EXPECT_EQ(value.at("addresses").at("xproto"), (json::array{"127.0.0.1:6525", "[::1]:6525"}));
    EXPECT_EQ(value.at("sessions").at("smtp").at("server"), 3);
    EXPECT_EQ(value.at("queue").at("messages"), 2);
    EXPECT_EQ(value.at("totals").at("accepted"), 7);
    EXPECT_EQ(value.at("health").at("ok"), true);
}

TEST(AdminApi, SaysByTheStatusCodeWhetherAllIsWell)
{
    fake_control daemon;
    daemon.now.ok = false;
    daemon.now.problems = {"spool: less than 256MiB free"};
    const auto a = respond(daemon, "GET", "/health", access::read_only);
    EXPECT_EQ(a.status, 503u);
    EXPECT_EQ(a.body, R"({"ok":false,"problems":["spool: less than 256MiB free"]})");
}

TEST(AdminApi, ListsTheQueueByPages)
{
    fake_control daemon;
    const auto first = json::parse(respond(daemon, "GET", "/queue?limit=1", access::full).body);
    EXPECT_EQ(first.at("messages").as_array().size(), 1u);
    EXPECT_EQ(first.at("next"), "01hq8z2m4xk");
    const auto second = json::parse(respond(daemon, "GET", "/queue?limit=1&after=01hq8z2m4xk", access::full).body);
    EXPECT_EQ(second.at("messages").at(0).at("id"), "01hq8z2m4xm");
    const auto all = json::parse(respond(daemon, "GET", "/queue", access::full).body);
    EXPECT_EQ(all.at("messages").as_array().size(), 2u);
    EXPECT_FALSE(all.as_object().contains("next"));
}

TEST(AdminApi, TakesAnyAddressAsAFilter)
{
    fake_control daemon;
    const std::string odd = "\"a b\"+&=%/?#\xc3\xbc@x.example";
    respond(daemon, "GET", "/queue?recipient=" + percent_encoded(odd) + "&domain=x.example&sender=a+b", access::full);
    EXPECT_EQ(daemon.last_filter.recipient, odd);
    EXPECT_EQ(daemon.last_filter.domain, "x.example");
    EXPECT_EQ(daemon.last_filter.sender, "a b");
}

TEST(AdminApi, ShowsAMessage)
{
    fake_control daemon;
    const auto value = json::parse(respond(daemon, "GET", "/queue/01hq8z2m4xk", access::full).body);
    EXPECT_EQ(value.at("sender"), "a@edge.example");
    EXPECT_EQ(value.at("octets").at("body"), 200'003);
    const auto& r = value.at("recipients").at(0);
    EXPECT_EQ(r.at("last_code"), "4.4.1");
    EXPECT_EQ(r.at("last_text"), "no \xef\xbf\xbd answer");
    EXPECT_EQ(r.at("attempts"), 2);
}

TEST(AdminApi, StreamsObjects)
{
    fake_control daemon;
    const auto a = respond(daemon, "GET", "/queue/01hq8z2m4xk/headers", access::full);
    ASSERT_TRUE(a.stream);
    EXPECT_EQ(a.stream->id, "01hq8z2m4xk");
    EXPECT_EQ(a.stream->which, object::headers);
    EXPECT_EQ(a.stream->octets, 10u);
    EXPECT_EQ(a.type, "application/xml");
}

TEST(AdminApi, RetriesAndDeletes)
{
    fake_control daemon;
    EXPECT_EQ(respond(daemon, "POST", "/queue/01hq8z2m4xk/retry", access::full).body, R"({"retried":1})");
    EXPECT_EQ(respond(daemon, "POST", "/queue/retry", access::full).body, R"({"retried":2})");
    EXPECT_EQ(daemon.retried, 3u);
    EXPECT_EQ(respond(daemon, "DELETE", "/queue/01hq8z2m4xk", access::full).body, R"({"deleted":1})");
    EXPECT_EQ(daemon.messages.size(), 1u);
    EXPECT_EQ(respond(daemon, "DELETE", "/queue?all=yes", access::full).body, R"({"deleted":1})");
    EXPECT_TRUE(daemon.messages.empty());
}

TEST(AdminApi, SendsProbesAndTellsWhatBecameOfThem)
{
    fake_control daemon;
    EXPECT_EQ(respond(daemon, "POST", "/traceroute?address=b%40home.example&hops=3", access::full).body,
              R"({"id":"p1"})");
    EXPECT_EQ(daemon.probed, "b@home.example 3");
    for (const char* wrong : {"/traceroute", "/traceroute?address=b%40x", "/traceroute?address=b%40x&hops=0",
                              "/traceroute?address=b%40x&hops=65", "/traceroute?address=b%40x&hops=3x"})
        EXPECT_EQ(respond(daemon, "POST", wrong, access::full).status, 400u) << wrong;
    EXPECT_EQ(respond(daemon, "POST", "/traceroute?address=b&hops=3", access::full).status, 409u);
    EXPECT_EQ(respond(daemon, "POST", "/traceroute?address=b%40x&hops=3", access::read_only).status, 403u);

    EXPECT_EQ(respond(daemon, "GET", "/traceroute/p2", access::full).status, 404u);
    EXPECT_EQ(respond(daemon, "GET", "/traceroute/p1", access::full).body, R"({"state":"waiting"})");
    daemon.step.state = traceroute_step::kind::failed;
    daemon.step.milliseconds = 12;
    daemon.step.failure = "no \xff";
    EXPECT_EQ(respond(daemon, "GET", "/traceroute/p1", access::full).body,
              "{\"state\":\"failed\",\"milliseconds\":12,\"failure\":\"no \xef\xbf\xbd\"}");
    daemon.step.state = traceroute_step::kind::answered;
    daemon.step.hop = 2;
    daemon.step.host = "mx1.home.example";
    daemon.step.next = "smtp:store";
    daemon.step.arrival = 1763774000;
    EXPECT_EQ(respond(daemon, "GET", "/traceroute/p1", access::full).body,
              R"({"state":"answered","milliseconds":12,"hop":2,"host":"mx1.home.example","next":"smtp:store",)"
              R"("arrival":1763774000})");
}

TEST(AdminApi, TellsWhatAReloadFound)
{
    fake_control daemon;
    daemon.reload_result = {false, {"isthmus.toml:3: hots: unknown key; did you mean host?"}};
    const auto a = respond(daemon, "POST", "/reload", access::full);
    EXPECT_EQ(a.status, 409u);
    EXPECT_EQ(a.body, R"({"done":false,"messages":["isthmus.toml:3: hots: unknown key; did you mean host?"]})");
}

TEST(ShownText, IsAlwaysUtf8)
{
    const std::pair<std::string, std::string> rows[] = {
        {"", ""},
        {"plain", "plain"},
        {"j\xc3\xbcrgen", "j\xc3\xbcrgen"},
        {"j\xfcrgen", "j\xef\xbf\xbdrgen"},
        {"\xc3", "\xef\xbf\xbd"},
        {"\xf0\x9f\x98\x80\xff", "\xf0\x9f\x98\x80\xef\xbf\xbd"},
        {"\xed\xa0\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},
    };
    for (const auto& [octets, want] : rows) EXPECT_EQ(shown_text(octets), want);
}

TEST(PercentEncoding, IsInverse)
{
    std::string all;
    for (int i = 0; i < 256; ++i) all += static_cast<char>(i);
    EXPECT_EQ(percent_decoded(percent_encoded(all)), all);
    EXPECT_FALSE(percent_decoded("a%"));
    EXPECT_FALSE(percent_decoded("a%4"));
    EXPECT_FALSE(percent_decoded("a%-1"));
}

} // namespace
} // namespace gateway::admin
