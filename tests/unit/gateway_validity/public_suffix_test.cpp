// The real public suffix list, as the rules of delegation use it.
#include "gateway/validity/public_suffix.hpp"

#include <gtest/gtest.h>

namespace {

TEST(PublicSuffix, IsNobodysOwnDomain)
{
    const gateway::validity::public_suffix_list list;
    const std::pair<std::string, std::string> table[] = {
        {"ehsco.com", "ehsco.com"},
        {"mail.ehsco.com", "ehsco.com"},
        {"com", ""},
        {"co.uk", ""},
        {"ehsco.co.uk", "ehsco.co.uk"},
        {"a.b.ehsco.co.uk", "ehsco.co.uk"},
        {"github.io", ""}, // the private section
        {"mail.ehsco.github.io", "ehsco.github.io"},
        {"bar.ck", ""}, // *.ck
        {"mx.foo.bar.ck", "foo.bar.ck"},
        {"www.ck", "www.ck"},                // an exception
        {"mx.edge.example", "edge.example"}, // a last label that the list does not have
        {"example", ""},
        {"xn--55qx5d.cn", ""}, // an IDN suffix, in A-labels
        {"mx.xn--85x722f.xn--55qx5d.cn", "xn--85x722f.xn--55qx5d.cn"},
        {"xn--p1ai", ""},
    };
    for (const auto& [name, want] : table) EXPECT_EQ(list.registrable_domain(name).value_or(""), want) << name;
}

} // namespace
