// Outcomes keep their meaning through both protocols.
#include "mapping/status_table.hpp"

#include "tests/unit/mapping/support.hpp"
#include "xproto/codes.hpp"

#include <gtest/gtest.h>

#include <set>

using mapping::enhanced_code;
using mapping::to_reply;
using mapping::to_result;
using mapping::to_verdict;
using mapping::verdict;
using mapping::xproto_result;

namespace {

verdict from_smtp(verdict::kind outcome, int smtp_code, enhanced_code code, std::string text)
{
    verdict v;
    v.outcome = outcome;
    v.smtp_code = smtp_code;
    v.code = code;
    v.text = std::move(text);
    return v;
}

} // namespace

TEST(StatusTable, IsInOrderAndOfOneClassInEachRow)
{
    enhanced_code last{};
    std::set<std::string> cores;
    for (const auto& row : mapping::status_table()) {
        EXPECT_LE(last, row.enhanced);
        last = row.enhanced;
        EXPECT_EQ(row.smtp_code / 100, row.enhanced.status_class) << row.text;
        EXPECT_FALSE(row.text.empty());
        if (row.core.size() == 0) continue;
        EXPECT_EQ(static_cast<int>(row.core.status_class()), row.enhanced.status_class) << row.text;
        EXPECT_TRUE(cores.insert(row.core.text()).second) << row.core.text() << " twice";
        EXPECT_FALSE(xproto::text_of(row.core).empty()) << row.core.text() << " is no core code";
    }
}

TEST(StatusTable, KnowsEveryCoreCodeThatCanEndATransfer)
{
    std::set<std::string> known;
    for (const auto& row : mapping::status_table()) known.insert(row.core.text());
    for (const auto& entry : xproto::code_registry()) {
        if (entry.code.status_class() < 4) continue;
        EXPECT_TRUE(known.contains(entry.code.text())) << entry.code.text() << ' ' << entry.name;
    }
}

TEST(StatusTable, AReplyCrossesXprotoUnchanged)
{
    struct row {
        verdict said;
        std::string code;
    };
    const std::vector<row> rows{
        {from_smtp(verdict::kind::rejected, 550, {5, 1, 1}, "No such user"), "99.821.5.1.1"},
        {from_smtp(verdict::kind::rejected, 571, {5, 7, 999}, "x"), "99.821.5.7.999"},
        {from_smtp(verdict::kind::deferred, 421, {4, 3, 2}, "closing"), "99.821.4.3.2"},
        {from_smtp(verdict::kind::delivered, 250, {2, 1, 5}, "ok"), "99.821.2.1.5"},
        {from_smtp(verdict::kind::delivered, 250, {2, 0, 0}, "queued as 4Z"), "99.821.2.0.0"},
        {from_smtp(verdict::kind::rejected, 550, {5, 0, 0}, ""), "99.821.5.0.0"},
    };
    for (const auto& r : rows) {
        const auto result = to_result(r.said);
        EXPECT_EQ(result.code.text(), r.code);
        EXPECT_EQ(result.smtp_code, r.said.smtp_code);
        for (const auto otherwise : {verdict::kind::delivered, verdict::kind::deferred, verdict::kind::rejected}) {
            auto back = to_verdict(result, otherwise);
            if (r.said.text.empty()) back.text.clear(); // the table's text was filled in
            EXPECT_EQ(back, r.said);
        }
        const auto reply = to_reply(r.said);
        EXPECT_EQ(reply.code, r.said.smtp_code);
        auto again = to_verdict(reply);
        if (r.said.text.empty()) again.text.clear();
        EXPECT_EQ(again, r.said);
    }
}

TEST(StatusTable, OurOwnOutcomesUseCoreCodesAndComeBack)
{
    EXPECT_EQ(to_result(verdict::delivered()).code, xproto::codes::stored);
    EXPECT_EQ(to_result(verdict::rejected({5, 7, 1}, "no")).code, xproto::codes::policy);
    EXPECT_EQ(to_result(verdict::deferred({4, 3, 1}, "disk")).code, xproto::codes::storage_failed);
    EXPECT_EQ(to_result(verdict::rejected({5, 2, 2}, "full")).code.text(), "99.821.5.2.2");
    for (auto status_class : {2, 4, 5}) {
        for (auto subject = 0; subject <= 8; ++subject) {
            for (auto detail = 0; detail <= 31; ++detail) {
                auto said = verdict::rejected({status_class, subject, detail}, "text");
                if (status_class == 2) said.outcome = verdict::kind::delivered;
                if (status_class == 4) said.outcome = verdict::kind::deferred;
                const auto result = to_result(said);
                EXPECT_EQ(result.smtp_code, 0);
                EXPECT_EQ(to_verdict(result, verdict::kind::deferred), said) << result.code.text();
                const auto reply = to_reply(said);
                EXPECT_EQ(reply.code / 100, status_class);
                EXPECT_EQ(to_verdict(reply).code, said.code);
            }
        }
    }
}

TEST(StatusTable, EveryCoreCodeIsUnderstood)
{
    for (const auto& row : mapping::status_table()) {
        if (row.core.size() == 0) continue;
        const auto understood = to_verdict(xproto_result{row.core, 0, "t"}, verdict::kind::deferred);
        EXPECT_EQ(understood.code, row.enhanced);
        EXPECT_EQ(understood.text, "t");
    }
}

