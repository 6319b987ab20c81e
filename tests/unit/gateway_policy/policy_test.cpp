// Published policies, the memory of them, and what they forbid.
#include "gateway/policy/path_guard.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <unistd.h>

namespace gateway::policy {
namespace {

using mode = published_policy::mode;

TEST(PublishedPolicy, IsReadOrIsNone)
{
    struct {
        const char* text;
        std::optional<published_policy> want;
    } const table[] = {
        {"v=xproto1; mode=enforce; max_age=604800", published_policy{mode::enforce, std::chrono::days(7)}},
        {"v=xproto1;max_age=60;mode=testing;", published_policy{mode::testing, std::chrono::seconds(60)}},
        {"v=xproto1; mode=none", published_policy{mode::none, std::chrono::seconds(0)}},
        {"v=xproto1; mode=enforce; max_age=99999999999; new=thing", published_policy{mode::enforce, longest_age}},
        {"v=xproto1; mode=enforce", std::nullopt},
        {"v=xproto1; max_age=60", std::nullopt},
        {"v=xproto2; mode=enforce; max_age=60", std::nullopt},
        {"mode=enforce; v=xproto1; max_age=60", std::nullopt},
        {"v=xproto1; mode=Enforce; max_age=60", std::nullopt},
        {"v=xproto1; mode=enforce; mode=none; max_age=60", std::nullopt},
        {"v=xproto1; mode=enforce; max_age=-1", std::nullopt},
        {"v=xproto1; mode=enforce; max_age=1h", std::nullopt},
        {"v=xproto1; mode=enforce; max_age=60; junk", std::nullopt},
        {"v=spf1 -all", std::nullopt},
        {"", std::nullopt},
    };
    for (const auto& r : table) EXPECT_EQ(read_policy(r.text), r.want) << r.text;
}

net::dns_answer texts(const std::vector<std::string>& all, bool secure = false)
{
    net::dns_answer made;
    made.what = net::dns_answer::outcome::found;
    if (secure) made.dnssec = net::dns_answer::state::secure;
    for (const auto& t : all) made.records.push_back(static_cast<char>(t.size()) + t);
    return made;
}

const std::string enforce = "v=xproto1; mode=enforce; max_age=1000";

TEST(PublishedPolicy, IsOneRecord)
{
    EXPECT_TRUE(read_policy(texts({"something else", enforce})));
    EXPECT_FALSE(read_policy(texts({enforce, enforce})));
    EXPECT_FALSE(read_policy(texts({enforce, "v=xproto1; junk"})));
}

class fake_resolver final : public net::resolver {
  public:
    void look_up(const std::string& name, net::dns_type type, handler done) override
    {
        EXPECT_EQ(type, net::dns_type::txt);
        asked.push_back(name);
        done(says);
    }
    net::dns_answer says;
    std::vector<std::string> asked;
};

class PathGuard : public testing::Test {
  protected:
    PathGuard()
    {
        std::filesystem::remove(file);
        says_nothing.what = net::dns_answer::outcome::nxdomain;
        dns.says = says_nothing;
    }
    path_guard::refusals ask(path_guard& guard, const std::set<std::string>& domains)
    {
        std::optional<path_guard::refusals> got;
        guard.may_use_smtp(domains, [&](path_guard::refusals r) { got = std::move(r); });
        return got.value();
    }
    path_guard make()
    {
        return {dns, log, file, [this] { return now; }};
    }

