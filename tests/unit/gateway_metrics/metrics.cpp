// What a scrape shows: names, labels and values that dashboards and alerts rely on.
#include "gateway/metrics/metrics.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <sstream>
#include <thread>

namespace gateway::metrics {
namespace {

using testing::HasSubstr;

TEST(Metrics, ShowEachCountUnderItsNameAndLabels)
{
    daemon m;
    m.messages_accepted.smtp.add(3);
    m.messages_accepted[protocol::xproto].add();
    m.sessions_open.xproto.client.add(2);
    m.sessions_open[protocol::xproto][side::client].add(-1);
    m.sessions_total.smtp.server.add(18446744073709551615u);
    m.octets_refused_unsent.xproto.add(52428800);
    m.queue_oldest_seconds.set(17);
    m.log_lines_lost = 4;
    const auto text = prometheus_text(m, "1.2.3");
    EXPECT_THAT(text, HasSubstr("isthmus_build_info{version=\"1.2.3\"} 1\n"));
    EXPECT_THAT(text, HasSubstr("# TYPE isthmus_messages_accepted_total counter\n"
                                "isthmus_messages_accepted_total{protocol=\"smtp\"} 3\n"
                                "isthmus_messages_accepted_total{protocol=\"xproto\"} 1\n"));
    EXPECT_THAT(text, HasSubstr("# TYPE isthmus_sessions_open gauge\n"
                                "isthmus_sessions_open{protocol=\"smtp\",side=\"server\"} 0\n"
                                "isthmus_sessions_open{protocol=\"smtp\",side=\"client\"} 0\n"
                                "isthmus_sessions_open{protocol=\"xproto\",side=\"server\"} 0\n"
                                "isthmus_sessions_open{protocol=\"xproto\",side=\"client\"} 1\n"));
    EXPECT_THAT(text, HasSubstr("{protocol=\"smtp\",side=\"server\"} 18446744073709551615\n"));
    EXPECT_THAT(text, HasSubstr("isthmus_octets_refused_unsent_total{protocol=\"xproto\"} 52428800\n"));
    EXPECT_THAT(text, HasSubstr("isthmus_queue_oldest_seconds 17\n"));
    EXPECT_THAT(text, HasSubstr("isthmus_log_lines_lost_total 4\n"));
}

TEST(Metrics, CountObservationsInCumulativeBuckets)
{
    daemon m;
    for (const double n : {1.0, 1.0, 2.0, 3.0, 128.0, 129.0}) m.commit_messages.observe(n);
    EXPECT_EQ(m.commit_messages.total(), 6u);
    const auto text = prometheus_text(m, "1");
    EXPECT_THAT(text, HasSubstr("# TYPE isthmus_commit_messages histogram\n"
                                "isthmus_commit_messages_bucket{le=\"1\"} 2\n"
                                "isthmus_commit_messages_bucket{le=\"2\"} 3\n"
                                "isthmus_commit_messages_bucket{le=\"4\"} 4\n"
                                "isthmus_commit_messages_bucket{le=\"8\"} 4\n"));
    EXPECT_THAT(text, HasSubstr("isthmus_commit_messages_bucket{le=\"128\"} 5\n"
                                "isthmus_commit_messages_bucket{le=\"+Inf\"} 6\n"
                                "isthmus_commit_messages_sum 264\n"
                                "isthmus_commit_messages_count 6\n"));
    EXPECT_THAT(text, HasSubstr("isthmus_commit_seconds_bucket{le=\"0.0005\"} 0\n"));
}

TEST(Metrics, EscapeTheOneLabelThatIsNotTheirOwn)
{
    const daemon m;
    EXPECT_THAT(prometheus_text(m, "1\"}\n\\x"), HasSubstr(R"(isthmus_build_info{version="1\"}\n\\x"} 1)"));
}

TEST(Metrics, FollowPrometheusNamingAndNameNothingTwice)
{
    const daemon m;
    std::istringstream lines(prometheus_text(m, "1"));
    std::set<std::string> samples, types;
    for (std::string l; std::getline(lines, l);) {
        std::istringstream words(l);
        std::string first, second, name, type;
        words >> first >> second >> name >> type;
        if (first != "#") {
            EXPECT_TRUE(samples.insert(l.substr(0, l.rfind(' '))).second) << "twice: " << l;
            continue;
        }
        if (second != "TYPE") continue;
        EXPECT_TRUE(types.insert(name).second) << "twice: " << name;
        EXPECT_EQ(name.ends_with("_total"), type == "counter") << name;
    }
    EXPECT_GT(types.size(), 30u);
}

TEST(Metrics, MayBeReadWhileTheirThreadCounts)
{
    daemon m;
    std::thread writer([&] {
        for (int i = 0; i < 10000; ++i) m.commit_seconds.observe(0.001);
    });
    while (m.commit_seconds.total() < 10000) EXPECT_FALSE(prometheus_text(m, "1").empty());
    writer.join();
    EXPECT_NEAR(m.commit_seconds.sum(), 10.0, 1e-6);
}

} // namespace
} // namespace gateway::metrics
