// The API over real sockets: who may connect, what is left behind, and what impatient, slow and rude clients get.
#include "gateway/admin/server.hpp"

#include "gateway/admin/client.hpp"
#include "tests/unit/gateway_admin/fake_control.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <gtest/gtest.h>

#include <fstream>
#include <future>
#include <sys/stat.h>
#include <thread>

namespace gateway::admin {
namespace {

namespace asio = boost::asio;
namespace errc = boost::system::errc;
using boost::system::error_code;
using unix_protocol = asio::local::stream_protocol;

class AdminServer : public testing::Test {
  protected:
    AdminServer()
    {
        folder = std::filesystem::path(testing::TempDir()) / ("isthmus-admin-" + std::to_string(getpid()));
        std::filesystem::create_directories(folder);
        socket = folder / "admin.sock";
    }
    ~AdminServer() override
    {
        finish();
        std::filesystem::remove_all(folder);
    }

    // Serves until finish(), in a thread of its own.
    void begin(server_limits limits = {})
    {
        api.emplace(context.get_executor(), daemon, limits);
        const auto listening = api->listen_unix(socket);
        ASSERT_TRUE(listening) << listening.error().message();
        const auto bound = api->listen_tcp("127.0.0.1", 0);
        ASSERT_TRUE(bound) << bound.error().message();
        port = static_cast<std::uint16_t>(std::stoi(bound->substr(bound->rfind(':') + 1)));
        thread = std::thread([this] { context.run(); });
    }
    void finish()
    {
        if (!thread.joinable()) return;
        asio::post(context, [this] { api->stop(); });
        thread.join();
    }
    // Everything the server says to these octets on TCP until it closes.
    std::string talk(const std::string& octets)
    {
        asio::io_context own;
        asio::ip::tcp::socket s(own);
        s.connect({asio::ip::make_address("127.0.0.1"), port});
        asio::write(s, asio::buffer(octets));
        std::string all;
        error_code end;
        asio::read(s, asio::dynamic_buffer(all), end);
        return all;
    }

