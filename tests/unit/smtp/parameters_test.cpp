// Parameters of MAIL and RCPT: what the server session takes, and what the client session chooses to send.
#include "smtp/command.hpp"
#include "smtp/mail_options.hpp"
#include "smtp/send_plan.hpp"

#include <gtest/gtest.h>

namespace {

smtp::extensions everything()
{
    smtp::extensions all;
    all.pipelining = all.size = all.eight_bit_mime = all.smtputf8 = all.chunking = all.binarymime = true;
    all.enhanced_codes = all.dsn = all.start_tls = true;
    return all;
}

std::vector<smtp::parameter> parameters(const std::string& text)
{
    const auto read = smtp::parse_parameters(text);
    EXPECT_TRUE(read) << text;
    return *read;
}

TEST(SmtpMailOptions, AreUnderstood)
{
    const auto read = smtp::check_mail_parameters(
        parameters("size=1000 body=BinaryMime smtputf8 ret=full envid=" + std::string(100, 'x')), everything());
    ASSERT_TRUE(read);
    EXPECT_EQ(read->size, 1000U);
    EXPECT_EQ(read->body, smtp::body_type::binary);
    EXPECT_TRUE(read->smtputf8);
    EXPECT_EQ(*smtp::check_mail_parameters({}, everything()), smtp::mail_options());
    EXPECT_EQ(smtp::check_mail_parameters(parameters("BODY=8BITMIME"), everything())->body, smtp::body_type::eight_bit);
    EXPECT_EQ(smtp::check_mail_parameters(parameters("BODY=7bit"), everything())->body, smtp::body_type::seven_bit);
}

struct refused_row {
    std::string text;
    int code;
    smtp::enhanced_code enhanced;
};

TEST(SmtpMailOptions, AreRefusedWhenMalformedUnknownOrNotOffered)
{
    const smtp::enhanced_code parameter{5, 5, 4};
    const refused_row table[] = {
        {"SIZE", 501, parameter},       {"SIZE=-1", 501, parameter},
        {"SIZE=1k", 501, parameter},    {"SIZE=000000000000000000001", 501, parameter},
        {"SIZE=1001", 552, {5, 3, 4}},  {"SIZE=18446744073709551617", 552, {5, 3, 4}},
        {"BODY", 501, parameter},       {"SMTPUTF8=1", 501, parameter},
        {"RET", 501, parameter},        {"ENVID=" + std::string(101, 'x'), 501, parameter},
        {"ENVID=+4", 501, parameter},   {"ENVID=+4a", 501, parameter},
        {"ENVID=é", 501, parameter},    {"NOTIFY=NEVER", 555, parameter},
        {"REQUIRETLS", 555, parameter},
    };
    auto offered = everything();
    offered.size_limit = 1000;
    for (const auto& [text, code, enhanced] : table) {
        const auto read = smtp::check_mail_parameters(parameters(text), offered);
        ASSERT_FALSE(read) << text;
        EXPECT_EQ(read.error().code, code) << text;
        EXPECT_EQ(read.error().enhanced, enhanced) << text;
    }
    for (const auto& text : {"SIZE=1", "BODY=7BIT", "SMTPUTF8", "RET=FULL", "ENVID=x"}) {
        const auto read = smtp::check_mail_parameters(parameters(text), {});
        ASSERT_FALSE(read) << text;
        EXPECT_EQ(read.error().code, 555) << text;
    }
}

TEST(SmtpMailOptions, OfRecipientsAreChecked)
{
    for (const auto& good : {"", "NOTIFY=NEVER", "notify=success,FAILURE,Delay", "ORCPT=rfc822;a+2Bb@c.test",
                             "ORCPT=utf-8;a\\x{E9}@c.test"}) {
        EXPECT_FALSE(smtp::check_rcpt_parameters(parameters(good), everything(), false)) << good;
    }
    for (const auto& bad : {"NOTIFY", "NOTIFY=NEVER,DELAY", "NOTIFY=SUCCESS,", "NOTIFY=ALWAYS", "ORCPT", "ORCPT=;a",
                            "ORCPT=rfc822;", "ORCPT=a@b", "ORCPT=rfc822;a+2", "ORCPT=rfc822;é", "ORCPT=utf-8;é"}) {
        const auto refusal = smtp::check_rcpt_parameters(parameters(bad), everything(), false);
        ASSERT_TRUE(refusal) << bad;
        EXPECT_EQ(refusal->code, 501) << bad;
    }
    EXPECT_FALSE(smtp::check_rcpt_parameters(parameters("ORCPT=utf-8;é"), everything(), true));
    EXPECT_TRUE(smtp::check_rcpt_parameters(parameters("ORCPT=rfc822;" + std::string(494, 'x')), everything(), false));
    EXPECT_EQ(smtp::check_rcpt_parameters(parameters("NOTIFY=NEVER"), {}, false)->code, 555);
    EXPECT_EQ(smtp::check_rcpt_parameters(parameters("RRVS=x"), everything(), false)->code, 555);
}

smtp::transaction one_recipient()
{
    return {"ann@a.test", {}, {{"bob@b.test", {}}}};
}

smtp::content_facts plain(std::uint64_t octets)
{
    smtp::content_facts facts;
    facts.octets = octets;
    return facts;
}

TEST(SmtpRequireTls, IsTakenOnlyWhereItIsOffered)
{
    auto offered = everything();
    offered.require_tls = true;
    EXPECT_TRUE(smtp::check_mail_parameters(parameters("requiretls"), offered)->require_tls);
    EXPECT_EQ(smtp::check_mail_parameters(parameters("REQUIRETLS=1"), offered).error().code, 501);
    EXPECT_EQ(smtp::check_mail_parameters(parameters("REQUIRETLS"), everything()).error().code, 555);
}

TEST(SmtpRequireTls, GoesOnlyToServersThatAreProvedAndOfferIt)
{
    auto mail = one_recipient();
    mail.parameters = parameters("REQUIRETLS");
    auto offered = everything();
    const auto refusal = [&](bool secure) {
        return smtp::plan_sending(mail, plain(10), offered, {}, secure).recipients.at(0).refusal;
    };
    EXPECT_EQ(refusal(false)->enhanced, (smtp::enhanced_code{5, 7, 10}));
    EXPECT_EQ(refusal(true)->enhanced, (smtp::enhanced_code{5, 7, 30}));
    offered.require_tls = true;
    EXPECT_EQ(refusal(false)->enhanced, (smtp::enhanced_code{5, 7, 10}));
    EXPECT_FALSE(refusal(true));
    EXPECT_EQ(smtp::plan_sending(mail, plain(10), offered, {}, true).mail, "MAIL FROM:<ann@a.test> SIZE=10 REQUIRETLS");
    mail.parameters.clear();
    EXPECT_FALSE(refusal(false));
}

struct carriage_row {
    const char* name;
    bool chunking, binarymime, pipelining;
    bool bare, nul, ends_in_crlf;
    std::uint64_t octets;
    bool want_chunked, want_eager;
    std::string want_mail;
};

TEST(SmtpSendPlan, ChoosesDataOrBdat)
{
    const std::string mail = "MAIL FROM:<ann@a.test>";
    const std::string binary = mail + " BODY=BINARYMIME";
    const carriage_row table[] = {
        {"nothing offered", false, false, false, false, false, true, 10, false, false, mail},
        {"small, one round trip", true, false, true, false, false, true, 65536, true, true, mail},
        {"large: DATA costs no more", true, true, true, false, false, true, 65537, false, false, mail},
        {"no pipelining: no gain", true, true, false, false, false, true, 10, false, false, mail},
        {"bare newline", true, true, false, true, false, true, 10, true, false, binary},
        {"bare newline, one round trip", true, true, true, true, false, true, 10, true, true, binary},
        {"NUL where it can be carried", true, true, false, false, true, true, 10, true, false, binary},
        {"NUL where it cannot", true, false, false, false, true, true, 10, false, false, mail},
        {"BINARYMIME without CHUNKING means nothing", false, true, true, false, true, true, 10, false, false, mail},
        {"open last line", true, false, false, false, false, false, 10, true, false, mail},
    };
    for (const auto& row : table) {
        smtp::extensions offered;
        offered.chunking = row.chunking;
        offered.binarymime = row.binarymime;
        offered.pipelining = row.pipelining;
        auto facts = plain(row.octets);
        facts.bare_newline = row.bare;
        facts.nul = row.nul;
        facts.ends_in_crlf = row.ends_in_crlf;
        const auto plan = smtp::plan_sending(one_recipient(), facts, offered, {});
        EXPECT_EQ(plan.chunked, row.want_chunked) << row.name;
        EXPECT_EQ(plan.eager, row.want_eager) << row.name;
        EXPECT_EQ(plan.mail, row.want_mail) << row.name;
        EXPECT_FALSE(plan.recipients.at(0).refusal) << row.name;
    }
}

TEST(SmtpSendPlan, KeepsWhatTheSenderDeclared)
{
    auto mail = one_recipient();
    mail.parameters = parameters("body=binarymime size=1 RET=hdrs");
    const auto binary = smtp::plan_sending(mail, plain(10), everything(), {});
    EXPECT_EQ(binary.mail, "MAIL FROM:<ann@a.test> SIZE=10 BODY=BINARYMIME RET=hdrs");
    mail.parameters = parameters("BODY=8BITMIME");
    EXPECT_EQ(smtp::plan_sending(mail, plain(10), everything(), {}).mail,
              "MAIL FROM:<ann@a.test> SIZE=10 BODY=8BITMIME");
    mail.parameters = parameters("BODY=7BIT");
    EXPECT_EQ(smtp::plan_sending(mail, plain(10), everything(), {}).mail, "MAIL FROM:<ann@a.test> SIZE=10 BODY=7BIT");
    mail.parameters.clear();
    EXPECT_EQ(smtp::plan_sending(mail, plain(10), everything(), {}).mail, "MAIL FROM:<ann@a.test> SIZE=10");
}

TEST(SmtpSendPlan, RefusesWhatWouldBeHarmed)
{
    const auto refusal = [](const smtp::transaction& mail, const smtp::content_facts& facts,
                            const smtp::extensions& offered, const smtp::send_choices& choices = {}) {
        const auto plan = smtp::plan_sending(mail, facts, offered, choices);
        return plan.recipients.at(0).refusal.value_or(smtp::reply()).enhanced;
    };
    using code = smtp::enhanced_code;
    auto facts = plain(10);
    facts.bare_newline = true;
    auto offered = everything();
    offered.binarymime = false;
    EXPECT_EQ(refusal(one_recipient(), facts, offered), (code{5, 6, 1}));
    smtp::send_choices no_chunking;
    no_chunking.chunking = false;
    EXPECT_EQ(refusal(one_recipient(), facts, everything(), no_chunking), (code{5, 6, 1}));

    facts = plain(10);
    facts.eight_bit = true;
    smtp::send_choices strict;
    strict.eight_bit = smtp::eight_bit_policy::refuse;
    EXPECT_EQ(refusal(one_recipient(), facts, {}, strict), (code{5, 6, 3}));
    EXPECT_EQ(refusal(one_recipient(), facts, everything(), strict), code());
    EXPECT_EQ(refusal(one_recipient(), facts, {}), code());

    offered.size_limit = 9;
    EXPECT_EQ(refusal(one_recipient(), plain(10), offered), (code{5, 3, 4}));
    EXPECT_EQ(refusal(one_recipient(), plain(9), offered), code());

    auto mail = one_recipient();
    for (const auto& bad : {"a@b.test>", "a b@c.test", "a@b.test\r\nDATA", "@b.test", "a", "a@b.test> SIZE=1"}) {
        mail = one_recipient();
        mail.reverse_path = bad;
        EXPECT_EQ(refusal(mail, plain(10), everything()), (code{5, 1, 7})) << bad;
        mail = one_recipient();
        mail.recipients[0].address = bad;
        EXPECT_EQ(refusal(mail, plain(10), everything()), (code{5, 1, 3})) << bad;
    }
    for (const auto& bad : {"a b", "x\r\nDATA", "", "a=b"}) {
        mail = one_recipient();
        mail.parameters = {{"ENVID", bad}};
        EXPECT_EQ(refusal(mail, plain(10), everything()), (code{5, 5, 4})) << bad;
        mail = one_recipient();
        mail.recipients[0].parameters = {{"ORCPT", bad}};
        EXPECT_EQ(refusal(mail, plain(10), everything()), (code{5, 5, 4})) << bad;
        EXPECT_EQ(refusal(mail, plain(10), {}), code()) << "what is not sent does no harm";
    }
}

} // namespace
