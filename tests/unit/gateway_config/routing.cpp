// Which route an address takes, and who may send there.
#include "gateway/config/settings.hpp"

#include <gtest/gtest.h>

namespace gateway::config {
namespace {

struct row {
    const char* pattern;
    const char* domain;
    bool want;
};

TEST(RouteDomain, MatchesExactlyBelowOrAll)
{
    const row rows[] = {
        {"edge.example", "edge.example", true},
        {"edge.example", "EDGE.Example", true},
        {"edge.example", "edge.example.", true},
        {"edge.example.", "edge.example", true},
        {"edge.example", "edge.example..", false},
        {"edge.example", "a.edge.example", false},
        {"edge.example", "notedge.example", false},
        {"edge.example", "edge.example.com", false},
        {"*.edge.example", "a.edge.example", true},
        {"*.edge.example", "b.a.Edge.example.", true},
        {"*.edge.example", "edge.example", false},
        {"*.edge.example", ".edge.example", false},
        {"*.edge.example", "notedge.example", false},
        {"*", "edge.example", true},
        {"*", "[192.0.2.1]", true},
        {"*", "", false},
        {"*", ".", false},
        {"", "", false},
        {"bücher.example", "bücher.example", true},
        {"bücher.example", "BüCHER.example", true}, // ASCII letters only
        {"bücher.example", "bÜcher.example", false},
        {"bücher.example", "xn--bcher-kva.example", false}, // two names until someone says they are one
        {"xn--bcher-kva.example", "XN--bcher-kva.example", true},
    };
    for (const auto& r : rows) EXPECT_EQ(matches(r.pattern, r.domain), r.want) << r.pattern << ' ' << r.domain;
}

settings with_routes(std::vector<route> routes)
{
    settings s;
    s.routes = std::move(routes);
    return s;
}

TEST(Routes, AreTriedInOrder)
{
    const auto s = with_routes({{"a.edge.example", route_via::smtp, {"one", 1}, ""},
                                {"*.edge.example", route_via::smtp, {"two", 2}, ""},
                                {"edge.example", route_via::xproto, {"three", 3}, "h.example"},
                                {"*", route_via::smtp, {"four", 4}, ""},
                                {"late.example", route_via::smtp, {"five", 5}, ""}});
    const std::pair<const char*, int> rows[] = {{"a.edge.example", 1}, {"A.EDGE.EXAMPLE.", 1}, {"b.edge.example", 2},
                                                {"edge.example", 3},   {"other.example", 4},   {"late.example", 4}};
    for (const auto& [domain, port] : rows) {
        const auto* found = s.route_for(domain);
        ASSERT_NE(found, nullptr) << domain;
        EXPECT_EQ(found->to.port, port) << domain;
    }
    EXPECT_EQ(s.route_for(""), nullptr);
    EXPECT_EQ(with_routes({}).route_for("edge.example"), nullptr);
}

TEST(Routes, MakeNoOpenRelay)
{
    const auto s = with_routes({{"edge.example", route_via::smtp, {"a", 1}, ""},
                                {"*.edge.example", route_via::smtp, {"a", 1}, ""},
                                {"looked-up.example", route_via::dns, {}, ""},
                                {"*", route_via::smtp, {"smarthost", 1}, ""}});
    EXPECT_TRUE(s.takes_from_anyone("edge.example"));
    EXPECT_TRUE(s.takes_from_anyone("a.EDGE.example."));
    EXPECT_FALSE(s.takes_from_anyone("looked-up.example"));
    EXPECT_FALSE(s.takes_from_anyone("anything.example"));
    EXPECT_FALSE(s.takes_from_anyone(""));
    EXPECT_FALSE(settings{}.may_relay("127.0.0.1"));
}

} // namespace
} // namespace gateway::config