    std::filesystem::path folder, socket;
    asio::io_context context;
    fake_control daemon;
    std::optional<server> api;
    std::uint16_t port = 0;
    std::thread thread;
};

TEST_F(AdminServer, AnswersOnTheUnixSocketToItsOwnerOnly)
{
    begin();
    struct stat facts {};
    ASSERT_EQ(stat(socket.c_str(), &facts), 0);
    EXPECT_EQ(facts.st_mode & 0777, 0600u);
    const auto got = request(socket, "GET", "/health");
    ASSERT_TRUE(got) << got.error().message();
    EXPECT_EQ(got->status, 200u);
    EXPECT_EQ(got->body, R"({"ok":true,"problems":[]})");
    EXPECT_EQ(request(socket, "DELETE", "/queue/01hq8z2m4xk")->body, R"({"deleted":1})");
    EXPECT_EQ(request(socket, "GET", "/nowhere")->status, 404u);
}

TEST_F(AdminServer, OnlyLooksOnTcp)
{
    begin();
    const auto close = " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    EXPECT_TRUE(talk(std::string("GET /metrics") + close).ends_with("\r\n\r\nisthmus_up 1\n"));
    EXPECT_TRUE(talk(std::string("DELETE /queue?all=yes") + close).starts_with("HTTP/1.1 403 "));
    EXPECT_TRUE(talk(std::string("POST /reload") + close).starts_with("HTTP/1.1 403 "));
    EXPECT_EQ(daemon.messages.size(), 2u);
}

TEST_F(AdminServer, SendsObjectsOfAnySizeWhole)
{
    begin();
    std::string body;
    const auto got = download(socket, "/queue/01hq8z2m4xk/body", [&](std::string_view piece) {
        body += piece;
        return true;
    });
    ASSERT_TRUE(got) << got.error().message();
    EXPECT_EQ(body, daemon.body);
    const auto missing = download(socket, "/queue/01hq8z2m4xx/body", [](std::string_view) { return false; });
    ASSERT_TRUE(missing);
    EXPECT_EQ(missing->status, 404u);
    EXPECT_NE(missing->body.find("01hq8z2m4xx"), std::string::npos);
    const auto given_up = download(socket, "/queue/01hq8z2m4xk/body", [](std::string_view) { return false; });
    ASSERT_FALSE(given_up);
    EXPECT_EQ(given_up.error(), errc::operation_canceled);
}

TEST_F(AdminServer, NeverPassesOffHalfAnObjectAsWhole)
{
    daemon.fail_at = 100'000;
    begin();
    std::size_t octets = 0;
    const auto got = download(socket, "/queue/01hq8z2m4xk/body", [&](std::string_view piece) {
        octets += piece.size();
        return true;
    });
    EXPECT_FALSE(got);
    EXPECT_LT(octets, daemon.body.size());
}

TEST_F(AdminServer, KeepsAConnectionForSeveralRequestsAsSentAtOnce)
{
    begin();
    const auto all = talk(
        "GET /health HTTP/1.1\r\n\r\nHEAD /health HTTP/1.1\r\n\r\nGET /metrics HTTP/1.1\r\nConnection: close\r\n\r\n");
    std::size_t answers = 0;
    for (auto at = all.find("HTTP/1.1 200"); at != all.npos; at = all.find("HTTP/1.1 200", at + 1)) ++answers;
    EXPECT_EQ(answers, 3u);
    EXPECT_EQ(all.find(R"({"ok")"), all.rfind(R"({"ok")")) << "HEAD has no body";
}

TEST_F(AdminServer, TellsTheRudeAndLetsThemGo)
{
    begin();
    EXPECT_TRUE(talk("EHLO x\r\n\r\n").starts_with("HTTP/1.1 400 "));
    EXPECT_TRUE(talk("GET / HTTP/1.1\r\nX: " + std::string(9000, 'x') + "\r\n\r\n").starts_with("HTTP/1.1 431 "));
    EXPECT_TRUE(talk("POST /reload HTTP/1.1\r\nContent-Length: 1000000\r\n\r\n").starts_with("HTTP/1.1 413 "));
    EXPECT_EQ(request(socket, "GET", "/health")->status, 200u);
}

TEST_F(AdminServer, ClosesOnTheSlow)
{
    server_limits limits;
    limits.patience = std::chrono::seconds(1);
    begin(limits);
    EXPECT_EQ(talk("GET /health HTTP/1.1\r\nHost:"), "");
    EXPECT_EQ(request(socket, "GET", "/health")->status, 200u);
}

TEST_F(AdminServer, ServesTheNextWhenAConnectionBecomesFree)
{
    server_limits limits;
    limits.connections = 2;
    limits.patience = std::chrono::seconds(1);
    begin(limits);
    asio::io_context own;
    unix_protocol::socket one(own), two(own);
    one.connect(unix_protocol::endpoint(socket.string()));
    two.connect(unix_protocol::endpoint(socket.string()));
    const auto got = request(socket, "GET", "/health"); // waits in the kernel until the two have been closed
    ASSERT_TRUE(got) << got.error().message();
    EXPECT_EQ(got->status, 200u);
}

TEST_F(AdminServer, EndsAConnectionAfterItsShareOfRequests)
{
    server_limits limits;
    limits.requests_per_connection = 2;
    begin(limits);
    const std::string one = "GET /metrics HTTP/1.1\r\n\r\n";
    const auto all = talk(one + one);
    EXPECT_NE(all.find("Connection: keep-alive"), all.npos);
    EXPECT_NE(all.find("Connection: close"), all.npos);
}

TEST_F(AdminServer, StopsAtOnceAndTakesItsSocketAway)
{
    begin();
    asio::io_context own;
    unix_protocol::socket idle(own);
    idle.connect(unix_protocol::endpoint(socket.string()));
    EXPECT_EQ(request(socket, "GET", "/health")->status, 200u);
    finish();
    EXPECT_FALSE(std::filesystem::exists(socket));
    const auto got = request(socket, "GET", "/health");
    ASSERT_FALSE(got);
    EXPECT_EQ(got.error(), errc::no_such_file_or_directory);
}

TEST_F(AdminServer, ReplacesASocketThatADeadProcessLeft)
{
    {
        unix_protocol::acceptor dead(context, unix_protocol::endpoint(socket.string()));
    }
    ASSERT_TRUE(std::filesystem::exists(socket));
    const auto refused = request(socket, "GET", "/health");
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error(), errc::connection_refused);
    begin();
    EXPECT_EQ(request(socket, "GET", "/health")->status, 200u);
}

TEST_F(AdminServer, RefusesASocketThatIsServed)
{
    unix_protocol::acceptor living(context, unix_protocol::endpoint(socket.string()));
    server late(context.get_executor(), daemon);
    const auto listening = late.listen_unix(socket);
    ASSERT_FALSE(listening);
    EXPECT_EQ(listening.error(), errc::address_in_use);
    late.stop();
    EXPECT_TRUE(std::filesystem::exists(socket)) << "it is not ours";
}

TEST_F(AdminServer, LeavesOtherFilesAlone)
{
    std::ofstream(socket) << "precious";
    server late(context.get_executor(), daemon);
    const auto listening = late.listen_unix(socket);
    ASSERT_FALSE(listening);
    EXPECT_EQ(listening.error(), errc::file_exists);
    EXPECT_EQ(std::filesystem::file_size(socket), 8u);
    EXPECT_FALSE(late.listen_unix(folder / "no" / "such" / "folder"));
    EXPECT_FALSE(late.listen_tcp("localhost", 0)) << "addresses only";
}

TEST_F(AdminServer, LeavesASocketThatAnotherHasPutInItsPlace)
{
    begin();
    std::filesystem::remove(socket);
    unix_protocol::acceptor other(context, unix_protocol::endpoint(socket.string()));
    finish();
    EXPECT_TRUE(std::filesystem::exists(socket));
}

TEST_F(AdminServer, ClientGivesUpOnADaemonThatDoesNotAnswer)
{
    unix_protocol::acceptor silent(context, unix_protocol::endpoint(socket.string()));
    const auto got = request(socket, "GET", "/health", std::chrono::seconds(1));
    ASSERT_FALSE(got);
    EXPECT_EQ(got.error(), errc::timed_out);
}

TEST_F(AdminServer, ClientRefusesAnswersThatAreNoHttp)
{
    for (const std::string answer :
         {"", "220 mx1.edge.example ESMTP\r\n", "HTTP/1.1 200 OK\r\n\r\n",
          "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabc",
          "HTTP/1.1 2", "HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n"}) {
        std::filesystem::remove(socket);
        asio::io_context own;
        unix_protocol::acceptor acceptor(own, unix_protocol::endpoint(socket.string()));
        std::thread liar([&] {
            auto s = acceptor.accept();
            std::array<char, 1000> request_octets{};
            error_code ignored;
            s.read_some(asio::buffer(request_octets), ignored);
            asio::write(s, asio::buffer(answer), ignored);
        });
        EXPECT_FALSE(request(socket, "GET", "/health", std::chrono::seconds(5))) << answer;
        liar.join();
    }
}

} // namespace
} // namespace gateway::admin
