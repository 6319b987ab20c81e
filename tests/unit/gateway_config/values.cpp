// Durations, sizes, addresses and networks: what is read, what is refused, and that writing is the inverse.
#include "gateway/config/endpoint.hpp"
#include "gateway/config/quantity.hpp"

#include <gtest/gtest.h>

#include <chrono>

namespace gateway::config {
namespace {

using std::chrono::seconds;

TEST(Durations, AreReadAndWrittenInverse)
{
    const std::pair<const char*, std::int64_t> rows[] = {{"0s", 0},      {"1s", 1},       {"30s", 30},
                                                         {"90s", 90},    {"5m", 300},     {"4h", 14400},
                                                         {"5d", 432000}, {"2w", 1209600}, {"36600d", 3162240000}};
    for (const auto& [text, value] : rows) {
        EXPECT_EQ(duration_from_text(text), seconds(value)) << text;
        EXPECT_EQ(to_text(seconds(value)), text);
    }
    EXPECT_EQ(duration_from_text("60"), seconds(60));
    EXPECT_EQ(to_text(seconds(60)), "1m");
    EXPECT_EQ(duration_from_text("007m"), seconds(420));
}

TEST(Durations, RefuseEverythingElse)
{
    for (const auto* text : {"", "s", "m5", "5 m", " 5m", "5m ", "-5m", "+5m", "5M", "1.5h", "1h30m", "5min", "0x10s",
                             "36601d", "99999999999999999999", "18446744073709551615w"})
        EXPECT_FALSE(duration_from_text(text)) << text;
}

TEST(Sizes, AreReadAndWrittenInverse)
{
    const std::pair<const char*, std::uint64_t> rows[] = {{"0B", 0},
                                                          {"1B", 1},
                                                          {"1000B", 1000},
                                                          {"64KiB", 65536},
                                                          {"50MiB", 52428800},
                                                          {"1GiB", 1073741824},
                                                          {"4194304TiB", 4611686018427387904}};
    for (const auto& [text, value] : rows) {
        EXPECT_EQ(octets_from_text(text), value) << text;
        EXPECT_EQ(octets_to_text(value), text);
    }
    EXPECT_EQ(octets_from_text("10"), 10u);
    EXPECT_EQ(octets_from_text("10kB"), 10'000u);
    EXPECT_EQ(octets_from_text("10MB"), 10'000'000u);
    EXPECT_EQ(octets_from_text("10GB"), 10'000'000'000u);
    EXPECT_EQ(octets_from_text("10TB"), 10'000'000'000'000u);
}

TEST(Sizes, RefuseEverythingElse)
{
    for (const auto* text :
         {"", "MiB", "-1", "1 MiB", "1mib", "1KB", "1K", "1.5MiB", "4194305TiB", "18446744073709551616"})
        EXPECT_FALSE(octets_from_text(text)) << text;
}

TEST(Endpoints, AreReadAndWrittenInverse)
{
    const std::pair<const char*, endpoint> rows[] = {
        {"127.0.0.1:2525", {"127.0.0.1", 2525}},
        {"[::1]:25", {"::1", 25}},
        {"0.0.0.0:0", {"0.0.0.0", 0}},
        {"mx1.carrier.example:6525", {"mx1.carrier.example", 6525}},
        {"localhost:65535", {"localhost", 65535}},
    };
    for (const auto& [text, value] : rows) {
        EXPECT_EQ(endpoint_from_text(text), value) << text;
        EXPECT_EQ(to_text(value), text);
    }
}

TEST(Endpoints, RefuseEverythingElse)
{
    for (const auto* text : {"", ":25", "25", "127.0.0.1", "127.0.0.1:", "127.0.0.1:x", "127.0.0.1:-1",
                             "127.0.0.1:65536", "::1:25", "[::1]", "[::1]25", "[127.0.0.1]:25", "[mx1]:25", "a b:25",
                             "a..b:25", ".a:25", "smtp://a:25", "a:25/x", "mx\xc3\xbc:25"})
        EXPECT_FALSE(endpoint_from_text(text)) << text;
    EXPECT_FALSE(endpoint_from_text(std::string_view("a\0b:25", 6)));
}

struct network_row {
    const char* network;
    const char* address;
    bool inside;
};

TEST(Networks, ContainTheirAddresses)
{
    const network_row rows[] = {
        {"127.0.0.0/8", "127.0.0.1", true},
        {"127.0.0.0/8", "127.255.255.255", true},
        {"127.0.0.0/8", "128.0.0.0", false},
        {"127.0.0.0/8", "126.255.255.255", false},
        {"10.1.2.3", "10.1.2.3", true},
        {"10.1.2.3", "10.1.2.2", false},
        {"0.0.0.0/0", "255.255.255.255", true},
        {"0.0.0.0/0", "::1", false},
        {"192.0.2.128/25", "192.0.2.129", true},
        {"192.0.2.128/25", "192.0.2.127", false},
        {"2001:db8::/32", "2001:db8:1::1", true},
        {"2001:db8::/32", "2001:db9::1", false},
        {"2001:db8::/33", "2001:db8:8000::", false},
        {"::1", "::1", true},
        {"::/0", "2001:db8::1", true},
        {"::/0", "127.0.0.1", false},
        // A dual-stack listener shows IPv4 clients in their mapped form.
        {"127.0.0.0/8", "::ffff:127.0.0.1", true},
        {"127.0.0.0/8", "::ffff:128.0.0.1", false},
        {"::/0", "::ffff:127.0.0.1", false},
        {"::ffff:127.0.0.0/104", "127.0.0.1", true},
        {"::ffff:127.0.0.0/104", "::ffff:127.0.0.1", true},
        {"::ffff:127.0.0.0/104", "128.0.0.1", false},
        {"127.0.0.0/8", "", false},
        {"127.0.0.0/8", "localhost", false},
        {"127.0.0.0/8", "127.0.0.1:25", false},
        {"127.0.0.0/8", "127.1", false},
    };
    for (const auto& row : rows) {
        const auto read = network::from_text(row.network);
        ASSERT_TRUE(read) << row.network;
        EXPECT_EQ(read->contains(row.address), row.inside) << row.network << ' ' << row.address;
    }
}

TEST(Networks, AreWrittenAsTheyAreRead)
{
    for (const auto* text : {"127.0.0.0/8", "10.1.2.3/32", "2001:db8::/32", "::/0", "0.0.0.0/0"}) {
        const auto read = network::from_text(text);
        ASSERT_TRUE(read) << text;
        EXPECT_EQ(read->text(), text);
        EXPECT_EQ(network::from_text(read->text()), read);
    }
}

TEST(Networks, RefuseEverythingElse)
{
    for (const auto* text : {"", "/8", "127.0.0.0/", "127.0.0.0/33", "127.0.0.0/-1", "127.0.0.0/8x", "127.0.0.1/8",
                             "127/8", "localhost", "::/129", "2001:db8::1/32", "10.0.0.0/8/8", "[::1]"})
        EXPECT_FALSE(network::from_text(text)) << text;
}

} // namespace
} // namespace gateway::config
