// What is remembered of look-ups, and for how long; how many there are.
#include "gateway/validity/ca_directory.hpp"

#include "gateway/validity/ldap_source.hpp"

#include <gtest/gtest.h>

namespace {

using namespace gateway;
using namespace std::chrono_literals;
using validity::ca_answer;

struct fake_source final : validity::ca_source {
    explicit fake_source(std::vector<std::pair<std::string, validity::ca_receiver>>& where) : asked(where) {}
    void find(const std::string& domain, validity::ca_receiver receiver) override
    {
        asked.emplace_back(domain, std::move(receiver));
    }
    std::vector<std::pair<std::string, validity::ca_receiver>>& asked;
};

class CaDirectory : public testing::Test {
  protected:
    static validity::ca_directory_limits so_many(std::size_t look_ups)
    {
        validity::ca_directory_limits limits;
        limits.look_ups = look_ups;
        return limits;
    }
    void use(const config::settings& settings) { directory_.use(std::make_shared<const config::settings>(settings)); }
    void ask(const std::string& domain)
    {
        directory_.find(domain, [this](ca_answer a) { answers_.push_back(std::move(a)); });
    }
    void answer(std::size_t question, ca_answer with) { asked_.at(question).second(std::move(with)); }
    static ca_answer one_ca(std::chrono::seconds ttl) { return ca_answer::found({{}}, ttl); }

    std::vector<std::pair<std::string, validity::ca_receiver>> asked_;
    std::vector<ca_answer> answers_;
    std::vector<std::string> made_; // sources: the servers of their directories
    std::chrono::steady_clock::time_point now_{};
    validity::ca_directory directory_{std::make_shared<const config::settings>(),
                                      [this](const config::settings&, const config::directory* from) {
                                          made_.push_back(from == nullptr ? "" : from->server);
                                          return std::make_unique<fake_source>(asked_);
                                      },
                                      [this] { return now_; }, so_many(3)};
};

TEST_F(CaDirectory, RemembersAsLongAsTheTtlSays)
{
    ask("a.example");
    answer(0, one_ca(10s));
    now_ += 9s;
    ask("a.example");
    EXPECT_EQ(answers_.size(), 2u);
    EXPECT_EQ(asked_.size(), 1u);
    now_ += 1s;
    ask("a.example");
    EXPECT_EQ(asked_.size(), 2u);
    answer(1, ca_answer::none("gone", 10s));
    EXPECT_EQ(answers_.back().outcome, ca_answer::kind::none);
}

TEST_F(CaDirectory, RemembersNothingForLongerThanItsLimits)
{
    ask("a.example");
    answer(0, one_ca(1000h));
    ask("b.example");
    answer(1, ca_answer::none("nothing published", 1000h));
    now_ += 299s;
    ask("b.example");
    EXPECT_EQ(asked_.size(), 2u);
    now_ += 1s;
    ask("b.example");
    EXPECT_EQ(asked_.size(), 3u);
    now_ += 24h - 301s;
    ask("a.example");
    EXPECT_EQ(asked_.size(), 3u);
    now_ += 1s;
    ask("a.example");
    EXPECT_EQ(asked_.size(), 4u);
}

TEST_F(CaDirectory, DoesNotRememberTrouble)
{
    ask("a.example");
    answer(0, ca_answer::failed("no answer"));
    ask("a.example");
    EXPECT_EQ(asked_.size(), 2u);
}

TEST_F(CaDirectory, AsksOnceForAllWhoWait)
{
    ask("a.example");
    ask("a.example");
    ask("b.example");
    EXPECT_EQ(asked_.size(), 2u);
    answer(0, one_ca(10s));
    EXPECT_EQ(answers_.size(), 2u);
}

TEST_F(CaDirectory, HasSoManyLookUpsUnderWayAndNoMore)
{
    for (const std::string domain : {"a.example", "b.example", "c.example"}) ask(domain);
    EXPECT_TRUE(answers_.empty());
    ask("d.example");
    ASSERT_EQ(answers_.size(), 1u);
    EXPECT_EQ(answers_[0].outcome, ca_answer::kind::failed);
    answer(0, one_ca(10s));
    ask("d.example");
    EXPECT_EQ(asked_.size(), 4u);
}

TEST_F(CaDirectory, GoesToTheDirectoryOfTheDomain)
{
    config::settings settings;
    settings.directories = {{"a.example", "ldaps://one", {}, {}}, {"*.b.example", "ldaps://two", {}, {}}};
    use(settings);
    for (const std::string domain : {"a.example", "x.b.example", "c.example"}) ask(domain);
    EXPECT_EQ(made_, (std::vector<std::string>{"ldaps://one", "ldaps://two", ""}));
}

TEST_F(CaDirectory, OtherSettingsForgetAndTheSameDoNot)
{
    ask("a.example");
    answer(0, one_ca(1h));
    use({});
    ask("a.example");
    EXPECT_EQ(asked_.size(), 1u);
    ask("b.example"); // still under way when the settings change
    config::settings settings;
    settings.directories = {{"c.example", "ldaps://one", {}, {}}};
    use(settings);
    answer(1, one_ca(1h));
    EXPECT_EQ(answers_.size(), 3u);
    ask("a.example");
    EXPECT_EQ(asked_.size(), 3u);
    EXPECT_EQ(made_.size(), 2u);
}

TEST(LdapBase, IsMadeOfTheLabels)
{
    EXPECT_EQ(validity::ldap_base("ehsco.com"), "cn=inetResources,dc=ehsco,dc=com");
    EXPECT_EQ(validity::ldap_base("a.b.example"), "cn=inetResources,dc=a,dc=b,dc=example");
}

} // namespace
