// What the tests of reports need: facts to report, and a report taken apart.
#pragma once

#include "mapping/report/report.hpp"
#include "tests/unit/mapping/support.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace mapping_test {

using mapping::report_action;
using mapping::reported_recipient;
using mapping::verdict;

inline const std::string umlaut_address = "d\xC3\xB6mi@b\xC3\xBC\x63her.example";

inline smtp::transaction original_from(std::string sender, std::vector<smtp::parameter> parameters = {})
{
    smtp::transaction t;
    t.reverse_path = std::move(sender);
    t.parameters = std::move(parameters);
    return t;
}

inline reported_recipient failed(std::string address, std::vector<smtp::parameter> parameters = {})
{
    auto refusal = verdict::rejected({5, 1, 1}, "No such user");
    refusal.smtp_code = 550;
    refusal.remote = "mx.example.org";
    return reported_recipient::about({std::move(address), std::move(parameters)}, report_action::failed, refusal);
}

inline mapping::report_facts sample_facts()
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

inline opened open(const std::string& octets)
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
inline void expect_sound(const mapping::report& report)
{
    const auto& octets = report.message;
    std::size_t begin = 0;
    while (begin < octets.size()) {
        const auto end = octets.find("\r\n", begin);
        ASSERT_NE(end, std::string::npos);
        ASSERT_LE(end - begin, 998u);
        ASSERT_EQ(octets.substr(begin, end - begin).find_first_of(std::string("\r\n\0", 3)), std::string::npos);
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

} // namespace mapping_test
