// What is told of a message's later way: one line each, read as it is written.
#include "xproto/trace_notice.hpp"

#include "tests/support/xproto_samples.hpp"

#include <gtest/gtest.h>

namespace {

using namespace xproto;

hop_notice a_notice()
{
    hop_notice n;
    n.message_id = "n23@est.com";
    n.hop = 2;
    n.host = "mx1.carrier.example";
    n.next = "mx1.home.example";
    n.time = samples::noon;
    n.recipients = {1, 3};
    n.code = codes::stored;
    n.text = "Stored.";
    return n;
}

std::string written(const hop_notice& n)
{
    std::string out;
    write_hop_notice(out, n, {});
    return out;
}

std::optional<hop_notice> reread(const std::string& octets)
{
    const auto parsed = parse_line(std::string_view(octets).substr(0, octets.size() - 2));
    return parsed ? read_hop_notice(*parsed) : std::nullopt;
}

TEST(TraceNotice, IsOneLine)
{
    EXPECT_EQ(written(a_notice()),
              "[* OK 99.3.11.0.2.1 (MSG=n23@est.com) (HOP=2) (HOST=mx1.carrier.example) (AT=2026-11-22T12:00:00Z) "
              "(RCPT=1;3) (NEXT=mx1.home.example OK 99.0.2.6 Stored.) Sent on.]\r\n");
}

TEST(TraceNotice, IsReadAsItIsWritten)
{
    for (const auto outcome : {word::ok, word::tmp, word::err}) {
        auto n = a_notice();
        n.outcome = outcome;
        EXPECT_EQ(reread(written(n)), n);
    }
    auto n = a_notice();
    n.next = "smtp:store.home.example";
    n.recipients.clear();
    n.text = "550 (no) [such] \\user";
    EXPECT_EQ(reread(written(n)), n);
    n.recipients.assign(most_noted_recipients, 4294967295U);
    EXPECT_EQ(reread(written(n)), n);
    EXPECT_LT(written(n).size(), session_limits{}.line);
}

TEST(TraceNotice, OfAnythingLessIsNone)
{
    const auto octets = written(a_notice());
    const std::pair<const char*, const char*> wrong[] = {
        {"(MSG=n23@est.com) ", ""},
        {"(HOST=mx1.carrier.example) ", ""},
        {"(HOP=2)", "(HOP=0)"},
        {"(HOP=2)", "(HOP=65)"},
        {"(RCPT=1;3)", "(RCPT=1;)"},
        {"(RCPT=1;3)", "(RCPT=0)"},
        {"(AT=2026-11-22T12:00:00Z)", "(AT=yesterday)"},
        {"(NEXT=mx1.home.example OK 99.0.2.6 Stored.) ", ""},
        {" OK 99.0.2.6 Stored.)", ")"},
        {"99.3.11.0.2.1", "99.3.11.0.2.2"},
        {"[* OK", "[7 OK"},
        {"[* OK", "[* TMP"},
    };
    for (const auto& [part, by] : wrong) {
        auto other = octets;
        other.replace(other.find(part), std::string_view(part).size(), by);
        EXPECT_FALSE(reread(other)) << other;
    }
    auto more = octets;
    more.insert(more.find("(HOP"), "(NEW=thing) ");
    EXPECT_EQ(reread(more), a_notice()) << "what a later version adds is stepped over";
}

} // namespace
