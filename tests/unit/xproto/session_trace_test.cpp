// TRACE in sessions: what a server tells of messages later, and what a client bears.
#include "xproto/client_session.hpp"
#include "xproto/extensions.hpp"
#include "xproto/server_session.hpp"

#include <gtest/gtest.h>

namespace {

using namespace xproto;

const extension_table& with_trace()
{
    static const extension_table table = [] {
        auto made = core_extensions();
        made.install(trace_extension);
        return made;
    }();
    return table;
}

hop_notice a_notice(const std::string& id = "1@client.test")
{
    hop_notice n;
    n.message_id = id;
    n.host = "mx.test";
    n.next = "mx.beyond.test";
    n.code = codes::stored;
    n.text = "Stored.";
    return n;
}

std::string written(const hop_notice& n)
{
    std::string out;
    write_hop_notice(out, n, {});
    return out;
}

// What the session says, answering its questions as a friend would, until it wants to read.
std::string drive(server_session& session)
{
    std::string out;
    for (;;) {
        auto action = session.next();
        if (auto* octets = std::get_if<server_session::write>(&action))
            out += octets->octets;
        else if (std::holds_alternative<server_session::check_identity>(action))
            session.on_identity(identity_answer::accept(standing::trusted, "client.test"));
        else
            return out;
    }
}

server_session ready_server(bool trace)
{
    server_config c;
    c.host = "mx.test";
    c.nonce = "0123456789abcdef";
    c.extensions = &with_trace();
    server_session session(c);
    drive(session);
    session.on_bytes("[1 HELO client.test {5}]\r\nproof");
    EXPECT_NE(drive(session).find("(TRACE)"), std::string::npos);
    session.on_bytes(trace ? "[2 OPT (TRACE=ON)]\r\n" : "[2 NOOP]\r\n");
    EXPECT_NE(drive(session).find("[2 OK "), std::string::npos);
    return session;
}

TEST(SessionTrace, IsToldToWhoeverAskedForIt)
{
    auto session = ready_server(true);
    session.on_hop(a_notice());
    EXPECT_EQ(drive(session), written(a_notice()));
    session.on_bytes("[3 OPT (TRACE=OFF)]\r\n");
    drive(session);
    session.on_hop(a_notice());
    EXPECT_EQ(drive(session), "");
    auto other = ready_server(false);
    other.on_hop(a_notice());
    EXPECT_EQ(drive(other), "");
}

TEST(SessionTrace, DoesNotFillTheMemoryOfAServerWhoseClientDoesNotRead)
{
    auto session = ready_server(true);
    for (int i = 0; i < 100000; ++i) session.on_hop(a_notice());
    EXPECT_LT(drive(session).size(), session_limits{}.output + written(a_notice()).size());
}

TEST(SessionTrace, IsNotOfferedToStrangers)
{
    EXPECT_FALSE(with_trace().offered_to(standing::unknown).has(option::trace));
    EXPECT_FALSE(with_trace().open_to_anybody().has(option::trace));
    EXPECT_TRUE(with_trace().offered_to(standing::known).has(option::trace));
}

// --- the other end ---------------------------------------------------------------------------------------------------

struct heard {
    std::vector<hop_notice> notices;
    bool closed = false;
    result_code code;
};

heard drive(client_session& session)
{
    heard all;
    for (;;) {
        auto action = session.next();
        if (auto* later = std::get_if<client_session::later_hop>(&action)) {
            all.notices.push_back(later->what);
        } else if (std::holds_alternative<client_session::make_proof>(action)) {
            session.on_proof("proof");
        } else if (auto* wanted = std::get_if<client_session::want_content>(&action)) {
            session.on_content(wanted->handle, wanted->type, std::string(wanted->max, 'x'));
        } else if (auto* end = std::get_if<client_session::close>(&action)) {
            all.closed = true;
            all.code = end->code;
            return all;
        } else if (std::holds_alternative<client_session::read_more>(action)) {
            return all;
        }
    }
}

heard tell(client_session& session, const std::string& octets)
{
    session.on_bytes(octets);
    return drive(session);
}

// One control message has been sent and accepted.
client_session ready_client(bool trace)
{
    client_config c;
    c.host = "client.test";
    c.nonce = "fedcba9876543210";
    c.extensions = &with_trace();
    if (trace) c.want.set(option::trace, true);
    client_session session(c);
    drive(session);
    tell(session, "[* TMP 99.0.3.1 (VER=1.0) (HOST=mx.test) (NONCE=30313233343536373839616263646566) Hi.]\r\n");
    tell(session, "[1 TMP 99.0.3.2 Friend or foe?]\r\n");
    tell(session, "[1 OK 99.0.2.1 (TRACE) Greetings friend.]\r\n");
    std::string tag = "2";
    if (trace) tell(session, "[2 OK 99.0.2.2 (TRACE OK 99.0.2.2) Go ahead.]\r\n"), tag = "3";
    EXPECT_EQ(session.active().has(option::trace), trace);
    outgoing message;
    message.handle = 1;
    message.message_id = "1@client.test";
    message.envelope_octets = 10;
    message.envelope_only = true;
    session.send(message);
    drive(session);
    tell(session, "[" + tag + " TMP 99.0.3.5 Go ahead.]\r\n");
    tell(session, "[" + tag + " OK 99.0.2.6 Stored.]\r\n");
    return session;
}

TEST(SessionTrace, IsHeardByWhoeverAskedForIt)
{
    auto session = ready_client(true);
    const auto all = tell(session, written(a_notice()) + written(a_notice("2@client.test")));
    EXPECT_EQ(all.notices, (std::vector<hop_notice>{a_notice(), a_notice("2@client.test")}));
    EXPECT_FALSE(all.closed);
    auto other = ready_client(false);
    EXPECT_TRUE(tell(other, written(a_notice())).notices.empty());
}

TEST(SessionTrace, IsBoundedByWhatWasSent)
{
    auto session = ready_client(true);
    std::string many;
    for (std::size_t i = 0; i < most_hop_notices; ++i) many += written(a_notice());
    EXPECT_EQ(tell(session, many).notices.size(), most_hop_notices);
    const auto more = tell(session, written(a_notice()));
    EXPECT_TRUE(more.closed);
    EXPECT_EQ(more.code, codes::too_many_octets);
}

TEST(SessionTrace, ThatCannotBeUnderstoodIsANoticeLikeAnyOther)
{
    auto session = ready_client(true);
    const auto all = tell(session, "[* OK 99.3.11.0.2.1 (MSG=1@client.test) Sent on.]\r\n");
    EXPECT_TRUE(all.notices.empty());
    EXPECT_FALSE(all.closed);
}

} // namespace
