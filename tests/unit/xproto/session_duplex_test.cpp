// Who is offered DUPLEX and who asks for it, what drivers rely on while both ends send, and that neither direction
// waits for the other.
#include "xproto/client_session.hpp"
#include "xproto/extensions.hpp"
#include "xproto/server_session.hpp"

#include <gtest/gtest.h>

#include <memory>

namespace {

using namespace xproto;

const extension_table& extensions()
{
    static const extension_table table = [] {
        auto made = core_extensions();
        made.install(duplex_extension);
        made.install(trace_extension);
        return made;
    }();
    return table;
}

template <class Action, class Session> Action expect(Session& session)
{
    auto action = session.next();
    EXPECT_TRUE(std::holds_alternative<Action>(action)) << "it is number " << action.index();
    if (!std::holds_alternative<Action>(action)) return Action{};
    return std::get<Action>(std::move(action));
}

template <class Session> auto phase_of(Session& session)
{
    return expect<typename Session::read_more>(session).waiting_for;
}

// A server session up to its answer to the client's HELO.
struct greeted {
    explicit greeted(bool tls, prove_self prove, standing as) : session(config(prove))
    {
        if (tls) session.on_tls({true, "exporter"});
        expect<server_session::write>(session);
        phase_of(session);
        session.on_bytes("[1 HELO client.test {1}]\r\nx");
        expect<server_session::check_identity>(session);
        session.on_identity(identity_answer::accept(as, "client.test"));
        if (prove == prove_self::always) {
            expect<server_session::make_proof>(session);
            session.on_proof("p");
            expect<server_session::write>(session);
            phase_of(session);
            session.on_bytes("[1 TMP 99.0.3.2]\r\n[1 OK 99.0.2.1]\r\n");
        }
        welcome = expect<server_session::write>(session).octets;
        phase_of(session);
    }
    static server_config config(prove_self prove)
    {
        server_config c;
        c.host = "mx.test";
        c.nonce = "0123456789abcdef";
        c.extensions = &extensions();
        c.prove = prove;
        return c;
    }

    server_session session;
    std::string welcome;
};

TEST(XprotoDuplex, IsOfferedUnderTlsToKnownPeersThatKnowTheServer)
{
    struct {
        bool tls;
        prove_self prove;
        standing as;
        bool offered;
    } const rows[] = {
        {true, prove_self::always, standing::known, true},     {true, prove_self::always, standing::trusted, true},
        {true, prove_self::always, standing::unknown, false},  {true, prove_self::never, standing::trusted, false},
        {false, prove_self::always, standing::trusted, false},
    };
    for (const auto& row : rows) {
        greeted one(row.tls, row.prove, row.as);
        EXPECT_EQ(one.welcome.find("(DUPLEX)") != std::string::npos, row.offered) << one.welcome;
        one.session.on_bytes("[2 OPT (PIPE=ON) (DUPLEX=ON)]\r\n");
        if (row.offered) expect<server_session::ready>(one.session);
        const auto answer = expect<server_session::write>(one.session).octets;
        EXPECT_EQ(answer.find("(DUPLEX ERR 99.0.5.10 ") == std::string::npos, row.offered) << answer;
        EXPECT_EQ(one.session.can_send(), row.offered);
    }
}

// A client session whose server has proved itself or not, and offers what `offers` says.
struct asking {
    asking(bool proves, bool wants_mail, const std::string& offers, bool trace = false) : session(config(trace))
    {
        session.on_tls({true, "exporter"});
        phase_of(session);
        session.on_bytes("[* TMP 99.0.3.1 (VER=1.0) (NONCE=30313233343536373839616263646566)]\r\n");
        expect<client_session::make_proof>(session);
        session.on_proof("p");
        expect<client_session::write>(session);
        phase_of(session);
        const auto friend_or_foe = std::string("[1 TMP 99.0.3.2]\r\n") + (proves ? "[1 HELO mx.test {1}]\r\n" : "");
        session.on_bytes(friend_or_foe);
        if (proves) {
            expect<client_session::write>(session);
            phase_of(session);
            session.on_bytes("x");
            auto who = identity_answer::accept(standing::trusted, "mx.test");
            who.options.set(option::duplex, wants_mail);
            expect<client_session::check_identity>(session);
            session.on_identity(who);
        }
        expect<client_session::write>(session);
        phase_of(session);
        const auto welcome = "[1 OK 99.0.2.1 " + offers + " (WINDOW=4;1000000)]\r\n";
        session.on_bytes(welcome);
        said = expect<client_session::write>(session).octets;
        phase_of(session);
    }
    static client_config config(bool trace)
    {
        client_config c;
        c.host = "client.test";
        c.server_host = "mx.test";
        c.nonce = "fedcba9876543210";
        c.extensions = &extensions();
        c.want = {option::pipe, option::duplex};
        c.want.set(option::trace, trace);
        c.limits.chunk = 1000;
        c.window = {2, 5000};
        return c;
    }

