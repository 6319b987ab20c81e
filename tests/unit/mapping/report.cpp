// Delivery reports: who is owed one, and what it says.
#include "mapping/report.hpp"

#include "mapping/quoted_printable.hpp"
#include "tests/unit/mapping/support.hpp"

#include <gtest/gtest.h>

#include <algorithm>

using mapping::report_action;
using mapping::report_due;
using mapping::reported_recipient;
using mapping::verdict;
using mapping::write_report;

namespace {

const std::string umlaut_address = "d\xC3\xB6mi@b\xC3\xBC\x63her.example";

smtp::transaction original_from(std::string sender, std::vector<smtp::parameter> parameters = {})
{
    smtp::transaction t;
    t.reverse_path = std::move(sender);
    t.parameters = std::move(parameters);
    return t;
}

reported_recipient failed(std::string address, std::vector<smtp::parameter> parameters = {})
{
    auto refusal = verdict::rejected({5, 1, 1}, "No such user");
    refusal.smtp_code = 550;
    refusal.remote = "mx.example.org";
    return reported_recipient::about({std::move(address), std::move(parameters)}, report_action::failed, refusal);
}

mapping::report_facts sample_facts()
{
    mapping::report_facts facts;
    facts.host = "mx1.edge.example";
    facts.id = "01HQ3ZK.r";
    facts.time = 1763775062;
    facts.arrival = 1763775000;
    facts.original = original_from("alice@edge.example");
    facts.recipients = {failed("bob@example.org")};
    facts.header = "Subject: hello\r\nMessage-ID: <1@edge.example>\r\n\r\n";
    return facts;
}

struct mime_part {
    std::string type;
    std::string encoding;
    std::string octets;
};

// The header and the parts of a report; checks that it is one.
struct opened {
    mapping_test::split_message message;
    std::vector<mime_part> parts;

    std::string header(std::string_view name) const
    {
        std::string body(message.header().find(name).body);
        return body.substr(1, body.size() - 3);
    }
};

opened open(const std::string& octets)
{
    opened out{mapping_test::split(octets), {}};
    const auto type = out.header("Content-Type");
    const auto begin = type.find("boundary=\"") + 10;
    const auto marker = "\r\n--" + type.substr(begin, type.find('"', begin) - begin);
    EXPECT_TRUE(type.starts_with("multipart/report; report-type=delivery-status;")) << type;
    EXPECT_TRUE(octets.ends_with(marker + "--\r\n"));
    const auto body = "\r\n" + out.message.body;
    for (auto at = body.find(marker); at != std::string::npos;) {
        at += marker.size();
        const auto end = body.find(marker, at);
        if (end == std::string::npos) break;
        const auto part = mapping_test::split(body.substr(at + 2, end - at - 2));
        const auto value = [&](std::string_view name) {
            const std::string field(part.header().find(name).body);
            return field.substr(1, field.size() - 3);
        };
        out.parts.push_back({value("Content-Type"), value("Content-Transfer-Encoding"), part.body});
        at = end;
    }
    EXPECT_EQ(out.parts.size(), 3u);
    out.parts.resize(3);
    return out;
}

// What holds for every report: lines of mail, no other octets than declared, the transaction fits.
void expect_sound(const mapping::report& report)
{
    const auto& octets = report.message;
    std::size_t begin = 0;
    while (begin < octets.size()) {
        const auto end = octets.find("\r\n", begin);
        ASSERT_NE(end, std::string::npos);
        ASSERT_LE(end - begin, 998u);
        for (auto i = begin; i < end; ++i) ASSERT_TRUE(octets[i] != '\r' && octets[i] != '\n' && octets[i] != '\0');
        begin = end + 2;
    }
    const auto eight_bit = std::any_of(octets.begin(), octets.end(), [](char c) { return c < 0; });
    const auto& parameters = report.transaction.parameters;
    const auto says = [&](const smtp::parameter& p) {
        return std::find(parameters.begin(), parameters.end(), p) != parameters.end();
    };
    EXPECT_EQ(says({"BODY", "8BITMIME"}), eight_bit);
    EXPECT_EQ(report.transaction.reverse_path, "");
    ASSERT_EQ(report.transaction.recipients.size(), 1u);
    const auto& to = report.transaction.recipients[0].address;
    EXPECT_EQ(says({"SMTPUTF8", {}}), std::any_of(to.begin(), to.end(), [](char c) { return c < 0; }));
}

} // namespace

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

