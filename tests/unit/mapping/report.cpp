// Delivery reports: who is owed one, and what it says.
#include "mapping/quoted_printable.hpp"
#include "tests/unit/mapping/report_support.hpp"

using mapping::report_action;
using mapping::report_due;
using mapping::reported_recipient;
using mapping::verdict;
using mapping::write_report;
using namespace mapping_test;

TEST(ReportDue, IsForNotifyToSay)
{
    struct row {
        std::vector<smtp::parameter> parameters;
        bool failure, delay, success;
    };
    const std::vector<row> rows{
        {{}, true, true, false},
        {{{"NOTIFY", "NEVER"}}, false, false, false},
        {{{"notify", "never"}}, false, false, false},
        {{{"NOTIFY", "NEVER,FAILURE"}}, false, false, false},
        {{{"NOTIFY", "FAILURE"}}, true, false, false},
        {{{"NOTIFY", "DELAY"}}, false, true, false},
        {{{"NOTIFY", "SUCCESS"}}, false, false, true},
        {{{"NOTIFY", "Success,Failure,Delay"}}, true, true, true},
        {{{"NOTIFY", ""}}, true, true, false},
        {{{"NOTIFY", {}}}, true, true, false},
        {{{"NOTIFY", "NONSENSE"}}, true, true, false},
        {{{"ORCPT", "rfc822;NEVER"}}, true, true, false},
    };
    for (const auto& r : rows) {
        const smtp::recipient recipient{"bob@example.org", r.parameters};
        const auto from_alice = original_from("alice@edge.example");
        EXPECT_EQ(report_due(from_alice, recipient, report_action::failed), r.failure);
        EXPECT_EQ(report_due(from_alice, recipient, report_action::delayed), r.delay);
        EXPECT_EQ(report_due(from_alice, recipient, report_action::relayed), r.success);
        EXPECT_EQ(report_due(from_alice, recipient, report_action::delivered), r.success);
        for (const auto action :
             {report_action::failed, report_action::delayed, report_action::relayed, report_action::delivered})
            EXPECT_FALSE(report_due(original_from(""), recipient, action));
    }
}

TEST(Report, NeverAnswersTheNullSender)
{
    auto facts = sample_facts();
    EXPECT_TRUE(write_report(facts).has_value());
    facts.original.reverse_path.clear();
    EXPECT_FALSE(write_report(facts).has_value());
    facts = sample_facts();
    facts.recipients.clear();
    EXPECT_FALSE(write_report(facts).has_value());
}

TEST(Report, IsACompleteMessageFromTheNullSender)
{
    const auto report = write_report(sample_facts());
    ASSERT_TRUE(report.has_value());
    expect_sound(*report);
    EXPECT_EQ(report->transaction, (smtp::transaction{"", {}, {{"alice@edge.example", {}}}}));
    const auto message = open(report->message);
    EXPECT_EQ(message.header("From"), "Mail gateway <postmaster@mx1.edge.example>");
    EXPECT_EQ(message.header("To"), "<alice@edge.example>");
    EXPECT_EQ(message.header("Subject"), "Undelivered mail");
    EXPECT_EQ(message.header("Date"), "Sat, 22 Nov 2025 01:31:02 +0000");
    EXPECT_EQ(message.header("Message-ID"), "<01HQ3ZK.r@mx1.edge.example>");
    EXPECT_EQ(message.header("References"), "<1@edge.example>");
    EXPECT_EQ(message.header("Auto-Submitted"), "auto-replied");
    EXPECT_EQ(message.parts[0].type, "text/plain; charset=us-ascii");
    EXPECT_EQ(message.parts[0].octets, "This is the mail gateway at mx1.edge.example.\r\n"
                                       "\r\n"
                                       "Your message could not be delivered to these recipients. It will not be\r\n"
                                       "tried again.\r\n"
                                       "\r\n"
                                       "<bob@example.org>\r\n"
                                       "    550 5.1.1 No such user\r\n"
                                       "    (said by mx.example.org)\r\n");
    EXPECT_EQ(message.parts[1].type, "message/delivery-status");
    EXPECT_EQ(message.parts[1].octets, "Reporting-MTA: dns; mx1.edge.example\r\n"
                                       "Arrival-Date: Sat, 22 Nov 2025 01:30:00 +0000\r\n"
                                       "\r\n"
                                       "Final-Recipient: rfc822;bob@example.org\r\n"
                                       "Action: failed\r\n"
                                       "Status: 5.1.1\r\n"
                                       "Remote-MTA: dns; mx.example.org\r\n"
                                       "Diagnostic-Code: smtp; 550 5.1.1 No such user\r\n");
    EXPECT_EQ(message.parts[2].type, "text/rfc822-headers");
    EXPECT_EQ(message.parts[2].octets, "Subject: hello\r\nMessage-ID: <1@edge.example>\r\n");
}