    client_session session;
    std::string said;
};

TEST(XprotoDuplex, IsAskedForWhenTheServerIsProvedAndItsMailIsWanted)
{
    const std::string asked = "[2 OPT (PIPE=ON) (DUPLEX=ON) (LIMITS CHUNK=1000 ENVELOPE=1048576 HEADERS=4194304 "
                              "BODY=52428800 RCPTMAX=1000) (WINDOW=2;5000)]\r\n";
    const std::string plain = "[2 OPT (PIPE=ON)]\r\n";
    EXPECT_EQ(asking(true, true, "(PIPE) (DUPLEX)").said, asked);
    EXPECT_EQ(asking(true, true, "(PIPE)").said, plain);
    EXPECT_EQ(asking(true, false, "(PIPE) (DUPLEX)").said, plain) << "its mail is not wanted";
    EXPECT_EQ(asking(false, true, "(PIPE) (DUPLEX)").said, plain) << "nobody knows who it is";
}

// A body that arrives does not keep the other direction waiting, whatever is missing of it; nor does the one that
// leaves.
TEST(XprotoDuplex, NeitherDirectionWaitsForTheOther)
{
    asking one(true, true, "(PIPE) (DUPLEX)");
    auto& session = one.session;
    session.on_bytes("[2 OK 99.0.2.2]\r\n[2 XFER big@mx.test message/envelope {900} {0}]\r\n");
    expect<client_session::ready>(session);
    expect<client_session::check_object>(session);
    EXPECT_EQ(phase_of(session), client_session::phase::owed);
    session.on_object(2, object_answer::permit());
    expect<client_session::write>(session);
    EXPECT_EQ(phase_of(session), client_session::phase::octets);
    session.on_bytes("[2 DATA {900}]\r\nonly a beginning");
    EXPECT_EQ(expect<client_session::append>(session).octets, "only a beginning");
    EXPECT_EQ(phase_of(session), client_session::phase::octets);

    outgoing message;
    message.handle = 1;
    message.message_id = "small@client.test";
    message.envelope_only = true;
    message.envelope_octets = 3000;
    session.send(message);
    EXPECT_EQ(expect<client_session::write>(session).octets,
              "[3 XFER small@client.test message/envelope {3000} {0}]\r\n");
    EXPECT_EQ(phase_of(session), client_session::phase::permission);
    const auto rest = std::string(884, 'x') + "[3 TMP 99.0.3.5]\r\n";
    session.on_bytes(rest);
    EXPECT_EQ(expect<client_session::append>(session).octets.size(), 884U);
    expect<client_session::finish_object>(session);
    EXPECT_EQ(expect<client_session::want_content>(session).max, 1000U);
    session.on_content(1, object_type::envelope, std::string(1000, 'c'));
    session.on_finished(2, finish_answer::accept_control());
    const auto said = expect<client_session::want_content>(session);
    EXPECT_EQ(said.offset, 1000U);
    const auto octets = expect<client_session::write>(session).octets;
    EXPECT_NE(octets.find("[2 OK 99.0.2.6 "), octets.npos) << "the answer does not wait for our own octets";
    EXPECT_EQ(phase_of(session), client_session::phase::permission);
}

// What becomes of messages later is told both ways, too; about a message no more than so often.
TEST(XprotoDuplex, TellsWhatBecomesOfMessagesBothWays)
{
    hop_notice what;
    what.message_id = "a@mx.test";
    what.host = "client.test";
    what.next = "mx.beyond.test";
    what.code = codes::stored;
    what.text = "Stored.";
    std::string told;
    write_hop_notice(told, what, {});

    asking one(true, true, "(PIPE) (DUPLEX) (TRACE)", true);
    one.session.on_bytes("[2 OK 99.0.2.2]\r\n");
    expect<client_session::ready>(one.session);
    one.session.on_hop(what);
    EXPECT_EQ(expect<client_session::write>(one.session).octets, told);

    greeted other(true, prove_self::always, standing::trusted);
    auto& session = other.session;
    session.on_bytes("[2 OPT (PIPE=ON) (DUPLEX=ON) (TRACE=ON)]\r\n");
    expect<server_session::ready>(session);
    expect<server_session::write>(session);
    EXPECT_EQ(phase_of(session), server_session::phase::idle);
    outgoing message;
    message.handle = 1;
    message.message_id = "a@mx.test";
    message.envelope_only = true;
    message.envelope_octets = 1;
    session.send(message);
    expect<server_session::write>(session);
    EXPECT_EQ(phase_of(session), server_session::phase::permission);
    session.on_bytes("[2 OK 99.0.2.7]\r\n");
    EXPECT_TRUE(expect<server_session::result>(session).already_had);
    for (std::size_t i = 0; i < most_hop_notices; ++i) {
        EXPECT_EQ(phase_of(session), server_session::phase::idle);
        session.on_bytes(told);
        EXPECT_EQ(expect<server_session::later_hop>(session).what, what);
    }
    EXPECT_EQ(phase_of(session), server_session::phase::idle);
    session.on_bytes(told);
    expect<server_session::write>(session);
    EXPECT_EQ(expect<server_session::close>(session).code, codes::too_many_octets);
}

} // namespace
