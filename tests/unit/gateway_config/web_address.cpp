// Addresses of lists on the web: https, and nothing that two programs could read in two ways.
#include "gateway/config/web_address.hpp"

#include <gtest/gtest.h>

namespace gateway::config {
namespace {

TEST(WebAddress, IsHttpsWithHostPortAndPath)
{
    const std::pair<const char*, web_address> table[] = {
        {"https://lists.example/block.txt", {"lists.example", 443, "/block.txt"}},
        {"https://lists.example", {"lists.example", 443, "/"}},
        {"https://lists.example?a=b", {"lists.example", 443, "/?a=b"}},
        {"https://lists.example:8443/a/b?c=%20d", {"lists.example", 8443, "/a/b?c=%20d"}},
        {"https://192.0.2.1/", {"192.0.2.1", 443, "/"}},
        {"https://[2001:db8::1]:444/x", {"2001:db8::1", 444, "/x"}},
        {"https://[::1]", {"::1", 443, "/"}},
    };
    for (const auto& [text, want] : table) EXPECT_EQ(web_address_from_text(text), want) << text;
}

TEST(WebAddress, IsNothingElse)
{
    const std::string table[] = {
        "",
        "http://lists.example/",
        "HTTPS://lists.example/",
        "ftp://lists.example",
        "lists.example/block.txt",
        "https://",
        "https:///x",
        "https://user@lists.example/",
        "https://user:pw@lists.example/",
        "https://lists.example/#part",
        "https://lists.example/a b",
        "https://lists.example/a\r\nX: y",
        "https://lists.example:/",
        "https://lists.example:0/",
        "https://lists.example:65536/",
        "https://lists.example:44x/",
        "https://[::1",
        "https://[::1]x/",
        "https://[::1]443",
        "https://::1/",
        "https://lists.example/" + std::string(2000, 'a'),
    };
    for (const auto& text : table) EXPECT_FALSE(web_address_from_text(text)) << text;
}

} // namespace
} // namespace gateway::config