    std::filesystem::path file =
        std::filesystem::path(testing::TempDir()) / ("isthmus-pins-" + std::to_string(::getpid()));
    std::int64_t now = 1'000'000;
    fake_resolver dns;
    net::dns_answer says_nothing;
    std::string logged;
    log::logger log{log::level::info, log::format::logfmt, [this](std::string_view line) { logged += line; }};
};

TEST_F(PathGuard, LetsMailGoWhereNothingIsPublished)
{
    auto guard = make();
    EXPECT_TRUE(ask(guard, {"a.example", "b.example"}).empty());
    EXPECT_EQ(dns.asked, (std::vector<std::string>{"_xproto.a.example", "_xproto.b.example"}));
}

TEST_F(PathGuard, DoesNotAskAboutLiterals)
{
    auto guard = make();
    EXPECT_TRUE(ask(guard, {"[192.0.2.1]", "localhost"}).empty());
    EXPECT_TRUE(dns.asked.empty());
}

TEST_F(PathGuard, RefusesWhatIsEnforcedEvenWhenThePolicyDisappears)
{
    auto guard = make();
    dns.says = texts({enforce});
    EXPECT_EQ(ask(guard, {"a.example"}).count("a.example"), 1u);
    dns.says = says_nothing;
    EXPECT_EQ(ask(guard, {"a.example"}).count("a.example"), 1u);
    dns.says = net::dns_answer::failure("SERVFAIL");
    EXPECT_EQ(ask(guard, {"a.example"}).count("a.example"), 1u);
    EXPECT_NE(logged.find("event=downgrade_refused domain=a.example by=pin"), std::string::npos);

    auto restarted = make();
    EXPECT_EQ(restarted.load(), "");
    EXPECT_EQ(ask(restarted, {"a.example"}).count("a.example"), 1u);
    now += 1000;
    dns.says = says_nothing;
    EXPECT_TRUE(ask(restarted, {"a.example"}).empty()) << "its max_age is over";
}

TEST_F(PathGuard, RemembersForAWeekAtMostWhatNobodySigned)
{
    const std::string long_lived = "v=xproto1; mode=enforce; max_age=2592000";
    const std::int64_t week = 7 * 86400;
    auto guard = make();
    dns.says = texts({long_lived});
    guard.learn({"unsigned.example"});
    dns.says = texts({long_lived}, true);
    guard.learn({"signed.example"});
    EXPECT_EQ(guard.remembered().all().at("unsigned.example"), (pin{now + week, false}));
    EXPECT_EQ(guard.remembered().all().at("signed.example"), (pin{now + 2592000, true}));
}

TEST_F(PathGuard, LiftsAPinOnlyForWhatIsSigned)
{
    auto guard = make();
    dns.says = texts({enforce});
    guard.learn({"a.example"});
    now += 1;
    const std::string none = "v=xproto1; mode=none";
    dns.says = texts({none});
    EXPECT_FALSE(ask(guard, {"a.example"}).empty());
    now += 10;
    dns.says = texts({none}, true);
    auto restarted = make();
    EXPECT_EQ(restarted.load(), "");
    EXPECT_FALSE(ask(restarted, {"a.example"}).empty()) << "asks for the next time";
    EXPECT_TRUE(ask(restarted, {"a.example"}).empty());
}

TEST_F(PathGuard, DoesNotBelieveBogusAnswers)
{
    auto guard = make();
    dns.says = says_nothing;
    dns.says.what = net::dns_answer::outcome::failed;
    dns.says.dnssec = net::dns_answer::state::bogus;
    EXPECT_EQ(ask(guard, {"a.example"}).count("a.example"), 1u);
    EXPECT_TRUE(guard.remembered().all().empty());
}

TEST_F(PathGuard, DoesNotMakeMailWaitForASilentDns)
{
    auto guard = make();
    dns.says = net::dns_answer::failure("no answer in time");
    EXPECT_TRUE(ask(guard, {"a.example"}).empty());
    EXPECT_TRUE(ask(guard, {"b.example"}).empty());
    EXPECT_EQ(dns.asked.size(), 1u);
    now += 61;
    ask(guard, {"b.example"});
    EXPECT_EQ(dns.asked.size(), 2u);
}

TEST_F(PathGuard, OnlyTellsOfTesting)
{
    auto guard = make();
    dns.says = texts({"v=xproto1; mode=testing; max_age=1000"});
    EXPECT_TRUE(ask(guard, {"a.example"}).empty());
    EXPECT_NE(logged.find("event=downgrade_testing domain=a.example"), std::string::npos);
    EXPECT_TRUE(guard.remembered().all().empty());
}

TEST_F(PathGuard, CanBeToldToForget)
{
    auto guard = make();
    dns.says = texts({enforce});
    guard.learn({"a.example"});
    dns.says = says_nothing;
    EXPECT_TRUE(guard.forget("a.example"));
    EXPECT_FALSE(guard.forget("a.example"));
    EXPECT_TRUE(ask(guard, {"a.example"}).empty());
}

TEST_F(PathGuard, RefusesAFileThatIsNone)
{
    std::ofstream(file) << "a.example 2000000 secure\nwhat is this\n";
    auto guard = make();
    EXPECT_EQ(guard.load(), file.string() + ":2: this is no pin");
}

} // namespace
} // namespace gateway::policy
