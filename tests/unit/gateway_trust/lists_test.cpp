// What lists say: entries of files, names and answers of the DNS, and who wins.
#include "gateway/trust/listing_filter.hpp"

#include "gateway/config/load.hpp"
#include "gateway/trust/dns_list.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <fstream>

namespace gateway::trust {
namespace {

using config::list_by;
using config::list_entries;
using config::list_kind;
using opinion = finding::opinion;

struct entry_row {
    list_by by;
    const char* entries;
    const char* what;
    const char* found; // empty: nothing
};

TEST(ListEntries, CoverWhatTheyAreBy)
{
    const entry_row table[] = {
        {list_by::host, "mx1.a.example", "MX1.a.example.", "mx1.a.example"},
        {list_by::host, "a.example", "mx1.a.example", ""},
        {list_by::domain, "a.example", "mx1.a.example", "a.example"},
        {list_by::domain, "a.example", "a.example", "a.example"},
        {list_by::domain, "a.example", "nota.example", ""},
        {list_by::domain, "mx1.a.example", "a.example", ""},
        {list_by::issuer, "a.example", "a.example", "a.example"},
        {list_by::issuer, "a.example", "b.a.example", ""},
        {list_by::sender, "A@b.EXAMPLE", "A@B.example", "A@b.example"},
        {list_by::sender, "a@b.example", "A@b.example", ""},
        {list_by::sender, "b.example", "x@c.b.example", "b.example"},
        {list_by::sender, "b.example", "\"x@b.example\"@c.example", ""},
        {list_by::sender, "b.example", "", ""},
        {list_by::address, "192.0.2.0/24", "192.0.2.255", "192.0.2.255/120"},
        {list_by::address, "192.0.2.0/24", "192.0.3.0", ""},
        {list_by::address, "192.0.2.7", "::ffff:192.0.2.7", "::ffff:192.0.2.7/128"},
        {list_by::address, "2001:db8::/33", "2001:db8:7fff::1", "2001:db8:7fff::1/33"},
        {list_by::address, "2001:db8::/33", "2001:db8:8000::1", ""},
        {list_by::address, "0.0.0.0/0", "203.0.113.9", "203.0.113.9/96"},
        {list_by::address, "0.0.0.0/0", "2001:db8::1", ""},
        {list_by::address, "::/0", "2001:db8::1", "2001:db8::1/0"},
        {list_by::address, "192.0.2.0/24", "no address", ""},
    };
    for (const auto& r : table) {
        const auto made = list_entries::parse(r.by, r.entries);
        ASSERT_TRUE(made) << r.entries;
        EXPECT_EQ(made->find(r.what).value_or(""), r.found) << r.entries << " asked about " << r.what;
    }
}

TEST(ListEntries, StandOnLinesWithComments)
{
    const auto made = list_entries::parse(list_by::sender, "# ours\n\n a#b@c.example \t# a friend\r\nd.example");
    ASSERT_TRUE(made);
    EXPECT_EQ(made->size(), 2u);
    EXPECT_TRUE(made->find("a#b@c.example"));
    EXPECT_TRUE(made->find("x@d.example"));
}

TEST(ListEntries, AreRefusedAsAWholeByLine)
{
    const std::pair<list_by, const char*> table[] = {
        {list_by::host, "a.example\nb example\n"}, {list_by::host, "a.example\n*.b.example"},
        {list_by::host, "a.example\n.b.example"},  {list_by::address, "192.0.2.1\n192.0.2.1/24"},
        {list_by::address, "192.0.2.1\nx"},        {list_by::sender, "a@b.example\n@b.example"},
        {list_by::sender, "a@b.example\na@"},      {list_by::address, "::1\n1.2.3.4/33"},
    };
    for (const auto& [by, text] : table) {
        const auto made = list_entries::parse(by, text);
        ASSERT_FALSE(made) << text;
        EXPECT_EQ(made.error().line, 2u) << text;
    }
}

TEST(DnsList, AsksForReversedAddressesAndForNamesUpwards)
{
    using names = std::vector<std::string>;
    EXPECT_EQ(dns_names(list_by::address, "192.0.2.99", "bl.example"), names{"99.2.0.192.bl.example"});
    EXPECT_EQ(dns_names(list_by::address, "::ffff:192.0.2.99", "bl.example"), names{"99.2.0.192.bl.example"});
    EXPECT_EQ(dns_names(list_by::address, "2001:db8:1:2:3:4:567:89ab", "bl.example"),
              names{"b.a.9.8.7.6.5.0.4.0.0.0.3.0.0.0.2.0.0.0.1.0.0.0.8.b.d.0.1.0.0.2.bl.example"}); // RFC 5782 2.4
    EXPECT_EQ(dns_names(list_by::host, "mx.A.example.", "bl.example"), names{"mx.a.example.bl.example"});
    EXPECT_EQ(dns_names(list_by::domain, "mx.a.example", "bl.example"),
              (names{"mx.a.example.bl.example", "a.example.bl.example"}));
    EXPECT_EQ(dns_names(list_by::domain, "1.2.3.4.5.6.7.8.example", "bl.example").size(), most_names);
    EXPECT_EQ(dns_names(list_by::domain, "example", "bl.example"), names{});
    EXPECT_EQ(dns_names(list_by::domain, std::string(250, 'a') + ".b", "bl.example"), names{});
}

net::dns_answer answered(std::string octets)
{
    net::dns_answer made;
    made.what = net::dns_answer::outcome::found;
    made.records = {std::move(octets)};
    return made;
}

TEST(DnsList, ListsOnlyByLoopbackAddresses)
{
    net::dns_answer nothing;
    nothing.what = net::dns_answer::outcome::nxdomain;
    EXPECT_EQ(read_dns_list(answered({127, 0, 0, 2})), dns_opinion::listed);
    EXPECT_EQ(read_dns_list(nothing), dns_opinion::not_listed);
    EXPECT_EQ(read_dns_list(net::dns_answer::failure("SERVFAIL")), dns_opinion::no_answer);
    EXPECT_EQ(read_dns_list(answered("\x7f\xff\xff\xfe")), dns_opinion::no_answer) << "asked too often";
    EXPECT_EQ(read_dns_list(answered("\xc0\x01\x02\x03")), dns_opinion::no_answer) << "somebody answers everything";
    auto bogus = answered({127, 0, 0, 2});
    bogus.dnssec = net::dns_answer::state::bogus;
    EXPECT_EQ(read_dns_list(bogus), dns_opinion::no_answer);
}

// Answers when it is told to.
class fake_resolver final : public net::resolver {
  public:
    void look_up(const std::string& name, net::dns_type, handler done) override { asked.emplace_back(name, done); }
    void answer(const net::dns_answer& with)
    {
        auto all = std::move(asked);
        asked.clear();
        for (const auto& [name, done] : all) done(with);
    }
    std::vector<std::pair<std::string, handler>> asked;
};

class Lists : public testing::Test {
  protected:
    config::trust_list make(list_kind kind, list_by by, const std::string& entries)
    {
        config::trust_list made;
        made.name = "list" + std::to_string(++number);
        made.kind = kind;
        made.by = by;
        made.file = std::filesystem::path(testing::TempDir()) / ("isthmus-" + made.name + std::to_string(::getpid()));
        std::ofstream(made.file) << entries;
        return made;
    }
    config::trust_list in_dns(list_kind kind, list_by by, config::list_failure what = config::list_failure::ignore)
    {
        config::trust_list made;
        made.name = "list" + std::to_string(++number);
        made.kind = kind;
        made.by = by;
        made.dns = "bl.example";
        made.on_failure = what;
        return made;
    }
    void use(std::vector<config::trust_list> all)
    {
        auto settings = std::make_shared<config::settings>(config::defaults({}));
        settings->lists = std::move(all);
        lists.use(settings);
    }
    std::optional<finding> ask(const subject& about)
    {
        auto got = std::make_shared<std::optional<finding>>();
        lists.ask(about, [got](finding said) { *got = std::move(said); });
        if (!*got && !dns.asked.empty()) dns.answer(dns_says);
        return *got;
    }

