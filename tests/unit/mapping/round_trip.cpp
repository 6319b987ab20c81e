// Law L1: for every transaction and message, however malformed, to_smtp(to_xproto(s)) gives back the same parameters
// and the same octets.
#include "mapping/to_smtp.hpp"
#include "mapping/to_xproto.hpp"
#include "mapping/verify.hpp"

#include "tests/unit/mapping/support.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <random>

using mapping_test::split;

namespace {

struct there_and_back {
    mapping::objects there;
    xproto::envelope envelope; // read back from its XML
    xproto::headers_object headers;
    mapping::smtp_message back;
};

there_and_back travel(const mapping_test::split_message& message, const smtp::transaction& transaction = {},
                      const mapping::mapping_limits& limits = {})
{
    there_and_back out;
    out.there = mapping::to_xproto(transaction, message.splitter, "id@mx.example", 1763775062, limits);
    const auto envelope = xproto::read_envelope(xproto::write(out.there.envelope));
    const auto headers = xproto::read_headers(out.there.headers);
    EXPECT_TRUE(envelope.has_value()) << (envelope ? "" : envelope.error().where + ": " + envelope.error().what);
    EXPECT_TRUE(headers.has_value()) << (headers ? "" : headers.error().where + ": " + headers.error().what);
    if (envelope) out.envelope = *envelope;
    if (headers) out.headers = *headers;
    out.back = mapping::to_smtp(out.envelope, out.headers);
    return out;
}

testing::AssertionResult result(const std::optional<std::string>& failure, std::string_view message)
{
    if (!failure) return testing::AssertionSuccess();
    return testing::AssertionFailure() << *failure << " for "
                                       << testing::PrintToString(std::string(message.substr(0, 2000)));
}

// With a transaction that has every parameter.
testing::AssertionResult survives(std::string_view message)
{
    return result(mapping::verify_round_trip(message), message);
}

// With an empty one, which is faster.
testing::AssertionResult survives_alone(std::string_view message)
{
    return result(mapping::verify_round_trip(message, {}), message);
}

const std::vector<std::string> messages{
    "",
    "\r\n",
    "\n",
    "\r",
    "body without header\r\n",
    "Subject: a\r\n\r\nbody\r\n",
    "Subject: a\n\nbody\n",
    "Subject: a\r\n\nbody",
    "Subject: a",
    "Subject: a\r",
    "Subject: a\r\n b",
    "Subject : a\r\nsubject:b\r\nSUBJECT:  \t\r\n\r\n",
    "From me Tue\r\nReceived: a\r\n\tb\r\nX: y\r\nReturn-Path: <>\r\nReceived: from a by b; c\r\n\r\n.\r\n..\r\n",
    "Received: from a by b; c\r\nReceived: from c\n\tby d; e\r\nReceived : x\r\nreceived: (\r\nhello\r\n",
    "X: <&>'\"]]>\r\nX-<&>'\": y\r\n\r\n<&>",
    "X: \xC3\xBC\r\nX: \xFC\r\nX: \xEF\xBB\xBF\r\nX: \xC2\x85\r\nX: \x7F\r\n\r\n\xFF\xFE",
    std::string("X: \0\r\n\0: y\r\n\r\n\0", 16),
    "A: 1\r\n  \r\n\t\r\n \t \r\nB: 2\r\n\r\n",
};

} // namespace

TEST(RoundTrip, GivesBackEveryOctet)
{
    for (const auto& message : messages) EXPECT_TRUE(survives(message));
}

TEST(RoundTrip, EveryOctetInEveryPlace)
{
    const std::string sample = "Received: from a by b\r\n ; c\r\nA: b\r\n\td\r\n\r\nx\r\n";
    for (std::size_t at = 0; at < sample.size(); ++at) {
        for (unsigned value = 0; value < 256; ++value) {
            auto message = sample;
            message[at] = static_cast<char>(value);
            ASSERT_TRUE(survives_alone(message)) << value << " at " << at;
        }
    }
}

TEST(RoundTrip, AFoldInEveryPlace)
{
    const std::string sample = "Received: from a (b c) by d; e\r\nSubject: f  g\r\nX :h\r\n\r\nbody";
    for (const auto* fold : {"\r\n ", "\r\n\t", "\n ", "\r\n \r\n ", "\r ", "\r\r\n ", "\r\n", "\n"})
        for (std::size_t at = 0; at <= sample.size(); ++at)
            ASSERT_TRUE(survives_alone(sample.substr(0, at) + fold + sample.substr(at)))
                << testing::PrintToString(fold) << " at " << at;
}

