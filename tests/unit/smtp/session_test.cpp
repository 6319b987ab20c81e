// What the transcripts cannot show: how replies are gathered, that large content is not copied, that two sessions
// understand each other whatever the message, and that chance never makes a difference.
#include "smtp/client_session.hpp"
#include "smtp/server_session.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <random>

namespace {

using namespace std::string_literals;

// Runs until the session wants to read, answering every question with yes.
struct obliging_driver {
    smtp::server_session session;
    std::string written;
    std::vector<std::string> writes;
    std::string content;
    std::string log; // questions and content in order
    std::size_t discards = 0;
    std::vector<smtp::transaction> mails;
    bool open = true;

    explicit obliging_driver(smtp::server_config config) : session(std::move(config)) {}

    void run()
    {
        while (open) {
            auto action = session.next();
            if (std::holds_alternative<smtp::read_more>(action)) return;
            std::visit([this](auto& a) { on(a); }, action);
        }
    }

    void give(std::string_view octets)
    {
        const auto copy =
            std::make_unique<std::string>(octets); // gone afterwards, so that a sanitizer sees a kept view
        session.on_bytes(*copy);
        run();
    }

    void on(smtp::wait&) { FAIL() << "nothing was asked"; }
    void on(smtp::read_more&) {}
    void on(smtp::write& w)
    {
        written += w.octets;
        writes.push_back(w.octets);
    }
    void on(smtp::start_tls&)
    {
        log += "tls;";
        session.on_tls({});
    }
    void on(smtp::check_sender& q)
    {
        log += "from " + q.reverse_path + ";";
        session.on_reply({250, {2, 1, 0}, "ok"});
    }
    void on(smtp::check_recipient& q)
    {
        log += "to " + q.recipient.address + ";";
        session.on_reply({250, {2, 1, 5}, "ok"});
    }
    void on(smtp::begin_data& q)
    {
        mails.push_back(q.transaction);
        content.clear();
        log += "begin;";
        session.on_reply({354, "go on"});
    }
    void on(smtp::append& a)
    {
        content += a.octets;
        log += a.octets;
    }
    void on(smtp::finish&)
    {
        log += "finish;";
        session.on_reply({250, {2, 0, 0}, "taken"});
    }
    void on(smtp::discard&)
    {
        ++discards;
        log += "discard;";
    }
    void on(smtp::close& c)
    {
        log += "close " + std::string(to_string(c.why));
        open = false;
    }
};

std::string talk(const std::string& octets, std::size_t split, const smtp::server_config& config)
{
    obliging_driver driver(config);
    driver.run();
    for (std::size_t at = 0; at < octets.size() && driver.open; at += split)
        driver.give(std::string_view(octets).substr(at, split));
    if (driver.open) {
        driver.session.on_eof();
        driver.run();
    }
    return driver.log + "\n" + driver.written;
}

TEST(SmtpServerSession, AnswersAPipelinedGroupInOneWrite)
{
    obliging_driver driver({});
    driver.run();
    driver.give("HELO c\r\n");
    driver.writes.clear();
    driver.give(
        "MAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nRCPT TO:<e@d>\r\nRSET\r\nMAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nDATA\r\n");
    ASSERT_EQ(driver.writes.size(), 1U);
    driver.give("x\r\n.\r\nMAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nDATA\r\n");
    EXPECT_EQ(driver.writes.size(), 2U);
}

// RFC 2920 3.2: some replies may not wait for others.
TEST(SmtpServerSession, DoesNotHoldBackRepliesThatAClientMayWaitFor)
{
    for (const std::string command :
         {"NOOP\r\n", "HELO c\r\n", "EHLO c\r\n", "VRFY a\r\n", "EXPN a\r\n", "HELP\r\n", "WHAT\r\n", "DATA\r\n"}) {
        obliging_driver driver({});
        driver.run();
        driver.writes.clear();
        driver.give(command + command);
        EXPECT_EQ(driver.writes.size(), 2U) << command;
    }
}

TEST(SmtpServerSession, GathersRepliesUpToALimit)
{
    smtp::server_config config;
    config.limits.reply_batch = 100;
    obliging_driver driver(config);
    driver.run();
    std::string many;
    for (int i = 0; i < 1000; ++i) many += "RSET\r\n";
    driver.give(many);
    EXPECT_GT(driver.writes.size(), 100U);
    for (const auto& write : driver.writes) EXPECT_LE(write.size(), 120U);
}

TEST(SmtpServerSession, HandsOutContentWithoutCopying)
{
    smtp::server_session session({});
    std::string octets = "HELO c\r\nMAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nDATA\r\n";
    for (int i = 0; i < 1000; ++i) octets += "a line without anything to think about.\r\n";
    session.next();
    session.on_bytes(octets);
    for (;;) {
        auto action = session.next();
        if (std::holds_alternative<smtp::check_sender>(action) ||
            std::holds_alternative<smtp::check_recipient>(action)) {
            session.on_reply({250, "ok"});
        } else if (std::holds_alternative<smtp::begin_data>(action)) {
            session.on_reply({354, "go on"});
        } else if (const auto* piece = std::get_if<smtp::append>(&action)) {
            EXPECT_GT(piece->octets.size(), 40000U);
            EXPECT_EQ(piece->octets.data() + piece->octets.size(), octets.data() + octets.size());
            return;
        }
    }
}

TEST(SmtpServerSession, NamesTheProtocolForTheTrace)
{
    smtp::hello_facts client;
    EXPECT_EQ(received_with(client, false), "SMTP");
    client.extended = true;
    EXPECT_EQ(received_with(client, false), "ESMTP");
    EXPECT_EQ(received_with(client, true), "UTF8SMTP");
    client.tls = smtp::tls_facts();
    EXPECT_EQ(received_with(client, false), "ESMTPS");
    EXPECT_EQ(received_with(client, true), "UTF8SMTPS");
}

// Dialogues put together by chance from the pieces that matter, given whole, octet by octet and in pieces of three.
TEST(SmtpServerSession, DoesNotCareHowTheOctetsArrive)
{
    const std::vector<std::string> pieces = {
        "EHLO c\r\n",
        "MAIL FROM:<a@b>\r\n",
        "RCPT TO:<c@d>\r\n",
        "DATA\r\n",
        "BDAT 5\r\n",
        "BDAT 3 LAST\r\n",
        "RSET\r\n",
        "\r\n.\r\n",
        ".\r\n",
        "\n.\n",
        "\r.\r",
        "\r\n",
        "\n",
        "\r",
        ".",
        "..",
        "text",
        "\0"s,
        "MAIL FROM:<a@b> BODY=BINARYMIME SMTPUTF8\r\n",
        "NOOP\r\n",
        "BDAT x\r\n",
        std::string(300, 'x'),
    };
    const std::string opening = "EHLO c\r\nMAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\n";
    std::mt19937 chance(1);
    for (int round = 0; round < 3000; ++round) {
        smtp::server_config config;
        config.limits.command_line = 200;
        config.limits.message_octets = 30;
        config.limits.errors = 6;
        config.bare_newline = static_cast<smtp::newline_policy>(chance() % 3);
        std::string octets = opening;
        for (auto n = chance() % 12; n > 0; --n) octets += pieces[chance() % pieces.size()];
        const auto whole = talk(octets, octets.size(), config);
        for (const std::size_t split : {1, 3}) {
            ASSERT_EQ(talk(octets, split, config), whole) << testing::PrintToString(octets) << " split " << split;
        }
    }
}

// Both sessions face to face; what the server side takes is what the client side gave.
struct wire {
    obliging_driver server;
    smtp::client_session client;
    std::size_t piece;
    std::size_t split;

