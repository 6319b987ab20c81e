// What people may write as --refuse, --delay and --drop, and what it makes a test receiver do.
#include "gateway/tools/probe_rules.hpp"

#include <gtest/gtest.h>

namespace gateway::tools {
namespace {

struct refusal_row {
    const char* name;
    const char* text;
    int smtp;
    const char* enhanced;
    const char* xproto;
    int xproto_smtp;
    const char* words;
};

void PrintTo(const refusal_row& r, std::ostream* out)
{
    *out << r.name;
}

class ProbeRefusal : public testing::TestWithParam<refusal_row> {};

TEST_P(ProbeRefusal, IsSaidInBothProtocols)
{
    const auto& row = GetParam();
    const auto made = refusal_from_text(row.text);
    ASSERT_TRUE(made);
    EXPECT_EQ(made->reply.code, row.smtp);
    const auto& e = made->reply.enhanced;
    EXPECT_EQ(mapping::to_text({e.status_class, e.subject, e.detail}), row.enhanced);
    EXPECT_EQ(made->result.code.text(), row.xproto);
    EXPECT_EQ(made->result.smtp_code, row.xproto_smtp);
    EXPECT_EQ(made->reply.text(), row.words);
}

INSTANTIATE_TEST_SUITE_P(
    All, ProbeRefusal,
    testing::Values(refusal_row{"Reply", "450 4.2.1 busy", 450, "4.2.1", "99.821.4.2.1", 450, "busy"},
                    refusal_row{"ReplyWithoutEnhancedCode", "550 no such user", 550, "5.0.0", "99.821.5.0.0", 550,
                                "no such user"},
                    refusal_row{"ResultCode", "99.0.4.1 come back", 451, "4.3.2", "99.0.4.1", 0, "come back"},
                    refusal_row{"SmtpArc", "99.821.5.1.1 unknown", 550, "5.1.1", "99.821.5.1.1", 0, "unknown"},
                    refusal_row{"AnotherArc", "1.3.6.1.4.1.5 whatever", 554, "5.0.0", "1.3.6.1.4.1.5", 0, "whatever"}),
    [](const auto& r) { return r.param.name; });

TEST(ProbeRules, WhatIsNoRefusalIsRefused)
{
    for (const auto* text : {"", "no", "250 ok", "354 go on", "99.0.2.6 stored", "45", "450 a\r\n250 b", "1"})
        EXPECT_FALSE(refusal_from_text(text)) << text;
}

TEST(ProbeRules, MistakesAreExplained)
{
    probe_rules rules;
    EXPECT_NE(rules.add_refusal("dta")->find("the stages are connect helo mail"), std::string::npos);
    EXPECT_NE(rules.add_refusal("end=250 fine")->find("is no refusal"), std::string::npos);
    EXPECT_NE(rules.add_refusal("end:bob@b.example=550 no")->find("only rcpt"), std::string::npos);
    EXPECT_TRUE(rules.add_delay("end"));
    EXPECT_TRUE(rules.add_delay("end=-1"));
    EXPECT_TRUE(rules.add_delay("end=nan"));
    EXPECT_TRUE(rules.add_delay("end=3601"));
    EXPECT_TRUE(rules.add_delay("end=1s"));
    EXPECT_TRUE(rules.add_drop("end=1"));
    EXPECT_TRUE(rules.at(stage::end).none()) << "a rule that was wrong does nothing";
}

TEST(ProbeRules, AStageOfTheOtherProtocolIsAMistake)
{
    probe_rules smtp;
    ASSERT_FALSE(smtp.add_drop("headers"));
    EXPECT_EQ(smtp.misplaced(true), "SMTP has no stage headers");
    EXPECT_EQ(smtp.misplaced(false), std::nullopt);
    probe_rules xproto;
    ASSERT_FALSE(xproto.add_drop("end"));
    ASSERT_FALSE(xproto.add_delay("data=1"));
    EXPECT_EQ(xproto.misplaced(false), "xproto has no stage data");
}

TEST(ProbeRules, OneRecipientIsRefusedAndAnotherIsNot)
{
    probe_rules rules;
    ASSERT_FALSE(rules.add_refusal("rcpt:bob@b.example=450 4.2.2 full"));
    EXPECT_TRUE(rules.at(stage::rcpt, "alice@b.example").none());
    const auto bob = rules.at(stage::rcpt, "bob@b.example");
    ASSERT_TRUE(bob.refuse);
    EXPECT_EQ(bob.refuse->reply.code, 450);
}

TEST(ProbeRules, ARefusalWithoutCodeIsPermanent)
{
    probe_rules rules;
    ASSERT_FALSE(rules.add_refusal("end"));
    ASSERT_FALSE(rules.add_refusal("rcpt"));
    EXPECT_EQ(rules.at(stage::end).refuse->reply.code, 550);
    EXPECT_EQ(rules.at(stage::rcpt, "b@b.example").refuse->result.code.text(), "99.821.5.1.1");
}

TEST(ProbeRules, DelaysAddUpAndTheFirstOutcomeCounts)
{
    probe_rules rules;
    ASSERT_FALSE(rules.add_delay("end=0.25"));
    ASSERT_FALSE(rules.add_drop("end"));
    ASSERT_FALSE(rules.add_refusal("end"));
    ASSERT_FALSE(rules.add_delay("end=1"));
    const auto now = rules.at(stage::end);
    EXPECT_EQ(now.delay, std::chrono::milliseconds(1250));
    EXPECT_TRUE(now.drop);
    EXPECT_FALSE(now.refuse);
}

TEST(ProbeRules, AServerThatRecovers)
{
    probe_rules rules;
    ASSERT_FALSE(rules.add_refusal("end=451 4.3.0 later"));
    rules.only_first(2);
    EXPECT_TRUE(rules.at(stage::end).refuse);
    EXPECT_TRUE(rules.at(stage::connect).none()) << "another stage uses nothing up";
    EXPECT_TRUE(rules.at(stage::end).refuse);
    EXPECT_TRUE(rules.at(stage::end).none());
}

} // namespace
} // namespace gateway::tools