TEST(RoundTrip, EveryBeginning)
{
    const std::string sample = "From x\r\nReceived: a\r\n b\r\nReturn-Path: <a@b>\r\nX: \xC3\xBC\r\n\r\nbody\r\n";
    for (std::size_t size = 0; size <= sample.size(); ++size)
        ASSERT_TRUE(survives_alone(sample.substr(0, size))) << size;
}

TEST(RoundTrip, HostileMessagesOutOfPieces)
{
    const std::vector<std::string> pieces{"Received",    "Return-Path",
                                          "Subject",     "From ",
                                          ":",           " :",
                                          " ",           "\t",
                                          "\r\n",        "\r\n ",
                                          "\n",          "\r",
                                          "a",           "x y",
                                          "<&>",         "\xC3\xBC",
                                          "\xFF",        std::string(1, '\0'),
                                          ";",           "(",
                                          ")",           "<",
                                          ">",           "\"",
                                          "\\",          "from",
                                          "by",          "for",
                                          "\r\n\r\n",    std::string(300, 'z'),
                                          "\x1B",        "\xEF\xBF\xBF",
                                          "[192.0.2.1]", "]]>",
                                          "&amp;"};
    std::mt19937 random(20251122);
    std::uniform_int_distribution<std::size_t> which(0, pieces.size() - 1);
    std::uniform_int_distribution<int> count(0, 40);
    for (auto i = 0; i < 4000; ++i) {
        std::string message;
        for (auto left = count(random); left > 0; --left) message += pieces[which(random)];
        ASSERT_TRUE(survives_alone(message)) << "message " << i;
    }
}

