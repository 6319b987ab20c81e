// Reading reports in mail: dates, fields, parts, and which messages are reports at all.
#include "mapping/report/report_reader.hpp"
#include "mapping/date.hpp"
#include "mapping/report/qmail_bounce.hpp"
#include "mapping/report/report_due.hpp"
#include "mapping/report/report_fields.hpp"
#include "mapping/report/report_parts.hpp"
#include "tests/unit/mapping/support.hpp"

#include <gtest/gtest.h>

#include <random>

namespace {

std::optional<mapping::error_report> read(const std::string& message)
{
    const auto split = mapping_test::split(message);
    return mapping::read_report(split.header(), split.body);
}

std::string dsn(const std::string& fields)
{
    return "Content-Type: multipart/report; boundary=b\r\n\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\n" +
           fields + "\r\n--b--\r\n";
}

} // namespace

TEST(ReportDate, IsReadInEveryFormThatMailHas)
{
    constexpr xproto::unix_seconds want = 1763775062; // Sat, 22 Nov 2025 01:31:02 +0000
    for (const std::string& text :
         {std::string("Sat, 22 Nov 2025 01:31:02 +0000"), std::string("22 Nov 2025 01:31:02 GMT"),
          std::string("Sat, 22 nov 2025 02:31:02 +0100 (CET)"), std::string("Fri, 21 Nov 2025 20:31:02 EST"),
          std::string("Fri,21 Nov 25 17:31:02 -0800"), std::string("(a (b) c) Sat, 22 Nov (x) 2025 01:31:02 Z"),
          std::string("22 Nov 125 1:31:02 UT")})
        EXPECT_EQ(mapping::date_from_text(text), want) << text;
    EXPECT_EQ(mapping::date_from_text("22 Nov 2025 01:31 +0000"), want - 2);
    EXPECT_EQ(mapping::date_from_text("1 Jan 1970 00:00:00 +0000"), 0);
    EXPECT_EQ(mapping::date_from_text("31 Dec 9999 23:59:59 +0000"), 253402300799);
    for (const std::string& text :
         {std::string(), std::string("yesterday"), std::string("22 Nov 2025"), std::string("22 Nov 2025 01:31:02"),
          std::string("22 Nov 2025 25:31:02 +0000"), std::string("31 Nov 2025 01:31:02 +0000"),
          std::string("22 Nvo 2025 01:31:02 +0000"), std::string("22 Nov 2025 01:31:02 XYZ"),
          std::string("22 Nov 1969 01:31:02 +0000"), std::string("1 Jan 1970 00:00:00 +0100"),
          std::string("22 Nov 2025 01:31:02 +0000 again"), std::string("22 Nov 2025 01:31:02 +0060"),
          std::string("2025-11-22T01:31:02Z"), std::string(5000, '(')})
        EXPECT_EQ(mapping::date_from_text(text), std::nullopt) << text;
    std::mt19937 chance(5);
    for (int i = 0; i < 2000; ++i) {
        const auto time =
            static_cast<xproto::unix_seconds>(std::uniform_int_distribution<std::uint64_t>(0, 253402300799)(chance));
        EXPECT_EQ(mapping::date_from_text(mapping::rfc5322_date(time)), time);
    }
}

TEST(ReportFields, AreBlocksWithAnyLineEnds)
{
    for (const std::string& end : {std::string("\r\n"), std::string("\n")}) {
        std::string text;
        for (const char* line :
             {"", "A: 1", " and \tmore", "no field", " nor this", "B :2", " ", "", "C:", "", "", "D: 4"})
            text += line + end;
        const auto read = mapping::read_report_blocks(text, {});
        ASSERT_EQ(read.blocks.size(), 3u);
        EXPECT_EQ(read.blocks[0], (mapping::report_block{{"A", "1 and  more"}, {"B", "2"}}));
        EXPECT_EQ(read.blocks[1], (mapping::report_block{{"C", ""}}));
        EXPECT_EQ(read.blocks[2], (mapping::report_block{{"D", "4"}}));
        EXPECT_EQ(read.flaws, std::vector<std::string>{"a line that is no field"});
    }
}

TEST(ReportFields, AreBounded)
{
    mapping::error_report_limits limits;
    limits.recipients = 2;
    limits.fields = 1;
    limits.text = 5;
    std::string text;
    for (int i = 0; i < 40; ++i) text += "A: 123456789\n 123\n";
    for (int i = 0; i < 5; ++i) text += "\nB: 1\n";
    const auto read = mapping::read_report_blocks(text, limits);
    EXPECT_EQ(read.blocks.size(), 3u);
    EXPECT_EQ(read.blocks[0].size(), 33u);
    EXPECT_LE(read.blocks[0][0].text.size(), 6u);
    EXPECT_EQ(read.flaws.size(), 3u);
}