TEST(Report, TellsEveryFactOfEveryRecipient)
{
    auto facts = sample_facts();
    facts.received_from = "client.edge.example";
    facts.original.parameters = {{"ENVID", "QQ+2B314"}};
    facts.recipients[0].recipient.parameters = {{"ORCPT", "rfc822;Bob+2Bx@Example.ORG"}};
    facts.recipients[0].last_attempt = 1763775060;
    facts.recipients[0].retry_until = 1764207062; // not said of one that failed
    auto late = reported_recipient::about({"carol@example.net", {}}, report_action::delayed,
                                          verdict::deferred({4, 4, 1}, "No answer"));
    late.retry_until = 1764207062;
    facts.recipients.push_back(late);
    facts.recipients.push_back(
        reported_recipient::about({"dave@example.com", {}}, report_action::relayed, verdict::delivered("ok")));
    const auto message = open(write_report(facts)->message);
    EXPECT_EQ(message.header("Subject"), "Undelivered mail");
    EXPECT_EQ(message.parts[1].octets, "Original-Envelope-Id: QQ+314\r\n"
                                       "Reporting-MTA: dns; mx1.edge.example\r\n"
                                       "Received-From-MTA: dns; client.edge.example\r\n"
                                       "Arrival-Date: Sat, 22 Nov 2025 01:30:00 +0000\r\n"
                                       "\r\n"
                                       "Original-Recipient: rfc822;Bob+x@Example.ORG\r\n"
                                       "Final-Recipient: rfc822;bob@example.org\r\n"
                                       "Action: failed\r\n"
                                       "Status: 5.1.1\r\n"
                                       "Remote-MTA: dns; mx.example.org\r\n"
                                       "Diagnostic-Code: smtp; 550 5.1.1 No such user\r\n"
                                       "Last-Attempt-Date: Sat, 22 Nov 2025 01:31:00 +0000\r\n"
                                       "\r\n"
                                       "Final-Recipient: rfc822;carol@example.net\r\n"
                                       "Action: delayed\r\n"
                                       "Status: 4.4.1\r\n"
                                       "Diagnostic-Code: x-isthmus; 4.4.1 No answer\r\n"
                                       "Will-Retry-Until: Thu, 27 Nov 2025 01:31:02 +0000\r\n"
                                       "\r\n"
                                       "Final-Recipient: rfc822;dave@example.com\r\n"
                                       "Action: relayed\r\n"
                                       "Status: 2.0.0\r\n"
                                       "Diagnostic-Code: x-isthmus; 2.0.0 ok\r\n");
    for (const auto* address : {"<bob@example.org>", "<carol@example.net>", "<dave@example.com>"})
        EXPECT_NE(message.parts[0].octets.find(address), std::string::npos);
}

TEST(Report, SubjectSaysTheWorst)
{
    const auto subject = [](std::vector<report_action> actions) {
        auto facts = sample_facts();
        facts.recipients.clear();
        for (const auto action : actions)
            facts.recipients.push_back(reported_recipient::about({"a@b", {}}, action, verdict::delivered()));
        return open(write_report(facts)->message).header("Subject");
    };
    EXPECT_EQ(subject({report_action::delivered, report_action::delayed, report_action::failed}), "Undelivered mail");
    EXPECT_EQ(subject({report_action::relayed, report_action::delayed}), "Delayed mail: still being tried");
    EXPECT_EQ(subject({report_action::delivered, report_action::relayed}), "Relayed mail");
    EXPECT_EQ(subject({report_action::delivered}), "Delivered mail");
}

TEST(Report, DiagnosticsNameTheirSource)
{
    auto refusal = verdict::rejected({5, 7, 1}, "no");
    EXPECT_EQ(reported_recipient::about({}, report_action::failed, refusal).diagnostic_type, "x-isthmus");
    refusal.remote = "mx.carrier.example";
    const auto native = reported_recipient::about({}, report_action::failed, refusal);
    EXPECT_EQ(native.diagnostic_type, "x-xproto");
    EXPECT_EQ(native.diagnostic, "99.0.5.26 no");
    refusal.smtp_code = 554;
    const auto legacy = reported_recipient::about({}, report_action::failed, refusal);
    EXPECT_EQ(legacy.diagnostic_type, "smtp");
    EXPECT_EQ(legacy.diagnostic, "554 5.7.1 no");
    EXPECT_EQ(legacy.status, (mapping::enhanced_code{5, 7, 1}));
}

