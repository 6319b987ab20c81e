// HTTP from anyone: however it is split, and whatever it is.
#include "gateway/admin/http_message.hpp"

#include <gtest/gtest.h>

namespace gateway::admin {
namespace {

struct outcome {
    bool ok = true;
    bool complete = false;
    std::string method, target;
    bool keep_alive = false;
    unsigned status = 200; // of the error

    bool operator==(const outcome&) const = default;
};

void PrintTo(const outcome& o, std::ostream* out)
{
    *out << o.ok << o.complete << ' ' << o.method << ' ' << o.target << ' ' << o.keep_alive << ' ' << o.status;
}

outcome read(std::string_view octets, std::size_t piece)
{
    request_reader reader({512, 64});
    outcome o;
    for (; o.ok && !octets.empty() && !reader.complete(); octets.remove_prefix(std::min(piece, octets.size())))
        o.ok = reader.put(octets.substr(0, piece));
    o.status = reader.error().status;
    o.complete = o.ok && reader.complete();
    if (!o.complete) return o;
    o.method = reader.method();
    o.target = reader.target();
    o.keep_alive = reader.keep_alive();
    return o;
}

struct row {
    const char* name;
    std::string octets;
    outcome want;
};

TEST(HttpRequests, AreReadAlikeHoweverTheyAreSplit)
{
    const auto field = [](std::size_t n) { return "X: " + std::string(n, 'x') + "\r\n"; };
    const row rows[] = {
        {"plain", "GET /status HTTP/1.1\r\nHost: x\r\n\r\n", {true, true, "GET", "/status", true, 200}},
        {"body", "POST /reload HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc", {true, true, "POST", "/reload", true, 200}},
        {"chunked",
         "POST /reload HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
         {false, false, "", "", false, 411}},
        {"close", "GET / HTTP/1.1\r\nConnection: close\r\n\r\n", {true, true, "GET", "/", false, 200}},
        {"1.0", "GET / HTTP/1.0\r\n\r\n", {true, true, "GET", "/", false, 200}},
        {"unfinished", "GET / HTTP/1.1\r\nHost: x\r\n", {true, false, "", "", false, 200}},
        {"no HTTP", "EHLO client.example\r\n\r\n", {false, false, "", "", false, 400}},
        {"NUL", std::string("GET /\0 HTTP/1.1\r\n\r\n", 20), {false, false, "", "", false, 400}},
        {"bad version", "GET / HTTP/9.9\r\n\r\n", {false, false, "", "", false, 400}},
        {"two lengths",
         "POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
         {false, false, "", "", false, 400}},
        {"negative length", "POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n", {false, false, "", "", false, 400}},
        {"head too large", "GET / HTTP/1.1\r\n" + field(600) + "\r\n", {false, false, "", "", false, 431}},
        {"body too large", "POST / HTTP/1.1\r\nContent-Length: 65\r\n\r\n", {false, false, "", "", false, 413}},
    };
    for (const auto& r : rows)
        for (std::size_t piece = 1; piece <= r.octets.size(); ++piece)
            EXPECT_EQ(read(r.octets, piece), r.want) << r.name << " by " << piece;
}

TEST(HttpRequests, FollowOneAnotherOnAConnection)
{
    const std::string octets =
        "GET /a HTTP/1.1\r\n\r\nPOST /b HTTP/1.1\r\nContent-Length: 2\r\n\r\nxyGET /c HTTP/1.1\r\n\r\n";
    for (std::size_t piece = 1; piece <= octets.size(); ++piece) {
        request_reader reader;
        EXPECT_FALSE(reader.begun());
        std::string seen;
        for (std::size_t at = 0; at < octets.size(); at += piece) {
            ASSERT_TRUE(reader.put(std::string_view(octets).substr(at, piece)));
            EXPECT_TRUE(reader.begun());
            while (reader.complete()) {
                seen += std::string(reader.method()) + std::string(reader.target()) + ' ';
                ASSERT_TRUE(reader.next());
            }
        }
        EXPECT_EQ(seen, "GET/a POST/b GET/c ") << piece;
    }
}

TEST(HttpAnswers, HaveALengthAndAType)
{
    answer a;
    a.status = 405;
    a.body = "{}";
    a.allow = "GET";
    EXPECT_EQ(response_head(a, 11, true),
              "HTTP/1.1 405 Method Not Allowed\r\nContent-Type: application/json\r\nContent-Length: 2\r\n"
              "Allow: GET\r\nCache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n"
              "Connection: keep-alive\r\n\r\n");
    a = {};
    a.stream = object_stream{"x", object::body, 12345};
    EXPECT_EQ(response_head(a, 10, false),
              "HTTP/1.0 200 OK\r\nContent-Type: application/json\r\nContent-Length: 12345\r\n"
              "Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\nConnection: close\r\n\r\n");
}

} // namespace
} // namespace gateway::admin