TEST(RoundTrip, LargeHeaders)
{
    std::string lines;
    for (auto i = 0; i < 5000; ++i) lines += "X-" + std::to_string(i) + ": " + std::to_string(i) + "\r\n";
    EXPECT_TRUE(survives_alone(lines + "\r\nbody"));
    EXPECT_TRUE(survives_alone("X: " + std::string(900'000, 'x') + "\r\n\r\nbody"));
    EXPECT_TRUE(survives_alone("X: " + std::string(2'000'000, '<') + "\r\n\r\nbody"));
    EXPECT_TRUE(survives_alone("X: " + std::string(900'000, '&') + "\r\n\r\nbody"));
    EXPECT_TRUE(survives_alone("X: " + std::string(900'000, '\xFF') + "\r\n\r\nbody"));
    std::string folds = "X:";
    for (auto i = 0; i < 300'000; ++i) folds += "\r\n ";
    EXPECT_TRUE(survives_alone(folds + "\r\n\r\nbody"));
    std::string tiny;
    for (auto i = 0; i < 10'000; ++i) tiny += "\xFF\n";
    EXPECT_TRUE(survives_alone("a:" + tiny));
}

TEST(RoundTrip, TraceBeyondTheEnvelopesLimitsStaysInTheHeaders)
{
    std::string message;
    for (auto i = 0; i < 1000; ++i)
        message +=
            "Received: from a" + std::to_string(i) + " by b; c\r\nX: y\r\n" + (i % 3 == 0 ? "Return-Path: <>\r\n" : "");
    EXPECT_TRUE(survives(message + "\r\nbody"));
    const auto trip = travel(split(message + "\r\nbody"));
    EXPECT_EQ(trip.envelope.legacy.size(), 256u);
    EXPECT_EQ(trip.back.header, message + "\r\n");

    const auto few = travel(split("Received: 1\r\nReceived: 2\r\nReceived: 3\r\nReceived: 4\r\n"), {}, {2, 1000});
    EXPECT_EQ(few.envelope.legacy.size(), 2u);
    EXPECT_EQ(few.headers.fields.size(), 2u);
    // 13 octets each: when one finds no room, the later ones stay with it, even if they would fit.
    const auto small = travel(split("Received: 1\r\nReceived: 22222222\r\nReceived: 3\r\n"), {}, {10, 30});
    EXPECT_EQ(small.envelope.legacy.size(), 1u);
    EXPECT_EQ(small.headers.fields.size(), 2u);
}

TEST(RoundTrip, TraceGoesIntoTheEnvelopeWithItsPlace)
{
    const auto trip =
        travel(split("Return-Path: <a@b>\r\nX: 1\r\nReceived: from a by b; c\r\nY: 2\r\nRECEIVED: (\r\n\r\nbody"));
    ASSERT_EQ(trip.envelope.legacy.size(), 3u);
    EXPECT_EQ(trip.envelope.legacy[0].place, 0u);
    EXPECT_EQ(trip.envelope.legacy[0].view, (mapping::trace_view{{"path", "a@b"}}));
    EXPECT_EQ(trip.envelope.legacy[1].place, 2u);
    EXPECT_EQ(trip.envelope.legacy[1].view, (mapping::trace_view{{"from", "a"}, {"by", "b"}, {"date", "c"}}));
    EXPECT_EQ(trip.envelope.legacy[2].place, 4u);
    EXPECT_TRUE(trip.envelope.legacy[2].view.empty());
    ASSERT_EQ(trip.headers.fields.size(), 2u);
    EXPECT_EQ(trip.headers.fields[0].name, "X");
    EXPECT_EQ(trip.headers.fields[1].name, "Y");
}

TEST(RoundTrip, TheEnvelopeNamesTheObjects)
{
    const auto message = split("Content-Type: Multipart/Mixed; boundary=x\r\n\r\nbody");
    const auto trip = travel(message);
    ASSERT_EQ(trip.envelope.objects.size(), 2u);
    EXPECT_EQ(trip.envelope.id, "id@mx.example");
    EXPECT_EQ(trip.envelope.created, 1763775062);
    const auto& headers = trip.envelope.objects[0];
    EXPECT_EQ(headers.type, "message/headers");
    EXPECT_EQ(headers.octets, trip.there.headers.size());
    EXPECT_EQ(headers.sha256, xproto::sha256(trip.there.headers));
    const auto& body = trip.envelope.objects[1];
    EXPECT_EQ(body.type, "message/body");
    EXPECT_EQ(body.octets, 4u);
    EXPECT_EQ(body.sha256, xproto::sha256("body"));
    EXPECT_EQ(body.media_type, "multipart/mixed");
}

TEST(RoundTrip, ParametersTravelVerbatim)
{
    const std::vector<std::vector<smtp::parameter>> zoo{
        {},
        {{"SIZE", "0"}},
        {{"size", "18446744073709551616"}, {"Body", "8bitmime"}, {"SMTPUTF8", {}}},
        {{"RET", "HDRS"}, {"ENVID", "QQ314159+2B"}, {"AUTH", "e+3Dmc2@example.com"}},
        {{"BY", "-5;NT"}, {"HOLDUNTIL", "2025-11-22T00:00:00Z"}, {"MT-PRIORITY", "9"}, {"REQUIRETLS", {}}},
        {{"X-EMPTY", ""}, {"X-NONE", {}}, {"X-EMPTY", "twice"}, {"x", "<&>\"'=;"}},
        {{"X-OCTETS", std::string("\0\x01\xFF\r\n", 5)}, {std::string("\xFFk", 2), "v"}},
    };
    for (const auto& parameters : zoo) {
        smtp::transaction transaction;
        transaction.reverse_path = "a@b";
        transaction.parameters = parameters;
        transaction.recipients = {{"c@d", parameters}, {"e@f", {}}};
        EXPECT_EQ(travel(split("X: y\r\n\r\n"), transaction).back.transaction, transaction);
    }
}

// Keywords, values and addresses.
TEST(RoundTrip, EveryOctetInEveryParameter)
{
    for (unsigned value = 0; value < 256; ++value) {
        const std::string octet(1, static_cast<char>(value));
        smtp::transaction transaction;
        for (const std::string& text : {octet, "a" + octet, octet + "b", "a" + octet + "b"}) {
            transaction.reverse_path = text;
            transaction.parameters.push_back({"K" + text, text});
            transaction.recipients.push_back({text, {{text + "K", {}}, {"ORCPT", "rfc822;" + text}}});
        }
        EXPECT_EQ(travel(split(""), transaction).back.transaction, transaction) << value;
    }
}

TEST(RoundTrip, AddressesTravelVerbatim)
{
    for (const std::string address : {"", "a@b", "Postmaster", "\"quoted \\\" local\"@Example.COM", "a..b.@x_y.example",
                                      "@", "a@[192.0.2.1]", "a@[IPv6:::1]",
                                      "d\xC3\xB6mi@b\xC3\xBC"
                                      "cher.example",
                                      "%u=host!bang@x", " a@b ", "<>", "a\r\nb", "\xFF@x", "&lt;@x"}) {
        smtp::transaction transaction;
        transaction.reverse_path = address;
        transaction.recipients = {{address, {}}, {"x@y", {}}, {address, {}}};
        EXPECT_EQ(travel(split(""), transaction).back.transaction, transaction) << address;
    }
}

TEST(RoundTrip, AThousandRecipientsWithAllParameters)
{
    smtp::transaction transaction;
    for (auto i = 0; i < 1000; ++i) {
        const auto address = std::to_string(i) + "@a-domain-of-some-length.example.org";
        transaction.recipients.push_back(
            {address, {{"NOTIFY", "SUCCESS,FAILURE,DELAY"}, {"ORCPT", "rfc822;" + address}}});
    }
    const auto trip = travel(split(""), transaction);
    EXPECT_EQ(trip.back.transaction, transaction);
    EXPECT_EQ(trip.envelope.recipients.front().number, 1u);
    EXPECT_EQ(trip.envelope.recipients.back().number, 1000u);
}

TEST(RoundTrip, PlacesThatCannotBeLoseNothing)
{
    const auto field = [](const char* name) {
        xproto::field f;
        f.name = name;
        return f;
    };
    xproto::envelope envelope;
    for (const auto place : {5u, 5u, 0u, 4000000000u}) {
        xproto::legacy_field legacy;
        legacy.place = place;
        legacy.octets = field("R");
        envelope.legacy.push_back(legacy);
    }
    xproto::headers_object headers;
    headers.fields = {field("A"), field("B")};
    headers.end = xproto::separator::none;
    EXPECT_EQ(mapping::to_smtp(envelope, headers).header, "A:\r\nB:\r\nR:\r\nR:\r\nR:\r\nR:\r\n");
}

TEST(RoundTrip, ObjectsOfOrdinaryMailAreNotMuchLargerThanItsHeader)
{
    const std::string header =
        "Return-Path: <alice@sender.example>\r\n"
        "Received: from mail.sender.example by mx.recipient.example; Sat, 22 Nov 2025 01:31:05 +0000\r\n"
        "DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=sender.example;\r\n s=2025; t=1763775062;\r\n"
        " bh=frcCV1k9oG9oKj3dpUqdJg1PxRT2RSN/XKdLCPjaYaY=;\r\n h=From:To:Subject:Date:Message-ID;\r\n"
        " b=NhIyzCcVW1jNQ5PqsCbGVyzWCPzCZgQwNr2iHrIxTlIhFkQnDmRN0GWZ1qGKqkU2PtO2\r\n"
        "  XHZFq4sAk2FgKCp4uWb3lUYBgFOLuXKY1Y9eGRhX0wG1wpHbTBBGmqqjULxW9zHYr2bCDv8=\r\n"
        "From: Alice Example <alice@sender.example>\r\nTo: Bob Example <bob@recipient.example>, Carol "
        "<carol@recipient.example>\r\n"
        "Subject: =?utf-8?q?Treffen_am_Freitag?=\r\nDate: Sat, 22 Nov 2025 01:31:02 +0000\r\n"
        "Message-ID: <20251122013102.12345@mail.sender.example>\r\nMIME-Version: 1.0\r\n"
        "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n";
    const auto trip = travel(split(header));
    EXPECT_LE(trip.there.headers.size(), header.size() * 3 / 2);
}

TEST(MediaType, IsReadOnlyWhereItIsClear)
{
    struct row {
        std::string body;
        std::string want;
    };
    const std::vector<row> rows{
        {" text/plain\r\n", "text/plain"},
        {"TEXT/HTML; charset=utf-8", "text/html"},
        {" multipart/mixed;\r\n boundary=x\r\n", "multipart/mixed"},
        {"\r\n multipart/mixed (c)", "multipart/mixed"},
        {"application/vnd.ms-excel+xml\t;a=b", "application/vnd.ms-excel+xml"},
        {"text", ""},
        {"text/", ""},
        {"/plain", ""},
        {"text / plain", ""},
        {"(c) text/plain", ""},
        {"text/plain,x", ""},
        {"text/pl\xC3\xA4in", ""},
        {"\"text\"/plain", ""},
        {"text/<x>", ""},
        {"", ""},
        {std::string(128, 'x') + "/y", ""},
        {std::string(127, 'x') + "/" + std::string(127, 'y'), std::string(127, 'x') + "/" + std::string(127, 'y')},
    };
    for (const auto& r : rows) EXPECT_EQ(mapping::media_type_of(r.body), r.want) << r.body;
    const auto twice = travel(split("Content-Type: a/b\r\nContent-type: c/d\r\n\r\n"));
    EXPECT_EQ(twice.envelope.objects.at(1).media_type, "");
}

// Other people's mail, where there is a folder of it: names the folder in ISTHMUS_TESTMAIL.
TEST(RoundTrip, OtherPeoplesMail)
{
    const auto* const folder = std::getenv("ISTHMUS_TESTMAIL");
    if (!folder) GTEST_SKIP() << "ISTHMUS_TESTMAIL names no folder of mail";
    std::size_t count = 0;
    for (const auto& path : mapping_test::files_below(folder)) {
        const auto octets = mapping_test::read_file(path);
        EXPECT_TRUE(survives(octets)) << path;
        // As SMTP would have brought it: every line end CRLF.
        std::string crlf;
        for (const auto c : octets) {
            if (c == '\n' && !crlf.ends_with('\r')) crlf += '\r';
            crlf += c;
        }
        EXPECT_TRUE(survives(crlf)) << path << " with CRLF";
        ++count;
    }
    EXPECT_GT(count, 0u) << folder;
}
