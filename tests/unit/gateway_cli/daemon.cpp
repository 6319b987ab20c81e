// Commands that talk to the daemon: status and queue, against a daemon of two messages.
#include "gateway/admin/server.hpp"
#include "tests/support/scratch.hpp"
#include "tests/unit/gateway_admin/fake_control.hpp"
#include "tests/unit/gateway_cli/command_line.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/json.hpp>
#include <gmock/gmock.h>

#include <thread>

namespace gateway::cli {
namespace {

using testing::HasSubstr;
namespace json = boost::json;

class Daemon : public testing::Test {
  protected:
    Daemon()
    {
        const auto listening = api.listen_unix(socket);
        if (!listening) throw std::runtime_error(listening.error().message());
        thread = std::thread([this] { context.run(); });
    }
    ~Daemon() override { stop(); }

    void stop()
    {
        if (!thread.joinable()) return;
        boost::asio::post(context, [this] { api.stop(); });
        thread.join();
    }
    said ask(std::vector<std::string> arguments)
    {
        arguments.insert(arguments.end(), {"--socket", socket});
        return run(arguments);
    }

    scratch::directory folder;
    std::string socket = (folder.path() / "admin.sock").string();
    admin::fake_control control;
    boost::asio::io_context context;
    admin::server api{context.get_executor(), control};
    std::thread thread;
};

TEST_F(Daemon, TellsItsStatus)
{
    const auto s = ask({"status"});
    EXPECT_EQ(s.code, 0) << s.err;
    EXPECT_THAT(s.out,
                HasSubstr("mx1.edge.example (site edge.example): healthy, up for 10m 25s, isthmus 1.2.3, pid 42\n"));
    EXPECT_THAT(s.out, HasSubstr("xproto       listens at 127.0.0.1:6525, [::1]:6525\n"));
    EXPECT_THAT(s.out, HasSubstr("sessions     smtp 3 in, 0 out; xproto 0 in, 0 out\n"));
    EXPECT_EQ(json::parse(ask({"status", "--json"}).out).at("addresses").at("smtp"), json::array{"127.0.0.1:2525"});
}

TEST_F(Daemon, TellsWhatAilsIt)
{
    control.now = {false, {"spool: less than 256MiB free"}};
    const auto s = ask({"status"});
    EXPECT_EQ(s.code, 0);
    EXPECT_THAT(s.out, HasSubstr("NOT healthy"));
    EXPECT_THAT(s.out, HasSubstr("problem      spool: less than 256MiB free\n"));
}

TEST_F(Daemon, IsFoundByTheConfiguration)
{
    const auto file = folder.put(
        "isthmus.toml", "site = \"edge.example\"\nhost = \"mx1.edge.example\"\n[admin]\nsocket = \"admin.sock\"\n");
    EXPECT_EQ(run({"status", "-c", file}).code, 0);
    EXPECT_EQ(run({"queue", "list", "-c", file, "--json"}).code, 0);
    const auto bad = folder.put("bad.toml", "site = 5\n");
    const auto s = run({"status", "-c", bad});
    EXPECT_EQ(s.code, bad_configuration);
    EXPECT_THAT(s.err, HasSubstr("bad.toml:1: site: "));
}

TEST_F(Daemon, CannotBeReachedWhenItIsGone)
{
    stop();
    for (const auto& command : std::vector<std::vector<std::string>>{{"status"},
                                                                     {"queue", "list"},
                                                                     {"queue", "show", "x"},
                                                                     {"queue", "retry", "x", "y"},
                                                                     {"queue", "delete", "--all"}}) {
        const auto s = ask(command);
        EXPECT_EQ(s.code, unreachable) << command.front();
        EXPECT_THAT(s.err, HasSubstr("isthmus: no daemon answers at " + socket + ": No such file or directory"));
        EXPECT_EQ(s.out, "");
    }
}

TEST_F(Daemon, ListsItsQueue)
{
    control.messages[0].recipients[0].address = "b\x1b[2J@carrier.example";
    const auto s = ask({"queue", "list"});
    EXPECT_EQ(s.code, 0) << s.err;
    EXPECT_THAT(s.out, HasSubstr("01hq8z2m4xk  "));
    EXPECT_THAT(s.out, HasSubstr("<a@edge.example>\n"));
    EXPECT_THAT(s.out, HasSubstr("-> <b?[2J@carrier.example> waiting, 2 attempts, due: 4.4.1 no \xef\xbf\xbd answer\n"))
        << "nothing may reach the terminal";
    EXPECT_THAT(s.out, HasSubstr("\n2 messages\n"));
    const auto j = json::parse(ask({"queue", "list", "--json"}).out);
    EXPECT_EQ(j.at("messages").as_array().size(), 2u);
    EXPECT_EQ(j.at("messages").at(1).at("id"), "01hq8z2m4xm");
}

TEST_F(Daemon, ListsQueuesLongerThanAPage)
{
    const auto first = control.messages.front();
    control.messages.clear();
    for (int i = 0; i < 1234; ++i) {
        control.messages.push_back(first);
        control.messages.back().id = "m" + std::to_string(10000 + i);
    }
    EXPECT_THAT(ask({"queue", "list"}).out, HasSubstr("\n1234 messages\n"));
    EXPECT_EQ(json::parse(ask({"queue", "list", "--json"}).out).at("messages").as_array().size(), 1234u);
    EXPECT_EQ(json::parse(ask({"queue", "list", "--json", "--limit", "700"}).out).at("messages").as_array().size(),
              700u);
    control.messages.clear();
    EXPECT_EQ(ask({"queue", "list"}).out, "0 messages\n");
    EXPECT_TRUE(json::parse(ask({"queue", "list", "--json"}).out).at("messages").as_array().empty());
}

TEST_F(Daemon, FiltersItsQueue)
{
    EXPECT_EQ(
        ask({"queue", "list", "--recipient", "\"a b\"@x.example", "--domain", "x.example", "--sender", "c&d@y.example"})
            .code,
        0);
    EXPECT_EQ(control.last_filter.recipient, "\"a b\"@x.example");
    EXPECT_EQ(control.last_filter.domain, "x.example");
    EXPECT_EQ(control.last_filter.sender, "c&d@y.example");
}

TEST_F(Daemon, ShowsAMessageAndItsObjects)
{
    const auto s = ask({"queue", "show", "01hq8z2m4xk"});
    EXPECT_EQ(s.code, 0) << s.err;
    EXPECT_THAT(s.out, HasSubstr("by ESMTPS from client.example [192.0.2.1]\n"));
    EXPECT_THAT(s.out, HasSubstr("octets     envelope 11, headers 10, body 200003\n"));
    EXPECT_EQ(json::parse(ask({"queue", "show", "01hq8z2m4xk", "--json"}).out).at("sender"), "a@edge.example");

    const auto out = (folder.path() / "m").string();
    EXPECT_EQ(ask({"queue", "show", "01hq8z2m4xk", "-o", out}).code, 0);
    EXPECT_EQ(folder.get("m/envelope.xml"), control.envelope);
    EXPECT_EQ(folder.get("m/headers.xml"), control.headers);
    EXPECT_EQ(folder.get("m/body"), control.body);
    const auto again = ask({"queue", "show", "01hq8z2m4xk", "-o", out});
    EXPECT_EQ(again.code, negative);
    EXPECT_THAT(again.err, HasSubstr("is there already"));
    EXPECT_EQ(ask({"queue", "show", "01hq8z2m4xk", "-o", out, "--force"}).code, 0);
}

TEST_F(Daemon, LeavesNoHalfObjectsBehind)
{
    control.fail_at = 100'000;
    EXPECT_NE(ask({"queue", "show", "01hq8z2m4xk", "-o", (folder.path() / "m").string()}).code, 0);
    EXPECT_TRUE(std::filesystem::is_empty(folder.path() / "m"));
}

TEST_F(Daemon, SaysNoToMessagesItDoesNotHave)
{
    for (const auto& command : std::vector<std::vector<std::string>>{
             {"queue", "show", "01hq8z2m4xx"}, {"queue", "retry", "01hq8z2m4xx"}, {"queue", "delete", "01hq8z2m4xx"}}) {
        const auto s = ask(command);
        EXPECT_EQ(s.code, negative);
        EXPECT_THAT(s.err, HasSubstr("there is no message 01hq8z2m4xx in the queue"));
    }
    EXPECT_EQ(ask({"queue", "delete", "../status"}).code, negative);
    EXPECT_EQ(control.messages.size(), 2u);
}

TEST_F(Daemon, RetriesAndDeletes)
{
    EXPECT_EQ(ask({"queue", "retry", "01hq8z2m4xk", "01hq8z2m4xm"}).out, "retried 2 messages\n");
    EXPECT_EQ(ask({"queue", "retry", "--all", "--json"}).out, "{\"retried\":2}\n");
    EXPECT_EQ(control.retried, 4u);
    const auto partly = ask({"queue", "delete", "01hq8z2m4xx", "01hq8z2m4xk"});
    EXPECT_EQ(partly.code, negative);
    EXPECT_EQ(partly.out, "deleted 1 message\n");
    EXPECT_EQ(control.messages.size(), 1u);
    EXPECT_EQ(ask({"queue", "delete", "--all"}).out, "deleted 1 message\n");
}

} // namespace
} // namespace gateway::cli