    smtp::result send(const smtp::transaction& mail, const std::string& content)
    {
        smtp::content_scan scan;
        scan.push(content);
        std::size_t given = 0;
        bool begun = false;
        for (;;) {
            auto action = client.next();
            if (auto* done = std::get_if<smtp::result>(&action)) return std::move(*done);
            if (std::holds_alternative<smtp::ready>(action)) {
                EXPECT_FALSE(begun);
                begun = true;
                client.begin(mail, scan.facts());
            } else if (std::holds_alternative<smtp::want_content>(action)) {
                const auto part = content.substr(given, piece);
                given += part.size();
                client.on_content(part, given == content.size());
            } else if (const auto* out = std::get_if<smtp::write>(&action)) {
                for (std::size_t at = 0; at < out->octets.size(); at += split)
                    server.give(std::string_view(out->octets).substr(at, split));
            } else if (std::holds_alternative<smtp::read_more>(action)) {
                if (server.written.empty()) server.run();
                EXPECT_FALSE(server.written.empty()) << "both sides wait";
                in_flight = std::exchange(server.written, {});
                client.on_bytes(in_flight);
            } else {
                ADD_FAILURE() << "the session closed";
                return {};
            }
        }
    }

    std::string in_flight;
};

TEST(SmtpSessions, CarryEveryMessageOctetForOctet)
{
    std::mt19937 chance(2);
    const std::vector<std::string> pieces = {"\r\n", "\r\n", "\r\n.", ".",    "\n",
                                             "\r",   "\0"s,  "\xE9",  "text", std::string(100, 'x')};
    for (int round = 0; round < 1000; ++round) {
        smtp::server_config there;
        there.bare_newline = smtp::newline_policy::reject;
        smtp::client_config here;
        here.tls = smtp::tls_use::none;
        here.sending.pipelining = chance() % 2 == 0;
        here.sending.eager_octets = chance() % 200;
        here.limits.write_octets = 1 + chance() % 100;
        here.limits.chunks_in_flight = 1 + chance() % 3;
        here.limits.commands_in_flight = 1 + chance() % 4;
        wire line{obliging_driver(there), smtp::client_session(here), 1 + chance() % 50, 1 + chance() % 60, {}};
        for (int message = 0; message < 3; ++message) {
            smtp::transaction mail{"ann@a.test", {}, {{"bob@b.test", {{"NOTIFY", "NEVER"}}}, {"eve@b.test", {}}}};
            std::string content;
            for (auto n = chance() % 20; n > 0; --n) content += pieces[chance() % pieces.size()];
            const auto result = line.send(mail, content);
            ASSERT_EQ(result.recipients.size(), 2U);
            for (const auto& one : result.recipients) {
                ASSERT_TRUE(one.answer.positive()) << format(one.answer) << testing::PrintToString(content);
                ASSERT_EQ(one.stage, smtp::delivery_stage::content);
            }
            ASSERT_EQ(line.server.content, content);
            ASSERT_EQ(line.server.mails.back().reverse_path, mail.reverse_path);
            ASSERT_EQ(line.server.mails.back().recipients, mail.recipients);
        }
        ASSERT_EQ(line.server.discards, 0U);
        ASSERT_EQ(line.server.mails.size(), 3U);
    }
}

TEST(SmtpSessions, NeedOneRoundTripForASmallMessage)
{
    smtp::client_config here;
    here.tls = smtp::tls_use::none;
    wire line{obliging_driver({}), smtp::client_session(here), 100000, 100000, {}};
    const smtp::transaction mail{"ann@a.test", {}, {{"bob@b.test", {}}}};
    line.send(mail, "first\r\n");
    line.server.writes.clear();
    line.send(mail, "second\r\n");
    EXPECT_EQ(line.server.writes.size(), 1U);
    EXPECT_EQ(line.server.content, "second\r\n");
}

} // namespace
