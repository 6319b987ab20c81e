// Trace lines as the world writes them, and as we do.
#include "mapping/received.hpp"

#include "smtp/address.hpp"

#include <gtest/gtest.h>

#include <algorithm>

using mapping::read_received;
using mapping::trace_view;

namespace {

struct row {
    std::string name;
    std::string body;
    trace_view want;
};

const std::vector<row> rows{
    {"RFC 5321 appendix D",
     " from bar.com by foo.com ; Thu, 21 May 1998\r\n   05:33:29 -0700\r\n",
     {{"from", "bar.com"}, {"by", "foo.com"}, {"date", "Thu, 21 May 1998 05:33:29 -0700"}}},
    {"Postfix",
     " from mail.example.org (mail.example.org [192.0.2.1])\r\n\t(using TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 "
     "(256/256 bits))\r\n"
     "\tby mx.example.net (Postfix) with ESMTPS id 4ZkLm12zXyz\r\n\tfor <bob@example.net>; Tue,  1 Feb 2022 10:11:12 "
     "+0100 (CET)\r\n",
     {{"from", "mail.example.org"},
      {"from-address", "192.0.2.1"},
      {"from-comment", "mail.example.org [192.0.2.1]"},
      {"by", "mx.example.net"},
      {"by-comment", "Postfix"},
      {"with", "ESMTPS"},
      {"id", "4ZkLm12zXyz"},
      {"for", "bob@example.net"},
      {"date", "Tue, 1 Feb 2022 10:11:12 +0100 (CET)"}}},
    {"Exim",
     " from [198.51.100.7] (helo=client.example)\r\n\tby mx.example.net with esmtpsa  (TLS1.3) tls "
     "TLS_AES_256_GCM_SHA384\r\n"
     "\t(Exim 4.96)\r\n\t(envelope-from <a@example.org>)\r\n\tid 1pABCD-000123-4E\r\n\tfor bob@example.net;\r\n\tFri, "
     "30 Dec 2022 23:59:60 +0000\r\n",
     {{"from", "[198.51.100.7]"},
      {"from-address", "198.51.100.7"},
      {"from-comment", "helo=client.example"},
      {"by", "mx.example.net"},
      {"with", "esmtpsa tls TLS_AES_256_GCM_SHA384"},
      {"id", "1pABCD-000123-4E"},
      {"for", "bob@example.net"},
      {"date", "Fri, 30 Dec 2022 23:59:60 +0000"}}},
    {"Microsoft",
     " from DB9PR01.eurprd01.prod.outlook.com (2603:10a6:10:1d9::23)\r\n by AM6PR01.eurprd01.prod.outlook.com "
     "(2603:10a6:20b:a7::15) with\r\n"
     " Microsoft SMTP Server (version=TLS1_2,\r\n cipher=X) id 15.20.5986.18; Mon, 9 Jan 2023 12:00:00 +0000\r\n",
     {{"from", "DB9PR01.eurprd01.prod.outlook.com"},
      {"from-address", "2603:10a6:10:1d9::23"},
      {"from-comment", "2603:10a6:10:1d9::23"},
      {"by", "AM6PR01.eurprd01.prod.outlook.com"},
      {"by-address", "2603:10a6:20b:a7::15"},
      {"by-comment", "2603:10a6:20b:a7::15"},
      {"with", "Microsoft SMTP Server"},
      {"id", "15.20.5986.18"},
      {"date", "Mon, 9 Jan 2023 12:00:00 +0000"}}},
    {"qmail",
     " (qmail 12345 invoked by uid 0); 1 Jan 2003 00:00:00 -0000\r\n",
     {{"date", "1 Jan 2003 00:00:00 -0000"}}},
    {"an IPv6 literal",
     " from x ([IPv6:2001:db8::1]) by y; z",
     {{"from", "x"},
      {"from-address", "2001:db8::1"},
      {"from-comment", "[IPv6:2001:db8::1]"},
      {"by", "y"},
      {"date", "z"}}},
    {"a foreign link",
     " by gw.example via X.400 with P1 id <a b@c>; d",
     {{"by", "gw.example"}, {"via", "X.400"}, {"with", "P1"}, {"id", "a b@c"}, {"date", "d"}}},
    {"keywords in any case",
     " FROM a BY b WITH smtp; c",
     {{"from", "a"}, {"by", "b"}, {"with", "smtp"}, {"date", "c"}}},
    {"a host whose name is a keyword",
     " from by by with with id; c",
     {{"from", "by"}, {"by", "with"}, {"with", "id"}, {"date", "c"}}},
    {"a repeated clause counts once", " from a from b by c; d", {{"from", "a"}, {"by", "c"}, {"date", "d"}}},
    {"nested comments",
     " from a (b (c) [192.0.2.1] \\) d) by e; f",
     {{"from", "a"},
      {"from-address", "192.0.2.1"},
      {"from-comment", "b (c) [192.0.2.1] \\) d"},
      {"by", "e"},
      {"date", "f"}}},
    {"a semicolon in a comment and in a path",
     " from a (x; y) by b for <\"p;q>\"@r>; d",
     {{"from", "a"}, {"from-comment", "x; y"}, {"by", "b"}, {"for", "\"p;q>\"@r"}, {"date", "d"}}},
    {"the date follows the last semicolon",
     " from a by b; id c; d",
     {{"from", "a"}, {"by", "b"}, {"id", "c"}, {"date", "d"}}},
    {"white space in a comment",
     " from a (\r\n\t192.0.2.1 \t) by b; c",
     {{"from", "a"}, {"from-address", "192.0.2.1"}, {"from-comment", "192.0.2.1"}, {"by", "b"}, {"date", "c"}}},
    {"an empty comment and then one",
     " from a ( ) (b) by c; d",
     {{"from", "a"}, {"from-comment", "b"}, {"by", "c"}, {"date", "d"}}},
    {"a path that is folded", " from a for <\"b\r\n c\"@d>; e", {{"from", "a"}, {"for", "\"b c\"@d"}, {"date", "e"}}},
    {"two paths", " from a for <b> <c>; d", {{"from", "a"}, {"for", "<b> <c>"}, {"date", "d"}}},
    {"no date", " from a by b", {{"from", "a"}, {"by", "b"}}},
    {"UTF-8",
     " from b\xC3\xBC"
     "cher.example by b; d",
     {{"from", "b\xC3\xBC"
               "cher.example"},
      {"by", "b"},
      {"date", "d"}}},
    {"empty", " \r\n", {}},
    {"words that say nothing", " hello world", {}},
    {"an unfinished comment", " from a (b by c; d", {}},
    {"an unfinished quotation", " from \"a by c; d", {}},
    {"an unfinished path", " from a for <b; d", {}},
    {"a control character", " from a\x01 by c; d", {}},
    {"no UTF-8", " from a\xE4 by c; d", {}},
    {"a NUL", std::string(" from a\0 by c; d", 16), {}},
};

xproto::hop sample_hop()
{
    xproto::hop hop;
    hop.host = "mx1.edge.example";
    hop.peer = "client.example";
    hop.peer_address = "192.0.2.1";
    hop.protocol = "ESMTPS";
    hop.id = "01HQ3ZK";
    hop.time = 1763775062;
    return hop;
}

// What every line we write must be, whatever the facts: one field, printable, short enough.
void expect_safe(const std::string& line, bool utf8)
{
    ASSERT_TRUE(line.starts_with("Received: from ")) << line;
    ASSERT_TRUE(line.ends_with(" +0000\r\n")) << line;
    std::size_t begin = 0;
    while (begin < line.size()) {
        const auto end = line.find("\r\n", begin);
        ASSERT_NE(end, std::string::npos);
        ASSERT_LE(end - begin, 998u);
        ASSERT_GT(end, begin);
        ASSERT_TRUE(begin == 0 || line[begin] == '\t') << line;
        for (auto i = begin; i < end; ++i) {
            const auto c = static_cast<unsigned char>(line[i]);
            ASSERT_TRUE(c == '\t' || (c >= ' ' && c != 0x7F)) << testing::PrintToString(line);
            ASSERT_TRUE(utf8 || c < 0x80) << testing::PrintToString(line);
        }
        begin = end + 2;
    }
    ASSERT_TRUE(smtp::is_utf8(line));
    const auto view = read_received(std::string_view(line).substr(9));
    ASSERT_FALSE(view.empty()) << line;
    ASSERT_EQ(view.front().first, "from");
    ASSERT_EQ(view.back().first, "date");
}

} // namespace

