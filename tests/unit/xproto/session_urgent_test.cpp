// URG: bare octets broken off by an ABOR whose first octet is urgent data.
#include "xproto/client_session.hpp"
#include "xproto/extensions.hpp"
#include "xproto/server_session.hpp"

#include <gtest/gtest.h>

namespace {

using namespace xproto;

const extension_table& with_urg()
{
    static const extension_table table = [] {
        auto made = core_extensions();
        made.install(urg_extension);
        return made;
    }();
    return table;
}

// A server whose driver takes everything, and notes what it is told.
class receiving_end {
  public:
    explicit receiving_end(bool urg, bool tls = false) : session_(configured())
    {
        tls_facts facts;
        facts.active = tls;
        session_.on_tls(facts);
        run();
        give("[1 HELO client.test {5}]\r\nproof");
        welcome_ = give(urg ? "[2 OPT (URG=ON)]\r\n" : "[2 NOOP]\r\n");
    }

    std::string give(const std::string& octets)
    {
        session_.on_bytes(octets);
        return run();
    }
    std::string give_at_mark(const std::string& octets)
    {
        session_.on_mark();
        return give(octets);
    }

    server_session session_;
    std::string welcome_;
    std::size_t appended_ = 0;
    bool refuses_ = false, aborted_ = false, closed_ = false;
    std::uint32_t object_ = 0;

