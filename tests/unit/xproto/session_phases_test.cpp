// What the drivers rely on beside the dialogue itself: phases for their time-outs, views that are not copies, bounded
// output, the transcripts that proofs sign, and answers that come too late.
#include "xproto/client_session.hpp"
#include "xproto/server_session.hpp"

#include <gtest/gtest.h>

namespace {

using namespace xproto;
using server_phase = server_session::phase;
using client_phase = client_session::phase;

server_config server_side()
{
    server_config c;
    c.host = "mx.test";
    c.nonce = "0123456789abcdef";
    return c;
}

client_config client_side()
{
    client_config c;
    c.host = "client.test";
    c.server_host = "mx.test";
    c.nonce = "fedcba9876543210";
    return c;
}

template <class Action, class Session> Action expect(Session& session)
{
    auto action = session.next();
    EXPECT_TRUE(std::holds_alternative<Action>(action)) << "it is number " << action.index();
    if (!std::holds_alternative<Action>(action)) return Action{};
    return std::get<Action>(std::move(action));
}

void expect_phase(server_session& session, server_phase want)
{
    EXPECT_EQ(expect<server_session::read_more>(session).waiting_for, want);
}

void expect_phase(client_session& session, client_phase want)
{
    EXPECT_EQ(expect<client_session::read_more>(session).waiting_for, want);
}

// A server session whose client has proved itself and switched pipelined mode on.
server_session pipelined_server(const server_config& config)
{
    server_session session(config);
    expect<server_session::write>(session);
    expect_phase(session, server_phase::helo);
    session.on_bytes("[1 HELO client.test {1}]\r\nx");
    expect<server_session::check_identity>(session);
    session.on_identity(identity_answer::accept(standing::trusted, "client.test"));
    expect<server_session::write>(session);
    expect_phase(session, server_phase::idle);
    session.on_bytes("[2 OPT (PIPE=ON)]\r\n");
    expect<server_session::write>(session);
    expect_phase(session, server_phase::idle);
    EXPECT_TRUE(session.pipelined());
    return session; // it can be moved
}

TEST(XprotoServerSession, TellsWhatItWaitsFor)
{
    auto session = pipelined_server(server_side());
    EXPECT_EQ(session.peer(), "client.test");
    EXPECT_EQ(session.peer_standing(), standing::trusted);
    session.on_bytes("[3 XFER a message/envelope {2} {0}]\r\n");
    expect<server_session::check_object>(session);
    expect_phase(session, server_phase::owed);
    expect_phase(session, server_phase::owed); // asking again changes nothing
    session.on_object(3, object_answer::permit());
    expect<server_session::write>(session);
    expect_phase(session, server_phase::octets);
    session.on_bytes("[3 DATA {2}]\r\nxx");
    expect<server_session::append>(session);
    expect<server_session::finish_object>(session);
    expect_phase(session, server_phase::owed);
    session.on_finished(3, finish_answer::accept());
    expect<server_session::write>(session);
    expect_phase(session, server_phase::octets); // the rest of the message it has begun
}

TEST(XprotoServerSession, WaitsInsteadOfReadingWhereOctetsMightBeLines)
{
    server_session session(server_side());
    expect<server_session::write>(session);
    expect_phase(session, server_phase::helo);
    session.on_bytes("[1 HELO client.test {1}]\r\nx");
    expect<server_session::check_identity>(session);
    expect<server_session::write>(session); // the TMP
    expect<server_session::wait>(session);
    session.on_identity(identity_answer::accept(standing::unknown, "client.test"));
    expect<server_session::write>(session);
    expect_phase(session, server_phase::idle);
    session.on_bytes("[2 XFER a message/envelope {2} {0}]\r\n");
    expect<server_session::check_object>(session);
    expect<server_session::wait>(session);
    session.on_object(2, object_answer::permit());
    expect<server_session::write>(session);
    expect_phase(session, server_phase::octets);
}

TEST(XprotoServerSession, HandsOctetsOnWithoutCopyingThem)
{
    auto session = pipelined_server(server_side());
    session.on_bytes("[3 XFER a message/envelope {4} {0}]\r\n");
    expect<server_session::check_object>(session);
    session.on_object(3, object_answer::permit());
    expect<server_session::write>(session);
    expect_phase(session, server_phase::octets);
    const std::string received = "[3 DATA {4}]\r\nbody";
    session.on_bytes(received);
    EXPECT_EQ(expect<server_session::append>(session).octets.data(), received.data() + received.size() - 4);
}

TEST(XprotoServerSession, IgnoresAnswersToWhatIsOver)
{
    auto session = pipelined_server(server_side());
    session.on_bytes("[3 XFER a message/envelope {4} {0}]\r\n[4 ABOR=3]\r\n");
    expect<server_session::check_object>(session);
    expect<server_session::abort>(session);
    expect<server_session::write>(session);
    session.on_object(3, object_answer::permit());
    session.on_object(99, object_answer::refuse(codes::busy));
    session.on_finished(3, finish_answer::accept());
    session.on_finished(99, finish_answer::accept());
    session.on_progress(3);
    session.on_identity(identity_answer::refuse(codes::busy));
    session.on_proof("x");
    expect_phase(session, server_phase::idle);
    session.on_timeout();
    expect<server_session::write>(session);
    expect<server_session::close>(session);
    session.on_finished(3, finish_answer::accept());
    session.on_timeout();
    session.on_shutdown();
    session.on_eof();
    expect<server_session::close>(session);
}

// A client that sends requests and never reads the answers is not given memory for them.
TEST(XprotoServerSession, StopsForItsOutputToBeWritten)
{
    auto config = server_side();
    config.limits.output = 1000;
    auto session = pipelined_server(config);
    std::string flood;
    for (int i = 3; i < 3000; ++i) flood += '[' + std::to_string(i) + " NOOP]\r\n";
    session.on_bytes(flood);
    std::size_t writes = 0;
    for (auto action = session.next(); !std::holds_alternative<server_session::read_more>(action);
         action = session.next()) {
        ASSERT_TRUE(std::holds_alternative<server_session::write>(action));
        EXPECT_LE(std::get<server_session::write>(action).octets.size(), 1100U);
        ++writes;
    }
    EXPECT_GT(writes, 50U);
}

TEST(XprotoServerSession, ShutsDownBeforeItHasSaidAWord)
{
    server_session session(server_side());
    session.on_shutdown();
    EXPECT_EQ(expect<server_session::close>(session).code, codes::shutting_down);
}

TEST(XprotoClientSession, TellsWhatItWaitsFor)
{
    client_session session(client_side());
    session.on_tls({true, "exporter"});
    EXPECT_FALSE(session.can_send());
    expect_phase(session, client_phase::greeting);
    session.on_bytes("[* TMP 99.0.3.1 (VER=1.0) (NONCE=30313233343536373839616263646566) Hi.]\r\n");
    expect<client_session::make_proof>(session);
    expect<client_session::wait>(session);
    session.on_proof("p");
    expect<client_session::write>(session);
    expect_phase(session, client_phase::helo);
    session.on_bytes("[1 TMP 99.0.3.2]\r\n");
    EXPECT_EQ(expect<client_session::write>(session).octets, "p");
    expect_phase(session, client_phase::helo);
    session.on_bytes("[1 OK 99.0.2.1]\r\n");
    expect<client_session::ready>(session);
    EXPECT_TRUE(session.can_send());
    expect_phase(session, client_phase::idle);
    outgoing message;
    message.handle = 1;
    message.message_id = "a";
    message.envelope_only = true;
    message.envelope_octets = 1;
    session.send(message);
    EXPECT_FALSE(session.can_send());
    expect<client_session::write>(session);
    expect_phase(session, client_phase::permission);
    session.on_bytes("[2 TMP 99.0.3.5]\r\n");
    expect<client_session::want_content>(session);
    expect_phase(session, client_phase::permission);
    EXPECT_FALSE(session.may_be_complete(1)) << "nothing of it has been sent";
    session.on_content(1, object_type::envelope, "x");
    EXPECT_TRUE(session.may_be_complete(1)) << "only its answer tells";
    EXPECT_FALSE(session.may_be_complete(2)) << "there is no such message";
    expect<client_session::write>(session);
    expect_phase(session, client_phase::answer);
    session.on_content(1, object_type::envelope, "x"); // nobody asked: ignored
    session.on_content(2, object_type::envelope, "x");
    session.cancel(2);
    expect_phase(session, client_phase::answer);
    session.on_bytes("[2 OK 99.0.2.6]\r\n");
    expect<client_session::result>(session);
    session.quit();
    expect<client_session::write>(session);
    expect_phase(session, client_phase::goodbye);
}

// A driver that is slow to read its files is not asked for everything at once.
TEST(XprotoClientSession, AsksForNoMoreThanItsOutputMayHold)
{
    auto config = client_side();
    config.limits.chunk = 100;
    config.limits.output = 1000;
    client_session session(config);
    expect_phase(session, client_phase::greeting);
    session.on_bytes("[* TMP 99.0.3.1 (VER=1.0) (NONCE=30313233343536373839616263646566) Hi.]\r\n");
    expect<client_session::make_proof>(session);
    session.on_proof("p");
    expect<client_session::write>(session);
    expect_phase(session, client_phase::helo);
    session.on_bytes("[1 TMP 99.0.3.2]\r\n[1 OK 99.0.2.1 (PIPE) (WINDOW=64;1000000)]\r\n[2 OK 99.0.2.2]\r\n");
    expect<client_session::ready>(session);
    expect<client_session::write>(session);
    expect_phase(session, client_phase::idle);
    std::string permissions;
    for (unsigned i = 0; i < 64; ++i) {
        outgoing message;
        message.handle = i + 1;
        message.message_id = "m" + std::to_string(i);
        message.envelope_only = true;
        message.envelope_octets = 100;
        session.send(message);
        permissions += '[' + std::to_string(i + 3) + " TMP 99.0.3.5]\r\n";
    }
    EXPECT_FALSE(session.can_send());
    while (!std::holds_alternative<client_session::read_more>(session.next())) {
    }
    session.on_bytes(permissions);
    for (int i = 0; i < 10; ++i) EXPECT_EQ(expect<client_session::want_content>(session).max, 100U);
    expect_phase(session, client_phase::permission);
    session.on_content(1, object_type::envelope, std::string(100, 'x'));
    expect<client_session::write>(session); // written at once: nothing else can be done
    expect<client_session::want_content>(session);
    expect_phase(session, client_phase::answer); // the first message's only object is complete
}

// Both ends must sign and verify the same octets, and everything that makes the session unique is in them.
TEST(XprotoSessions, AgreeAboutWhatAProofSigns)
{
    auto asks = server_side();
    asks.prove = prove_self::always;
    server_session server(asks);
    client_session client(client_side());
    server.on_tls({true, "exporter"});
    client.on_tls({true, "exporter"});

    const auto greeting = expect<server_session::write>(server).octets;
    expect_phase(server, server_phase::helo);
    expect_phase(client, client_phase::greeting);
    client.on_bytes(greeting);
    const auto signed_by_client = expect<client_session::make_proof>(client).transcript;
    client.on_proof("one");
    const auto helo = expect<client_session::write>(client).octets + "one";
    server.on_bytes(helo);
    const auto asked = expect<server_session::check_identity>(server);
    EXPECT_EQ(asked.transcript, signed_by_client);
    EXPECT_EQ(asked.transcript, "xproto-helo-v1\nrole 6 client\nserver-nonce 16 0123456789abcdef\n"
                                "client-nonce 16 fedcba9876543210\nclient-host 11 client.test\n"
                                "server-host 7 mx.test\ntls-exporter 8 exporter\n");
    server.on_identity(identity_answer::accept(standing::unknown, "client.test"));
    const auto signed_by_server = expect<server_session::make_proof>(server).transcript;
    server.on_proof("two");
    const auto answer = expect<server_session::write>(server).octets + "two";
    expect_phase(client, client_phase::helo);
    client.on_bytes(answer);
    const auto question = expect<client_session::check_identity>(client);
    EXPECT_TRUE(expect<client_session::write>(client).octets.starts_with("one[1 TMP "));
    EXPECT_EQ(question.proof, "two");
    EXPECT_EQ(question.transcript, signed_by_server);
    EXPECT_EQ(question.transcript,
              "xproto-helo-v1\nrole 6 server\n" + signed_by_client.substr(signed_by_client.find("server-nonce")));
}

} // namespace