TEST(ReportFields, AreWrittenInLinesThatComeBack)
{
    const std::string words = "one two  three " + std::string(70, 'x') + " four " + std::string(80, 'y') + " five";
    const auto line = mapping::report_line("Diagnostic-Code", words, false, 4096);
    for (std::size_t begin = 0; begin < line.size();) {
        const auto end = line.find("\r\n", begin);
        ASSERT_NE(end, std::string::npos);
        EXPECT_LE(end - begin, 90u);
        begin = end + 2;
    }
    const auto read = mapping::read_report_blocks(line, {});
    ASSERT_EQ(read.blocks.size(), 1u);
    EXPECT_EQ(read.blocks[0][0].text, words);
    EXPECT_EQ(mapping::report_line("A", "b\r\nC: d", true, 100), "A: b  C: d\r\n");
    EXPECT_EQ(mapping::report_line("A", "", true, 100), "A:\r\n");
    EXPECT_EQ(mapping::report_line("A", "\xC3\xA9", false, 100), "A: ??\r\n");
    EXPECT_EQ(mapping::report_line("A", std::string(2000, 'x'), false, 1500).find("\r\n "), 903u);
}

TEST(ReportFields, HaveTypes)
{
    struct row {
        std::string text;
        mapping::typed_text want;
    };
    for (const auto& r : std::vector<row>{{"dns; host", {"dns", "host"}},
                                          {"dns;host", {"dns", "host"}},
                                          {"SMTP ; a; b", {"SMTP", "a; b"}},
                                          {"host", {"", "host"}},
                                          {"550 5.1.1 no; sorry", {"", "550 5.1.1 no; sorry"}},
                                          {"; a; b", {"", "a; b"}},
                                          {"", {}}}) {
        EXPECT_EQ(mapping::read_typed(r.text), r.want) << r.text;
        EXPECT_EQ(mapping::read_typed(mapping::to_text(r.want)), r.want) << r.text;
    }
}

TEST(ReportParts, AreFoundBetweenBoundaries)
{
    struct row {
        std::string name, content_type, body;
        std::vector<std::string> octets;
    };
    const std::vector<row> rows{
        {"plain",
         "multipart/report; boundary=x",
         "pre\r\n--x\r\n\r\na\r\n--x\r\n\r\nb\r\n--x--\r\n\r\n--x\r\n\r\nc",
         {"a", "b"}},
        {"quoted, with spaces after it",
         "multipart/mixed;\r\n\tBoundary = \"a \\\"b\" ; x=y",
         "--a \"b \t\n\n1\n--a \"b--",
         {"1"}},
        {"after other parameters", "multipart/report; report-type=\"a;b=c\"; boundary=x;", "--x\n\n1", {"1"}},
        {"broken off", "multipart/report; boundary=x", "--x\n\n1\n--x\n\n2\n-", {"1", "2\n-"}},
        {"a longer line is no boundary", "multipart/report; boundary=x", "--x\n\n1\n--xy\n--x--", {"1\n--xy"}},
        {"not at the beginning of a line", "multipart/report; boundary=x", "--x\n\n1 --x\n--x--", {"1 --x"}},
        {"without boundary", "multipart/report", "--x\n\n1\n--x--", {}},
        {"no multipart", "text/plain; boundary=x", "--x\n\n1\n--x--", {}},
        {"empty parts", "multipart/report; boundary=x", "--x\n--x\n--x--", {"", ""}},
    };
    for (const auto& r : rows) {
        const auto split = mapping_test::split("Content-Type: " + r.content_type + "\r\n\r\n" + r.body);
        std::vector<std::string> octets;
        for (const auto& part : mapping::read_report_parts(split.header(), split.body)) octets.push_back(part.octets);
        EXPECT_EQ(octets, r.octets) << r.name;
    }
    std::string many;
    for (int i = 0; i < 100; ++i) many += "--x\n\n1\n";
    const auto split = mapping_test::split("Content-Type: multipart/report; boundary=x\r\n\r\n" + many);
    EXPECT_EQ(mapping::read_report_parts(split.header(), split.body).size(), 16u);
}