  private:
    static server_config configured()
    {
        server_config c;
        c.host = "mx.test";
        c.nonce = "0123456789abcdef";
        c.extensions = &with_urg();
        return c;
    }
    std::string run()
    {
        std::string out;
        for (;;) {
            auto action = session_.next();
            if (auto* octets = std::get_if<server_session::write>(&action)) {
                out += octets->octets;
            } else if (std::holds_alternative<server_session::check_identity>(action)) {
                session_.on_identity(identity_answer::accept(standing::trusted, "client.test"));
            } else if (auto* asked = std::get_if<server_session::check_object>(&action)) {
                object_ = asked->tag;
                session_.on_object(object_, object_answer::permit());
            } else if (auto* piece = std::get_if<server_session::append>(&action)) {
                appended_ += piece->octets.size();
                if (refuses_) session_.on_object(piece->tag, object_answer::refuse(codes::storage_failed));
            } else if (auto* done = std::get_if<server_session::finish_object>(&action)) {
                session_.on_finished(done->tag, finish_answer::accept());
            } else if (std::holds_alternative<server_session::abort>(action)) {
                aborted_ = true;
            } else {
                closed_ = closed_ || std::holds_alternative<server_session::close>(action);
                return out;
            }
        }
    }
};

const std::string ask = "[3 XFER m@client.test message/envelope {1000} {0}]\r\n";
const std::string give_up = "[4 ABOR=3]\r\n";
const std::string killed = "[4 OK 108.0.2.1 Command number 3 killed.]\r\n[3 ERR 99.0.5.23 Transfer failed.]\r\n";

TEST(SessionUrgent, EndsATransferInTheMiddleOfItsOctets)
{
    receiving_end server(true);
    server.give(ask);
    EXPECT_EQ(server.give(std::string(300, 'x')), "");
    EXPECT_EQ(server.give_at_mark(give_up), killed);
    EXPECT_TRUE(server.aborted_);
    EXPECT_EQ(server.appended_, 300U);
    EXPECT_EQ(server.give("[5 NOOP]\r\n"), "[5 OK 99.0.2.3 Still here.]\r\n") << "the session goes on";
    server.give("[6 XFER n@client.test message/envelope {3} {0}]\r\n");
    EXPECT_EQ(server.give("abc"), "[6 OK 99.0.2.5 Received.]\r\n");
}

TEST(SessionUrgent, EndsOneOfWhichNothingHasCome)
{
    receiving_end server(true);
    server.give(ask);
    EXPECT_EQ(server.give_at_mark(give_up), killed);
}

TEST(SessionUrgent, IsForAnAborAndNothingElse)
{
    for (const std::string other :
         {"[4 NOOP]\r\n", "[4 XFER n@client.test message/envelope {3} {0}]\r\n", "[4 QUIT]\r\n"}) {
        receiving_end server(true);
        server.give(ask + "x");
        EXPECT_EQ(server.give_at_mark(other), "[* ERR 99.0.5.3 octets were broken off, and not for an ABOR]\r\n")
            << other;
        EXPECT_TRUE(server.closed_);
    }
}

TEST(SessionUrgent, LetsARefusalBeHeardAtOnce)
{
    receiving_end server(true);
    server.refuses_ = true;
    server.give(ask + "x");
    EXPECT_EQ(server.give_at_mark(give_up), "[3 ERR 99.0.4.3 Cannot store it now; try again later.]\r\n"
                                            "[4 ERR 99.0.5.6 No such command is under way.]\r\n");
    EXPECT_EQ(server.give("[5 NOOP]\r\n"), "[5 OK 99.0.2.3 Still here.]\r\n");
}

// The driver's refusal may come between the mark and the line.
TEST(SessionUrgent, MeetsARefusalThatComesBetween)
{
    receiving_end server(true);
    server.give(ask + "x");
    server.session_.on_mark();
    server.session_.on_object(server.object_, object_answer::refuse(codes::storage_failed));
    EXPECT_EQ(server.give(give_up), "[3 ERR 99.0.4.3 Cannot store it now; try again later.]\r\n"
                                    "[4 ERR 99.0.5.6 No such command is under way.]\r\n");
}

TEST(SessionUrgent, MeansNothingWhereNoOctetsAreDue)
{
    receiving_end server(true);
    EXPECT_EQ(server.give_at_mark("[3 NOOP]\r\n"), "[3 OK 99.0.2.3 Still here.]\r\n");
    receiving_end plain(false);
    plain.give(ask);
    EXPECT_EQ(plain.give_at_mark(give_up), "") << "who has not switched it on has sent octets of the object";
    EXPECT_EQ(plain.appended_, give_up.size());
}

TEST(SessionUrgent, IsOfferedInClearOnly)
{
    EXPECT_NE(receiving_end(true).welcome_.find("(URG OK"), std::string::npos);
    EXPECT_NE(receiving_end(true, true).welcome_.find("(URG ERR 99.0.5.10"), std::string::npos);
}

// --- the other end ---------------------------------------------------------------------------------------------------

struct said {
    std::string octets, urgent;
    bool closed = false;
    std::vector<client_session::result> results;
};

said run(client_session& session)
{
    said all;
    for (;;) {
        auto action = session.next();
        if (auto* octets = std::get_if<client_session::write>(&action)) {
            EXPECT_EQ(all.urgent, "") << "nothing follows an urgent line";
            all.octets += octets->octets;
        } else if (auto* line = std::get_if<client_session::write_urgent>(&action)) {
            all.urgent += line->octets;
        } else if (std::holds_alternative<client_session::make_proof>(action)) {
            session.on_proof("proof");
        } else if (auto* result = std::get_if<client_session::result>(&action)) {
            all.results.push_back(*result);
        } else if (std::holds_alternative<client_session::close>(action)) {
            all.closed = true;
            return all;
        } else if (std::holds_alternative<client_session::read_more>(action)) {
            return all;
        }
    }
}

said tell(client_session& session, const std::string& octets)
{
    session.on_bytes(octets);
    return run(session);
}

client_session sending_end(bool urg)
{
    client_config c;
    c.host = "client.test";
    c.nonce = "fedcba9876543210";
    c.extensions = &with_urg();
    c.want = {};
    if (urg) c.want.set(option::urg, true);
    client_session session(c);
    run(session);
    tell(session, "[* TMP 99.0.3.1 (VER=1.0) (HOST=mx.test) (NONCE=30313233343536373839616263646566) Hi.]\r\n");
    tell(session, "[1 TMP 99.0.3.2 Friend or foe?]\r\n");
    tell(session, "[1 OK 99.0.2.1 (URG) Greetings friend.]\r\n");
    if (urg) tell(session, "[2 OK 99.0.2.2 (URG OK 99.0.2.2) Go ahead.]\r\n");
    return session;
}

outgoing a_message(std::uint64_t handle)
{
    outgoing message;
    message.handle = handle;
    message.message_id = std::to_string(handle) + "@client.test";
    message.envelope_octets = 1000;
    message.envelope_only = true;
    return message;
}

TEST(SessionUrgent, LetsAClientGiveUpWithoutLosingItsSession)
{
    auto session = sending_end(true);
    session.send(a_message(1));
    run(session);
    tell(session, "[3 TMP 99.0.3.5 Go ahead.]\r\n");
    session.on_content(1, object_type::envelope, std::string(300, 'x'));
    session.cancel(1);
    const auto given_up = run(session);
    EXPECT_EQ(given_up.octets, std::string(300, 'x'));
    EXPECT_EQ(given_up.urgent, "[4 ABOR=3]\r\n");
    ASSERT_EQ(given_up.results.size(), 1U);
    EXPECT_EQ(given_up.results[0].outcome, client_session::outcome::lost);
    EXPECT_FALSE(given_up.closed);
    EXPECT_FALSE(session.can_send()) << "not before it was answered";
    tell(session, killed);
    ASSERT_TRUE(session.can_send());
    session.send(a_message(2));
    EXPECT_EQ(run(session).octets, "[5 XFER 2@client.test message/envelope {1000} {0}]\r\n");
}

TEST(SessionUrgent, IsNotUsedByAClientThatDoesNotHaveIt)
{
    auto session = sending_end(false);
    session.send(a_message(1));
    run(session);
    tell(session, "[2 TMP 99.0.3.5 Go ahead.]\r\n");
    session.cancel(1);
    const auto given_up = run(session);
    EXPECT_EQ(given_up.urgent, "");
    EXPECT_TRUE(given_up.closed);
}

} // namespace
