// The relay rule, as a table: who may send where.
#include "gateway/admission/relay.hpp"

#include <gtest/gtest.h>

namespace {

using gateway::config::route;
using gateway::config::route_via;

route make_route(const char* domain, route_via via)
{
    route made;
    made.domain = domain;
    made.via = via;
    return made;
}

gateway::config::settings edge()
{
    gateway::config::settings settings;
    settings.site = "edge.example";
    settings.routes = {make_route("edge.example", route_via::smtp), make_route("*.edge.example", route_via::smtp),
                       make_route("carrier.example", route_via::xproto)};
    return settings;
}

struct row {
    const char* name;
    bool trusted;
    const char* address;
    int want; // status class
    int detail;
};

TEST(Relay, AnyoneMaySendToDomainsThatRoutesNameAndNowhereElse)
{
    const row rows[] = {
        {"the site's own domain", false, "bob@edge.example", 2, 0},
        {"letter case does not matter", false, "bob@Edge.EXAMPLE", 2, 0},
        {"a domain below it", false, "bob@lists.edge.example", 2, 0},
        {"a domain that ends alike", false, "bob@notedge.example", 5, 1},
        {"a bare postmaster belongs to the site", false, "postmaster", 2, 0},
        {"a peer's domain that a route names", false, "bob@carrier.example", 2, 0},
        {"a stranger's domain", false, "bob@elsewhere.example", 5, 1},
        {"an @ in a quoted local part", false, "\"bob@edge.example\"@elsewhere.example", 5, 1},
        {"a percent sign routes nothing", false, "bob%edge.example@elsewhere.example", 5, 1},
        {"an address literal", false, "bob@[192.0.2.1]", 5, 1},
        {"who may relay still needs a route", true, "bob@elsewhere.example", 5, 2},
    };
    const auto settings = edge();
    for (const auto& r : rows) {
        const auto v = gateway::admission::check_recipient(settings, r.trusted, r.address);
        EXPECT_EQ(v.code.status_class, r.want) << r.name;
        if (r.want != 5) continue;
        EXPECT_EQ(v.outcome, mapping::verdict::kind::rejected) << r.name;
        EXPECT_EQ(v.code.detail, r.detail) << r.name;
    }
}

TEST(Relay, ADefaultRouteOpensNothingForStrangers)
{
    auto settings = edge();
    settings.routes.push_back(make_route("*", route_via::xproto));
    const auto stranger = gateway::admission::check_recipient(settings, false, "bob@elsewhere.example");
    EXPECT_EQ(stranger.outcome, mapping::verdict::kind::rejected);
    const auto friendly = gateway::admission::check_recipient(settings, true, "bob@elsewhere.example");
    EXPECT_EQ(friendly.outcome, mapping::verdict::kind::delivered);
}

TEST(Relay, AnUnknownPeerReachesThisSitesOwnDomainsOnly)
{
    auto settings = edge();
    settings.routes.push_back(make_route("lab.edge.example", route_via::xproto)); // by a gateway of our own
    settings.routes.push_back(make_route("*", route_via::smtp));
    const std::pair<const char*, bool> rows[] = {
        {"bob@edge.example", true},       {"bob@lists.Edge.example", true}, {"postmaster", true},
        {"bob@carrier.example", false}, // though a route names it
        {"bob@elsewhere.example", false}, {"bob@notedge.example", false},   {"bob%edge.example@carrier.example", false},
    };
    for (const auto& [address, may] : rows)
        EXPECT_EQ(gateway::admission::check_stranger_recipient(settings, address).outcome ==
                      mapping::verdict::kind::delivered,
                  may)
            << address;
    settings.routes = {make_route("*.edge.example", route_via::xproto), make_route("edge.example", route_via::xproto)};
    EXPECT_TRUE(settings.is_own("lab.edge.example"));
    EXPECT_TRUE(settings.is_own("edge.example"));
}

} // namespace
