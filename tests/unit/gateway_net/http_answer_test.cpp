// Answers to a GET: what is a file, what is no news, and what is refused, however the octets arrive.
#include "gateway/net/http_answer.hpp"

#include <gtest/gtest.h>

namespace gateway::net {
namespace {

using outcome = http_answer::outcome;

http_answer read(std::string_view octets, std::size_t piece, bool may_be_unchanged = false, std::uint64_t most = 64)
{
    http_answer_reader reader(most, may_be_unchanged);
    for (; !octets.empty(); octets.remove_prefix(std::min(piece, octets.size())))
        if (reader.put(octets.substr(0, piece))) return reader.take();
    reader.put_end();
    return reader.take();
}

struct row {
    const char* octets;
    outcome what;
    const char* body_or_why; // why: what stands in it
};

TEST(HttpAnswer, IsAFileOrWordsForWhatIsWrong)
{
    const row table[] = {
        {"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc", outcome::fetched, "abc"},
        {"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", outcome::fetched, ""},
        {"HTTP/1.0 200 OK\r\nContent-Length: 3\r\n\r\nabc and more", outcome::fetched, "abc"},
        {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\n\r\n", outcome::fetched,
         "abc"},
        {"HTTP/1.1 200 OK\r\nContent-Encoding: identity\r\nContent-Length: 1\r\n\r\na", outcome::fetched, "a"},
        {"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nab", outcome::failed, "ended before"},
        {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n", outcome::failed, "ended before"},
        {"HTTP/1.1 200 OK\r\n\r\nabc", outcome::failed, "does not say how long"},
        {"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc", outcome::failed,
         "encoded (gzip)"},
        {"HTTP/1.1 200 OK\r\nContent-Length: 65\r\n\r\n", outcome::failed, "more than 64 octets"},
        {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n41\r\n", outcome::failed, "more than 64 octets"},
        {"HTTP/1.1 301 Moved\r\nLocation: https://x.example/\r\nContent-Length: 0\r\n\r\n", outcome::failed,
         "answers 301 and points to \"https://x.example/\": redirects are not followed"},
        {"HTTP/1.1 304 Not Modified\r\n\r\n", outcome::failed, "answers 304"},
        {"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", outcome::failed, "answers 404 Not Found"},
        {"HTTP/1.1 206 Partial Content\r\nContent-Length: 1\r\n\r\na", outcome::failed, "answers 206"},
        {"220 mx1.example ESMTP\r\n\r\n", outcome::failed, "no HTTP"},
        {"", outcome::failed, "ended before"},
    };
    for (const auto& r : table)
        for (const std::size_t piece : {1, 2, 7, 4096}) {
            const auto got = read(r.octets, piece);
            EXPECT_EQ(got.what, r.what) << r.octets << " by " << piece << ": " << got.why;
            if (r.what == outcome::fetched)
                EXPECT_EQ(got.body, r.body_or_why) << r.octets;
            else
                EXPECT_NE(got.why.find(r.body_or_why), std::string::npos) << r.octets << ": " << got.why;
        }
}

TEST(HttpAnswer, NamesItsVersion)
{
    const auto got = read("HTTP/1.1 200 OK\r\nETag: \"v1\"\r\nLast-Modified: Sun, 22 Nov 2026 12:00:00 GMT\r\n"
                          "Content-Length: 1\r\n\r\na",
                          4096);
    EXPECT_EQ(got.version, (file_version{"\"v1\"", "Sun, 22 Nov 2026 12:00:00 GMT"}));
    const auto again = http_get_request("lists.example", 8443, "/a?b", got.version);
    EXPECT_TRUE(again.starts_with("GET /a?b HTTP/1.1\r\nHost: lists.example:8443\r\n")) << again;
    EXPECT_NE(again.find("\r\nIf-None-Match: \"v1\"\r\n"), again.npos);
    EXPECT_NE(again.find("\r\nIf-Modified-Since: Sun, 22 Nov 2026 12:00:00 GMT\r\n"), again.npos);
    EXPECT_NE(http_get_request("2001:db8::1", 443, "/", {}).find("Host: [2001:db8::1]\r\n"), again.npos);
}

TEST(HttpAnswer, MayBeNoNewsOnlyWhenAsked)
{
    EXPECT_EQ(read("HTTP/1.1 304 Not Modified\r\nETag: \"v1\"\r\n\r\n", 3, true).what, outcome::unchanged);
}

TEST(HttpAnswer, HasABoundedHead)
{
    std::string octets = "HTTP/1.1 200 OK\r\n";
    while (octets.size() <= 2 * http_answer_reader::header_octets) octets += "X-Filler: 0123456789\r\n";
    const auto got = read(octets + "Content-Length: 0\r\n\r\n", 1000);
    EXPECT_EQ(got.what, outcome::failed) << got.why;
}

} // namespace
} // namespace gateway::net