TEST(Received, IsReadAsTheWorldWritesIt)
{
    for (const auto& r : rows) EXPECT_EQ(read_received(r.body), r.want) << r.name;
}

TEST(Received, WhatIsTooLongIsLeftUnread)
{
    const auto padding = std::string(mapping::longest_trace_field, ' ');
    EXPECT_TRUE(read_received(" from a by b; c" + padding).empty());
    EXPECT_FALSE(read_received(" from a by b; c" + padding.substr(100)).empty());
}

TEST(Received, ReturnPathIsWhatStandsBetweenAngles)
{
    EXPECT_EQ(mapping::read_return_path(" <a@b>\r\n"), (trace_view{{"path", "a@b"}}));
    EXPECT_EQ(mapping::read_return_path(" <>\r\n"), (trace_view{{"path", ""}}));
    EXPECT_EQ(mapping::read_return_path("<\"a>b\"@c> (x)\r\n"), (trace_view{{"path", "\"a>b\"@c"}}));
    EXPECT_EQ(mapping::read_return_path(" a@b\r\n"), trace_view{});
    EXPECT_EQ(mapping::read_return_path(" <a@b\r\n"), trace_view{});
    EXPECT_EQ(mapping::read_return_path(" <a\x02>\r\n"), trace_view{});
}