TEST(ReportParts, LoseTheirTransferEncoding)
{
    struct row {
        std::string encoding, octets;
        std::optional<std::string> want;
    };
    for (const auto& r : std::vector<row>{{"", "a=b", "a=b"},
                                          {"8BIT", "\xFF", "\xFF"},
                                          {"Quoted-Printable", "a=3d=\r\nb=3D", "a=b="},
                                          {"quoted-printable", "a= \t\nb", "ab"},
                                          {"quoted-printable", "a=3", {}},
                                          {"quoted-printable", "a=zz", {}},
                                          {"BASE64", "YW I=\r\n", "ab"},
                                          {"base64", "YWI", "ab"},
                                          {"base64", "", ""},
                                          {"base64", "Y", {}},
                                          {"base64", "?", {}},
                                          {"uuencode", "x", {}}}) {
        auto octets = r.octets;
        EXPECT_EQ(mapping::undo_transfer_encoding(r.encoding, octets), r.want.has_value()) << r.encoding << r.octets;
        EXPECT_EQ(octets, r.want.value_or(r.octets));
    }
}

TEST(ReportReader, TakesNothingElseForAReport)
{
    for (const std::string& message :
         {std::string(), std::string("\r\n\r\n"),
          std::string("Subject: failure notice\r\n\r\n<bob@example.org>:\r\nno\r\n"),
          std::string("Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\ntext\r\n--b--\r\n"),
          std::string("Content-Type: text/html\r\n\r\nHi. This is the qmail-send program at x.\r\n\r\n<a@b>:\r\n"),
          std::string("Content-Type: message/delivery-status\r\n\r\nFinal-Recipient: rfc822; a@b\r\n"),
          // A report inside of what it reports about is not the report.
          std::string(
              "Content-Type: multipart/mixed; boundary=outer\r\n\r\n--outer\r\nContent-Type: message/rfc822\r\n\r\n") +
              dsn("Final-Recipient: rfc822;a@b\r\n") + "--outer--\r\n"})
        EXPECT_FALSE(read(message).has_value()) << message;
}

TEST(ReportReader, ChoosesWhichBodiesAreWorthKeeping)
{
    const auto may = [](const std::string& header, bool null_sender) {
        return mapping::may_be_report(mapping_test::split(header + "\r\n").header(), null_sender);
    };
    EXPECT_TRUE(may("", true));
    EXPECT_FALSE(may("", false));
    EXPECT_TRUE(may("content-type: Multipart/REPORT; x=y\r\n", false));
    EXPECT_TRUE(may("X-Failed-Recipients: a@b\r\n", false));
    EXPECT_FALSE(may("Content-Type: multipart/mixed; boundary=report\r\n", false));
}

TEST(ReportReader, DoesNotGuessRecipients)
{
    const auto exim = read("X-Failed-Recipients: a@b, \"x, y\"@c, , nobody, d@e\r\n\r\n<f@g> failed too\r\n");
    ASSERT_TRUE(exim);
    std::vector<std::string> addresses;
    for (const auto& r : exim->recipients) addresses.push_back(r.final.text);
    EXPECT_EQ(addresses, (std::vector<std::string>{"a@b", "d@e"}));
    const auto twice = read("X-Failed-Recipients: a@b\r\nX-Failed-Recipients: c@d\r\n\r\n");
    EXPECT_FALSE(twice.has_value());
    const auto qmail =
        read("\r\nHi. This is the program at host with spaces.\r\n\r\nnot <a@b>:\r\n\r\n<c@d>: \r\n\r\n<e@f>:\r\n");
    ASSERT_TRUE(qmail);
    EXPECT_TRUE(qmail->reporter.empty());
    ASSERT_EQ(qmail->recipients.size(), 1u);
    EXPECT_EQ(qmail->recipients[0].final.text, "e@f");
}

TEST(ReportReader, StopsAtItsLimits)
{
    std::string fields = "Reporting-MTA: dns; x\r\n";
    for (int i = 0; i < 1500; ++i)
        fields += "\r\nFinal-Recipient: rfc822;a" + std::to_string(i) + "@b\r\nAction: failed\r\n";
    const auto found = read(dsn(fields));
    ASSERT_TRUE(found);
    EXPECT_EQ(found->recipients.size(), 1000u);
    EXPECT_FALSE(found->flaws.empty());
    EXPECT_LE(found->flaws.size(), mapping::error_report_limits{}.flaws);
    std::string others = "Final-Recipient: rfc822;a@b\r\nAction: failed\r\n";
    for (int i = 0; i < 280; ++i) others += "X-" + std::to_string(i) + ": x\r\n";
    EXPECT_EQ(read(dsn(others))->recipients.at(0).others.size(), 256u);
}