TEST(StatusTable, WhatIsUnknownKeepsItsClass)
{
    struct row {
        xproto::result_code code;
        int smtp_code;
        verdict::kind otherwise;
        verdict::kind outcome;
        enhanced_code want;
        int want_smtp;
    };
    using kind = verdict::kind;
    const std::vector<row> rows{
        {{99, 0, 5, 999}, 0, kind::deferred, kind::rejected, {5, 0, 0}, 0},
        {{99, 0, 4, 999}, 0, kind::rejected, kind::deferred, {4, 0, 0}, 0},
        {{99, 0, 2, 999}, 0, kind::rejected, kind::delivered, {2, 0, 0}, 0},
        {{99, 0, 3, 5}, 0, kind::deferred, kind::deferred, {4, 0, 0}, 0},
        {{99, 0, 7, 1}, 0, kind::rejected, kind::rejected, {5, 0, 0}, 0},
        {{99, 821, 5, 1}, 550, kind::deferred, kind::rejected, {5, 0, 0}, 550},
        {{99, 821, 5, 1000, 1}, 550, kind::deferred, kind::rejected, {5, 0, 0}, 550},
        {{99, 821, 5, 1, 1, 1}, 550, kind::deferred, kind::rejected, {5, 0, 0}, 550},
        {{99, 821, 5, 1, 1}, 450, kind::deferred, kind::rejected, {5, 1, 1}, 0},
        {{99, 821, 5, 1, 1}, -7, kind::deferred, kind::rejected, {5, 1, 1}, 0},
        {{121, 0, 2, 1}, 0, kind::deferred, kind::deferred, {4, 0, 0}, 0},
        {{121, 0, 2, 1}, 0, kind::delivered, kind::delivered, {2, 0, 0}, 0},
        {{}, 0, kind::rejected, kind::rejected, {5, 0, 0}, 0},
    };
    for (const auto& r : rows) {
        const auto v = to_verdict(xproto_result{r.code, r.smtp_code, ""}, r.otherwise);
        EXPECT_EQ(v.outcome, r.outcome) << r.code.text();
        EXPECT_EQ(v.code, r.want) << r.code.text();
        EXPECT_EQ(v.smtp_code, r.want_smtp) << r.code.text();
    }
}

TEST(StatusTable, RepliesWithoutAGoodEnhancedCodeGetOne)
{
    struct row {
        int code;
        smtp::enhanced_code enhanced;
        verdict::kind outcome;
        enhanced_code want;
    };
    using kind = verdict::kind;
    const std::vector<row> rows{
        {250, {}, kind::delivered, {2, 0, 0}},       {250, {2, 1, 5}, kind::delivered, {2, 1, 5}},
        {421, {}, kind::deferred, {4, 3, 2}},        {450, {}, kind::deferred, {4, 2, 0}},
        {550, {}, kind::rejected, {5, 0, 0}},        {552, {}, kind::rejected, {5, 0, 0}},
        {550, {4, 1, 1}, kind::rejected, {5, 0, 0}}, {450, {5, 1, 1}, kind::deferred, {4, 2, 0}},
        {556, {}, kind::rejected, {5, 1, 10}},       {354, {}, kind::deferred, {4, 0, 0}},
        {0, {}, kind::deferred, {4, 0, 0}},          {599, {5, 1000, 0}, kind::rejected, {5, 0, 0}},
        {999, {}, kind::deferred, {4, 0, 0}},        {-550, {}, kind::deferred, {4, 0, 0}},
    };
    for (const auto& r : rows) {
        const auto v = to_verdict(smtp::reply(r.code, r.enhanced, "text"));
        EXPECT_EQ(v.outcome, r.outcome) << r.code;
        EXPECT_EQ(v.code, r.want) << r.code;
        EXPECT_EQ(v.smtp_code, r.code >= 200 && r.code < 600 && r.code / 100 != 3 ? r.code : 0) << r.code;
    }
}

TEST(StatusTable, AVerdictsCodeFollowsItsOutcome)
{
    auto muddled = verdict::deferred({5, 7, 1}, "");
    muddled.smtp_code = 550;
    EXPECT_EQ(to_result(muddled).code.text(), "99.821.4.0.0");
    EXPECT_EQ(to_result(muddled).smtp_code, 0);
    EXPECT_EQ(to_reply(muddled), smtp::reply(451, {4, 0, 0}, "Try again later."));
    EXPECT_EQ(to_reply(verdict::rejected({5, -1, 0}, "x")).enhanced, (smtp::enhanced_code{5, 0, 0}));
}

TEST(StatusTable, IsTheOneInTheDocumentation)
{
    const std::filesystem::path page =
        std::filesystem::path(ISTHMUS_TESTS_DIR).parent_path() / "docs" / "status-codes.md";
    const auto want = mapping::status_page();
    if (mapping_test::read_file(page) == want) return;
    std::ofstream(page.string() + ".actual", std::ios::binary) << want;
    FAIL() << page << " is not what the table prints; see " << page << ".actual";
}
