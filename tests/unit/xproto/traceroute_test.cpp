// Probes and answers: written and read back, and refused when they are anything else.
#include "xproto/traceroute.hpp"

#include "tests/support/scratch.hpp"
#include "tests/support/xproto_samples.hpp"
#include "xproto/codes.hpp"

#include <gtest/gtest.h>

namespace {

using namespace xproto;

route_answer an_answer()
{
    return {2, "k3v7@edge.example", "mx1.home.example", samples::noon, "smtp:store.home.example"};
}

TEST(Traceroute, IsReadAsItIsWritten)
{
    for (const std::uint32_t hops : {1U, 7U, 64U})
        EXPECT_EQ(read_route_probe(write_xml(route_probe{hops}))->hops, hops);
    EXPECT_EQ(*read_route_answer(write_xml(an_answer())), an_answer());
    samples::random_values random(4);
    for (int i = 0; i < 500; ++i) {
        auto answer = an_answer();
        answer.probe = random.octets();
        answer.host = random.octets();
        answer.next = random.octets();
        const auto read = read_route_answer(write_xml(answer));
        ASSERT_TRUE(read) << read.error().what;
        EXPECT_EQ(*read, answer);
    }
}

TEST(Traceroute, TravelsInAnEnvelope)
{
    const auto sent = make_probe({3}, "process@edge.example", "bob@home.example", "1@edge.example", samples::noon);
    const auto read = read_envelope(write(sent));
    ASSERT_TRUE(read) << read.error().what;
    EXPECT_EQ(probe_of(*read)->hops, 3U);
    EXPECT_TRUE(read->extensions[0].critical);
    const auto answer = read_envelope(write(make_answer(an_answer(), "process@edge.example", "2@x", samples::noon)));
    ASSERT_TRUE(answer) << answer.error().what;
    EXPECT_EQ(answer->from.address, "");
    EXPECT_EQ(*read_route_answer(find_extension(*answer, route_answer_oid)->content), an_answer());
}

TEST(Traceroute, IsTheOnlyOneAndCritical)
{
    const auto sent = make_probe({3}, "process@edge.example", "bob@home.example", "1@edge.example", samples::noon);
    auto idle = sent;
    idle.extensions[0].critical = false;
    EXPECT_FALSE(probe_of(idle));
    auto two = sent;
    two.extensions.push_back(sent.extensions[0]);
    EXPECT_FALSE(probe_of(two));
    auto both = sent;
    both.extensions.push_back(make_answer(an_answer(), "process@edge.example", "2@x", samples::noon).extensions[0]);
    EXPECT_FALSE(probe_of(both));
}

TEST(Traceroute, OfAnythingElseIsRefused)
{
    const char* const probes[] = {
        "",
        "text",
        "<probe/>",
        "<probe xmlns=\"urn:xproto:traceroute:1\"/>",
        "<probe xmlns=\"urn:xproto:traceroute:1\" hops=\"0\"/>",
        "<probe xmlns=\"urn:xproto:traceroute:1\" hops=\"65\"/>",
        "<probe xmlns=\"urn:xproto:traceroute:1\" hops=\"1\">x</probe>",
        "<probe xmlns=\"urn:xproto:traceroute:1\" hops=\"1\" more=\"1\"/>",
        "<probe xmlns=\"urn:xproto:traceroute:2\" hops=\"1\"/>",
        "<answer xmlns=\"urn:xproto:traceroute:1\" hop=\"1\"/>",
    };
    for (const auto* const text : probes) EXPECT_FALSE(read_route_probe(text)) << text;
    const std::string answer = write_xml(an_answer());
    for (const std::string part : {" hop=\"2\"", "<probe>k3v7@edge.example</probe>\n",
                                   "<host>mx1.home.example</host>\n", "<next>smtp:store.home.example</next>\n"}) {
        auto less = answer;
        less.erase(less.find(part), part.size());
        EXPECT_FALSE(read_route_answer(less)) << part;
    }
    auto longer = an_answer();
    longer.next = std::string(513, 'x');
    EXPECT_EQ(read_route_answer(write_xml(longer)).error().code, codes::object_limit);
    EXPECT_FALSE(read_route_answer(std::string(5000, ' ') + answer + std::string(5000, '<')));
}

TEST(Traceroute, ProbesAnAddressForSomebody)
{
    const auto good = make_probe({1}, "process@edge.example", "bob@home.example", "1@edge.example", samples::noon);
    EXPECT_TRUE(probe_of(good));
    auto e = good;
    e.from.address.clear();
    EXPECT_FALSE(probe_of(e)) << "nobody would get the answer";
    e = good;
    e.recipients.push_back(samples::recipient(2, "carol@home.example"));
    EXPECT_FALSE(probe_of(e));
    e = good;
    e.objects.push_back(samples::object("message/body", "x"));
    EXPECT_FALSE(probe_of(e));
    e = good;
    e.extensions.clear();
    EXPECT_FALSE(probe_of(e));
}

TEST(Traceroute, HasASchema)
{
    ASSERT_TRUE(scratch::has("xmllint"));
    const scratch::directory dir;
    dir.put("probe.xml", write_xml(route_probe{64}));
    dir.put("answer.xml", write_xml(an_answer()));
    dir.put("wrong.xml", "<probe xmlns=\"urn:xproto:traceroute:1\" hops=\"65\"/>");
    const auto validate = [&](const std::string& file) {
        return scratch::run("xmllint --nonet --noout --relaxng '" + std::string(ISTHMUS_TESTS_DIR) +
                            "/../docs/schemas/traceroute.rng' '" + (dir.path() / file).string() + "'");
    };
    EXPECT_EQ(validate("probe.xml").status, 0) << validate("probe.xml").output;
    EXPECT_EQ(validate("answer.xml").status, 0) << validate("answer.xml").output;
    EXPECT_NE(validate("wrong.xml").status, 0);
}

} // namespace