    boost::asio::io_context context;
    fake_resolver dns;
    net::dns_answer dns_says = net::dns_answer::failure("SERVFAIL");
    std::string logged;
    log::logger log{log::level::info, log::format::logfmt, [this](std::string_view line) { logged += line; }};
    net::watchdog dog{context};
    metrics::daemon counters;
    trust::web_lists web{context, dog, log, counters, [] { return std::int64_t(0); }};
    trust::lists lists{context, dns, web, log};
    int number = 0;
};

const subject peer{"mx1.a.example", "192.0.2.7", {}, {"a.example"}};

TEST_F(Lists, BlockWhoeverVouches)
{
    use({make(list_kind::vouch, list_by::domain, "a.example"),
         make(list_kind::block, list_by::address, "192.0.2.0/24")});
    EXPECT_EQ(ask(peer), (finding{opinion::blocked, "list2", "192.0.2.7/120"}));
    subject elsewhere = peer;
    elsewhere.address = "198.51.100.1";
    EXPECT_EQ(ask(elsewhere), (finding{opinion::vouched, "list1", "a.example"}));
    elsewhere.host = "mx.c.example";
    EXPECT_EQ(ask(elsewhere), finding{});
}

TEST_F(Lists, KnowIssuers)
{
    use({make(list_kind::block, list_by::issuer, "a.example")});
    EXPECT_EQ(ask(peer)->what, opinion::blocked);
}

TEST_F(Lists, AskTheDnsOnlyWhenFilesDoNotBlock)
{
    use({make(list_kind::block, list_by::host, "mx1.a.example"), in_dns(list_kind::block, list_by::address)});
    EXPECT_EQ(ask(peer)->what, opinion::blocked);
    EXPECT_TRUE(dns.asked.empty());
}

TEST_F(Lists, WaitForAllAnswers)
{
    use({in_dns(list_kind::vouch, list_by::domain), in_dns(list_kind::block, list_by::address)});
    std::optional<finding> got;
    lists.ask(peer, [&](finding said) { got = std::move(said); });
    ASSERT_EQ(dns.asked.size(), 3u);
    dns.asked[0].second(answered({127, 0, 0, 2}));
    dns.asked[2].second(answered({127, 0, 0, 2}));
    EXPECT_FALSE(got);
    dns.asked[1].second(net::dns_answer::failure("SERVFAIL"));
    EXPECT_EQ(got, (finding{opinion::blocked, "list2", "7.2.0.192.bl.example"}));
}

TEST_F(Lists, ThatCannotBeAskedAreIgnoredOrDefer)
{
    use({in_dns(list_kind::block, list_by::address)});
    EXPECT_EQ(ask(peer)->what, opinion::none);
    use({in_dns(list_kind::block, list_by::address, config::list_failure::defer)});
    EXPECT_EQ(ask(peer), (finding{opinion::unknown, "list2", "7.2.0.192.bl.example: SERVFAIL"}));
}

TEST_F(Lists, KeepTheOldEntriesWhenAFileIsWrong)
{
    auto list = make(list_kind::block, list_by::host, "mx1.a.example\n");
    use({list});
    std::ofstream(list.file) << "mx1.b.example\nnot a host\n";
    use({list});
    EXPECT_EQ(ask(peer)->what, opinion::blocked);
    EXPECT_NE(logged.find(list.file.string() + ":2: \\\"not a host\\\""), std::string::npos) << logged;
    std::ofstream(list.file) << "mx1.b.example\n";
    use({list});
    EXPECT_EQ(ask(peer)->what, opinion::none);
}

TEST_F(Lists, AreWatched)
{
    auto list = make(list_kind::block, list_by::host, "mx1.b.example\n");
    use({list});
    std::ofstream(list.file) << "mx1.a.example\nmx1.b.example\n";
    context.run_for(std::chrono::milliseconds(2500));
    EXPECT_EQ(ask(peer)->what, opinion::blocked);
}

TEST(Judge, KeepsTrustApartFromValidity)
{
    using xproto::identity_answer;
    using xproto::standing;
    const auto of = [](standing as, opinion what) {
        return judge(identity_answer::accept(as, "mx"), finding{what, "list", "entry"});
    };
    EXPECT_EQ(of(standing::unknown, opinion::vouched).peer, standing::known);
    EXPECT_EQ(of(standing::known, opinion::vouched).peer, standing::known);
    EXPECT_EQ(of(standing::unknown, opinion::none).peer, standing::unknown);
    EXPECT_EQ(of(standing::known, opinion::blocked), identity_answer::refuse(xproto::codes::listed, "listed by list"));
    EXPECT_EQ(of(standing::known, opinion::unknown).code, xproto::codes::identity_unchecked);
    EXPECT_EQ(of(standing::trusted, opinion::blocked).peer, standing::trusted);
    const auto invalid = identity_answer::refuse(xproto::codes::invalid_proof, "no");
    EXPECT_EQ(judge(invalid, finding{opinion::vouched, "list", "entry"}), invalid)
        << "nobody can vouch for the invalid";
}

// Notes what is passed on.
class noting_filter final : public admission::filter {
  public:
    void judge(admission::stage now, const admission::mail_facts&, handler done) override
    {
        asked.push_back(now);
        done({});
    }
    std::vector<admission::stage> asked;
};

TEST_F(Lists, StandBeforeTheRules)
{
    use({make(list_kind::block, list_by::sender, "bad.example"),
         make(list_kind::block, list_by::address, "192.0.2.0/24")});
    noting_filter rules;
    listing_filter both(lists, rules);
    const auto judge = [&](admission::stage now, const admission::mail_facts& mail) {
        std::optional<admission::refusal> said;
        both.judge(now, mail, [&](const admission::ruling& r) { said = r.message; });
        return said;
    };
    admission::mail_facts mail;
    mail.address = "192.0.2.9";
    mail.sender = "x@bad.example";
    EXPECT_EQ(judge(admission::stage::envelope_announced, mail)->about, admission::subject::list);
    EXPECT_EQ(judge(admission::stage::envelope, mail)->rule, "list1: bad.example");
    mail.by_xproto = true;
    EXPECT_FALSE(judge(admission::stage::envelope_announced, mail)) << "was asked about at HELO";
    EXPECT_EQ(judge(admission::stage::envelope, mail)->verdict.code, (mapping::enhanced_code{5, 7, 1}));
    mail.trust = config::trust::trusted;
    EXPECT_FALSE(judge(admission::stage::envelope, mail));
    EXPECT_EQ(rules.asked.size(), 2u);
}

} // namespace
} // namespace gateway::trust