TEST(Report, ReturnsTheMessageWhenItIsAskedForAndCanBe)
{
    struct row {
        std::string name;
        std::vector<smtp::parameter> parameters;
        report_action action;
        std::string header;
        std::optional<std::string> body;
        std::string type;
        std::string encoding;
    };
    const std::string header = "Subject: hello\r\n\r\n";
    const std::string utf8_header = "Subject: \xC3\xBC\r\n\r\n";
    const auto failed_action = report_action::failed;
    const smtp::parameter full{"RET", "FULL"};
    const smtp::parameter eight{"BODY", "8BITMIME"};
    const std::vector<row> rows{
        {"not asked for", {}, failed_action, header, "body\r\n", "text/rfc822-headers", "7bit"},
        {"headers asked for", {{"RET", "HDRS"}}, failed_action, header, "body\r\n", "text/rfc822-headers", "7bit"},
        {"asked for", {full}, failed_action, header, "body\r\n", "message/rfc822", "7bit"},
        {"in any case", {{"Ret", "full"}}, failed_action, header, "body\r\n", "message/rfc822", "7bit"},
        {"no last line end", {full}, failed_action, header, "body", "message/rfc822", "7bit"},
        {"body not at hand", {full}, failed_action, header, {}, "text/rfc822-headers", "7bit"},
        {"no failure", {full}, report_action::delayed, header, "body\r\n", "text/rfc822-headers", "7bit"},
        {"too large", {full}, failed_action, header, std::string(1000, 'x') + "\r\n", "text/rfc822-headers", "7bit"},
        {"8-bit on a 7-bit way", {full}, failed_action, header, "\xFF\r\n", "text/rfc822-headers", "7bit"},
        {"8-bit on an 8-bit way", {full, eight}, failed_action, header, "\xFF\r\n", "message/rfc822", "8bit"},
        {"a NUL", {full, eight}, failed_action, header, std::string("\0\r\n", 3), "text/rfc822-headers", "7bit"},
        {"a bare LF", {full, eight}, failed_action, header, "a\nb\r\n", "text/rfc822-headers", "7bit"},
        {"a bare CR", {full, eight}, failed_action, header, "a\rb\r\n", "text/rfc822-headers", "7bit"},
        {"a UTF-8 header, not SMTPUTF8",
         {full, eight},
         failed_action,
         utf8_header,
         "a\r\n",
         "text/rfc822-headers",
         "quoted-printable"},
        {"a UTF-8 header, SMTPUTF8",
         {full, {"SMTPUTF8", {}}},
         failed_action,
         utf8_header,
         "a\r\n",
         "message/global",
         "8bit"},
        {"a UTF-8 header alone", {{"SMTPUTF8", {}}}, failed_action, utf8_header, {}, "message/global-headers", "8bit"},
        {"junk in the header",
         {{"SMTPUTF8", {}}},
         failed_action,
         "Subject: \xFF\r\n\r\n",
         {},
         "text/rfc822-headers",
         "quoted-printable"},
        {"a header without end", {}, failed_action, "Subject: x", {}, "text/rfc822-headers", "7bit"},
        {"no header", {}, failed_action, "\r\n", {}, "text/rfc822-headers", "7bit"},
    };
    mapping::report_limits limits;
    limits.returned = 500;
    for (const auto& r : rows) {
        auto facts = sample_facts();
        facts.original.parameters = r.parameters;
        facts.recipients[0].action = r.action;
        facts.header = r.header;
        if (r.body) facts.body = *r.body;
        const auto report = write_report(facts, limits);
        expect_sound(*report);
        const auto part = open(report->message).parts[2];
        EXPECT_EQ(part.type, r.type) << r.name;
        EXPECT_EQ(part.encoding, r.encoding) << r.name;
        const auto is_whole = r.type == "message/rfc822" || r.type == "message/global";
        const auto decoded =
            r.encoding == "quoted-printable" ? *mapping::from_quoted_printable(part.octets) : part.octets;
        if (is_whole) {
            EXPECT_EQ(decoded, r.header + *r.body + (r.body->ends_with("\r\n") ? "" : "\r\n")) << r.name;
        } else {
            EXPECT_EQ(decoded.substr(0, 10), r.header == "\r\n" ? "" : r.header.substr(0, 10)) << r.name;
        }
    }
}