TEST(ReceivedLine, IsWellFormedAndFolded)
{
    EXPECT_EQ(mapping::received_line(sample_hop(), "bob@edge.example"),
              "Received: from client.example ([192.0.2.1]) by mx1.edge.example with ESMTPS\r\n"
              "\tid 01HQ3ZK for <bob@edge.example>; Sat, 22 Nov 2025 01:31:02 +0000\r\n");
}

TEST(ReceivedLine, SaysWhatItReads)
{
    auto hop = sample_hop();
    hop.peer_address = "2001:db8::1";
    hop.protocol = "XPROTO";
    const auto line = mapping::received_line(hop, {});
    EXPECT_EQ(read_received(line.substr(9)), (trace_view{{"from", "client.example"},
                                                         {"from-address", "2001:db8::1"},
                                                         {"from-comment", "[IPv6:2001:db8::1]"},
                                                         {"by", "mx1.edge.example"},
                                                         {"with", "XPROTO"},
                                                         {"id", "01HQ3ZK"},
                                                         {"date", "Sat, 22 Nov 2025 01:31:02 +0000"}}));
}

TEST(ReceivedLine, DoubtfulNamesGoIntoComments)
{
    auto hop = sample_hop();
    hop.peer = "evil) by forged; (\r\nSubject: x";
    EXPECT_EQ(mapping::received_line(hop, {}),
              "Received: from unknown ([192.0.2.1]) (called itself evil? by forged; ?\r\n"
              "\tSubject: x) by mx1.edge.example with ESMTPS id 01HQ3ZK;\r\n"
              "\tSat, 22 Nov 2025 01:31:02 +0000\r\n");
    hop.peer = "[192.0.2.9]";
    EXPECT_TRUE(mapping::received_line(hop, {}).starts_with("Received: from [192.0.2.9] ([192.0.2.1]) by "));
    hop.peer = "";
    EXPECT_TRUE(mapping::received_line(hop, {}).starts_with("Received: from unknown ([192.0.2.1]) by "));
    hop.peer_address = "not an address";
    EXPECT_TRUE(mapping::received_line(hop, {}).starts_with("Received: from unknown (at not an address) by "));
    hop.peer_address = "";
    EXPECT_TRUE(mapping::received_line(hop, {}).starts_with("Received: from unknown by "));
}

TEST(ReceivedLine, UnicodeOnlyWhereItIsAllowed)
{
    auto hop = sample_hop();
    hop.peer = "b\xC3\xBC"
               "cher.example";
    hop.protocol = "UTF8SMTPS";
    const auto with = mapping::received_line(hop, "d\xC3\xB6mi@edge.example", true);
    EXPECT_NE(with.find("from b\xC3\xBC"
                        "cher.example ("),
              std::string::npos);
    EXPECT_NE(with.find("for <d\xC3\xB6mi@edge.example>;"), std::string::npos);
    const auto without = mapping::received_line(hop, "d\xC3\xB6mi@edge.example");
    EXPECT_NE(without.find("from unknown ([192.0.2.1]) (called itself b??cher.example)"), std::string::npos) << without;
    EXPECT_EQ(without.find(" for "), std::string::npos);
    expect_safe(with, true);
    expect_safe(without, false);
}

TEST(ReceivedLine, RecipientsThatAreNoMailboxesAreNotNamed)
{
    for (const auto* recipient : {"", "a b@c", "a@b>\r\nX: y", "<a@b>", "a@@b", "a@b;"})
        EXPECT_EQ(mapping::received_line(sample_hop(), recipient).find(" for "), std::string::npos) << recipient;
    EXPECT_NE(mapping::received_line(sample_hop(), "\"a b\"@c").find("for <\"a b\"@c>;"), std::string::npos);
}

TEST(ReceivedLine, IsSafeForEveryOctetInEveryFact)
{
    for (unsigned value = 0; value < 256; ++value) {
        const auto junk = "a" + std::string(1, static_cast<char>(value)) + "b";
        for (auto fact = 0; fact < 5; ++fact) {
            auto hop = sample_hop();
            std::string recipient = "bob@edge.example";
            std::string* const facts[] = {&hop.host, &hop.peer, &hop.peer_address, &hop.protocol, &hop.id};
            *facts[fact] = junk;
            expect_safe(mapping::received_line(hop, recipient), false);
            expect_safe(mapping::received_line(hop, junk + "@x", true), true);
            *facts[fact] = std::string(3000, static_cast<char>(value));
            expect_safe(mapping::received_line(hop, recipient, true), true);
        }
    }
}

TEST(ReceivedLine, HopsAreWrittenNewestFirst)
{
    auto first = sample_hop();
    auto second = sample_hop();
    second.host = "mx2.core.example";
    EXPECT_EQ(mapping::received_lines({first, second}),
              mapping::received_line(second, {}) + mapping::received_line(first, {}));
    EXPECT_EQ(mapping::received_lines({}), "");
}