TEST(Report, CutsAnImmenseHeaderBetweenLines)
{
    std::string header;
    while (header.size() < 200'000) header += "X-Line: " + std::to_string(header.size()) + "\r\n";
    auto facts = sample_facts();
    facts.header = header;
    const auto part = open(write_report(facts)->message).parts[2];
    EXPECT_LE(part.octets.size(), 64u * 1024);
    EXPECT_GT(part.octets.size(), 60'000u);
    EXPECT_TRUE(part.octets.ends_with("\r\n"));
    EXPECT_TRUE(header.starts_with(part.octets));
}

TEST(Report, AddressesBeyondAsciiAreShownOrEscaped)
{
    auto facts = sample_facts();
    facts.recipients = {failed(umlaut_address, {{"ORCPT", "utf-8;d\\x{F6}mi@b\\x{FC}cher.example"}})};
    const auto seven_bit = write_report(facts);
    expect_sound(*seven_bit);
    const auto escaped = open(seven_bit->message);
    EXPECT_EQ(escaped.parts[0].encoding, "quoted-printable");
    EXPECT_NE(mapping::from_quoted_printable(escaped.parts[0].octets)->find(umlaut_address), std::string::npos);
    EXPECT_EQ(escaped.parts[1].type, "message/delivery-status");
    EXPECT_NE(escaped.parts[1].octets.find("Original-Recipient: utf-8;d\\x{F6}mi@b\\x{FC}cher.example\r\n"),
              std::string::npos);
    EXPECT_NE(escaped.parts[1].octets.find("Final-Recipient: utf-8;d\\x{F6}mi@b\\x{FC}cher.example\r\n"),
              std::string::npos);

    facts.original.parameters = {{"SMTPUTF8", {}}};
    const auto global = write_report(facts);
    expect_sound(*global);
    const auto shown = open(global->message);
    EXPECT_EQ(shown.parts[1].type, "message/global-delivery-status");
    EXPECT_EQ(shown.parts[1].encoding, "8bit");
    EXPECT_NE(shown.parts[1].octets.find("Original-Recipient: utf-8;" + umlaut_address + "\r\n"), std::string::npos);
    EXPECT_NE(shown.parts[1].octets.find("Final-Recipient: utf-8;" + umlaut_address + "\r\n"), std::string::npos);

    facts.original.reverse_path = umlaut_address;
    const auto to_unicode = write_report(facts);
    expect_sound(*to_unicode);
    EXPECT_EQ(open(to_unicode->message).header("To"), "<" + umlaut_address + ">");
}

TEST(Report, MalformedOrcptIsLeftOut)
{
    for (const auto* orcpt : {"", ";", "rfc822", ";a@b", "rfc822;", "rfc822;a+b", "rfc822;a b", "utf-8;\\x{D800}"}) {
        auto facts = sample_facts();
        facts.recipients[0].recipient.parameters = {{"ORCPT", orcpt}};
        EXPECT_EQ(write_report(facts)->message.find("Original-Recipient"), std::string::npos) << orcpt;
    }
}

TEST(Report, ReferencesOnlyAnIdThatIsOne)
{
    for (const auto* id : {"", " ", "x", "<>", "<a b@c>", "<a@b> <c@d>", "<a@b\x01>", "<a@b(c)>", "<a@\xC3\xBC>"}) {
        auto facts = sample_facts();
        const auto header = "Message-ID: " + std::string(id) + "\r\n\r\n";
        facts.header = header;
        EXPECT_EQ(write_report(facts)->message.find("References"), std::string::npos) << id;
    }
}

TEST(Report, IsSafeForEveryOctetInEveryText)
{
    for (unsigned value = 0; value < 256; ++value) {
        for (const auto& junk :
             {std::string("a") + static_cast<char>(value) + "b", std::string(3000, static_cast<char>(value))}) {
            for (const auto* utf8 : {"SMTPUTF8", "X-NONE"}) {
                for (auto fact = 0; fact < 9; ++fact) {
                    auto facts = sample_facts();
                    auto header = "X: " + junk + "\r\n";
                    std::string orcpt = "rfc822;x", envid = "y", body = "z";
                    auto& recipient = facts.recipients[0];
                    std::string* const texts[] = {&facts.host,
                                                  &facts.id,
                                                  &facts.original.reverse_path,
                                                  &facts.received_from,
                                                  &recipient.recipient.address,
                                                  &recipient.remote,
                                                  &recipient.diagnostic,
                                                  &orcpt,
                                                  &envid};
                    *texts[fact] = junk;
                    recipient.recipient.parameters = {{"ORCPT", orcpt}};
                    facts.original.parameters = {{utf8, {}}, {"ENVID", envid}, {"RET", "FULL"}};
                    facts.header = header;
                    facts.body = junk;
                    const auto report = write_report(facts);
                    ASSERT_TRUE(report.has_value());
                    ASSERT_NO_FATAL_FAILURE(expect_sound(*report));
                    ASSERT_NO_FATAL_FAILURE(open(report->message)) << fact << ' ' << value;
                }
            }
        }
    }
}

TEST(Report, TheBoundaryStandsInNoPart)
{
    auto facts = sample_facts();
    const auto boundary = [&] {
        const auto type = open(write_report(facts)->message).header("Content-Type");
        return type.substr(type.find("=_"), 34);
    };
    const auto first = boundary();
    const auto header = "X: " + first + "\r\n";
    facts.header = header;
    EXPECT_NE(boundary(), first);
}
