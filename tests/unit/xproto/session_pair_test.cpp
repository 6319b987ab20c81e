// A client and a server session back to back, with a wire that cuts as it likes, drivers that answer when they like,
// and refusals at random: every message arrives exactly once with every octet right, or not at all, and both ends
// agree.
#include "tests/unit/xproto/session_script.hpp"
#include "tests/unit/xproto/session_traffic.hpp"
#include "xproto/client_session.hpp"
#include "xproto/extensions.hpp"
#include "xproto/server_session.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <map>

namespace {

using namespace xproto;
using namespace session_pair;

class run {
  public:
    explicit run(const weather& how)
        : how_(how), dice_(how.seed, how.delays), client_(client_side()), server_(server_side()),
          forth_(how, "client.test", dice_, client_, server_), back_(how, "mx.test", dice_, server_, client_)
    {
        if (!how_.duplex) return;
        client_.on_tls({true, "exporter"});
        server_.on_tls({true, "exporter"});
    }

    void play()
    {
        for (int idle = 0; idle < 1000 && !(client_closed_ && server_closed_); ++idle) {
            const bool moved = step_client() | step_server() | dice_.answer_some() | deliver(to_server_, true) |
                               deliver(to_client_, false);
            if (moved) idle = 0;
        }
        ASSERT_TRUE(client_closed_ && server_closed_) << "stuck";
        forth_.check();
        if (how_.duplex) back_.check();
    }

    std::size_t stored() const { return forth_.stored(); }
    std::size_t stored_back() const { return back_.stored(); }

  private:
    client_config client_side() const
    {
        client_config c;
        c.host = "client.test";
        c.server_host = "mx.test";
        c.nonce = "fedcba9876543210";
        c.limits.chunk = how_.chunk;
        c.limits.output = how_.output;
        c.extensions = &session_script::every_extension();
        c.want = how_.also;
        if (how_.duplex) c.want.set(option::duplex, true);
        c.window = how_.granted;
        c.takes_unasked = true;
        for (const auto o : {option::pipe, option::split, option::stat}) c.want.set(o, true);
        if (!how_.pipelined) c.want = {option::split, option::stat};
        c.limits.unasked = how_.unasked;
        return c;
    }
    server_config server_side() const
    {
        server_config c;
        c.host = "mx.test";
        c.nonce = "0123456789abcdef";
        c.limits.chunk = how_.chunk;
        c.limits.output = how_.output;
        c.window = how_.granted;
        c.extensions = &session_script::every_extension();
        c.limits.unasked = how_.unasked;
        c.prove = prove_self::always;
        c.extensions = &session_script::every_extension();
        return c;
    }

    bool deliver(std::string& wire, bool to_server)
    {
        auto& reads = to_server ? server_reads_ : client_reads_;
        if (!reads || wire.empty()) return false;
        const auto octets = std::min(wire.size(), dice_.roll() % how_.longest_piece + 1);
        auto& buffer = to_server ? server_buffer_ : client_buffer_;
        buffer = std::make_unique<std::string>(wire.substr(0, octets));
        wire.erase(0, octets);
        reads = false;
        to_server ? server_.on_bytes(*buffer) : client_.on_bytes(*buffer);
        return true;
    }

    template <class Action> void pass(Action& a, traffic& sent, traffic& taken)
    {
        if constexpr (is_sent<Action>)
            sent.on(a);
        else if constexpr (is_taken<Action>)
            taken.on(a);
        else
            on(a);
    }

    // --- the client's driver

    bool step_client()
    {
        if (client_closed_) return false;
        forth_.send_more();
        const bool all = forth_.handed_in() && (!how_.duplex || back_.handed_in());
        if (all && (!how_.duplex || how_.hasty || back_.over())) client_.quit();
        auto action = client_.next();
        if (std::holds_alternative<client_session::wait>(action)) return false;
        if (std::holds_alternative<client_session::read_more>(action)) {
            const bool first = !client_reads_;
            client_buffer_.reset();
            client_reads_ = true;
            return first;
        }
        std::visit([this](auto& a) { pass(a, forth_, back_); }, action);
        return true;
    }
    void on(client_session::read_more&) {}
    void on(client_session::wait&) {}
    void on(client_session::start_tls&) { ADD_FAILURE(); }
    void on(client_session::write_urgent&) { ADD_FAILURE(); }
    void on(sending::later_hop&) { ADD_FAILURE(); }
    void on(server_session::ready&) { EXPECT_TRUE(how_.duplex); }
    void on(client_session::ready&) { EXPECT_EQ(client_.pipelined(), how_.pipelined); }
    void on(client_session::write& a)
    {
        EXPECT_LE(a.octets.size(), how_.output + how_.chunk + 100 * 400) << "output is bounded";
        to_server_ += a.octets;
    }
    void on(client_session::make_proof& a)
    {
        dice_.answer([this, t = a.transcript] { client_.on_proof("signed " + t); });
    }
    void on(client_session::check_identity& a)
    {
        EXPECT_EQ(a.proof, "signed " + a.transcript);
        EXPECT_EQ(a.host, "mx.test");
        dice_.answer([this] { client_.on_identity(identity_answer::accept(standing::known, "mx.test")); });
    }
    void on(client_session::close& a)
    {
        EXPECT_EQ(a.code, codes::goodbye) << a.text;
        client_closed_ = true;
    }

    // --- the server's driver

    bool step_server()
    {
        if (server_closed_) return false;
        back_.send_more();
        auto action = server_.next();
        if (std::holds_alternative<server_session::wait>(action)) return false;
        if (std::holds_alternative<server_session::read_more>(action)) {
            const bool first = !server_reads_;
            server_buffer_.reset();
            server_reads_ = true;
            return first;
        }
        std::visit([this](auto& a) { pass(a, back_, forth_); }, action);
        return true;
    }
    void on(server_session::read_more&) {}
    void on(server_session::wait&) {}
    void on(server_session::start_tls&) { ADD_FAILURE(); }
    void on(server_session::write& a) { to_client_ += a.octets; }
    void on(server_session::make_proof& a)
    {
        dice_.answer([this, t = a.transcript] { server_.on_proof("signed " + t); });
    }
    void on(server_session::check_identity& a)
    {
        EXPECT_EQ(a.proof, "signed " + a.transcript);
        dice_.answer([this, host = a.host] { server_.on_identity(identity_answer::accept(standing::trusted, host)); });
    }
    void on(server_session::close& a)
    {
        EXPECT_EQ(a.code, codes::goodbye) << a.text;
        server_closed_ = true;
    }

    const weather how_;
    dice dice_;
    client_session client_;
    server_session server_;
    traffic forth_, back_;
    std::string to_server_, to_client_;
    std::unique_ptr<std::string> server_buffer_, client_buffer_; // what the sessions may look at
    bool server_reads_ = false, client_reads_ = false;
    bool server_closed_ = false, client_closed_ = false;
};

TEST(XprotoSessionPair, DeliversEveryMessageExactlyOnceInAnyWeather)
{
    for (unsigned seed = 1; seed <= 60; ++seed) {
        SCOPED_TRACE(seed);
        run(wild(seed)).play();
        if (testing::Test::HasFailure()) return; // the first is enough
    }
}

TEST(XprotoSessionPair, DeliversEverythingWhenNobodyRefuses)
{
    for (const bool pipelined : {false, true}) {
        weather calm;
        calm.pipelined = pipelined;
        calm.chunk = 65536;
        calm.largest = 300000;
        calm.longest_piece = 65536;
        calm.splits = 30;
        calm.known = 30;
        calm.broken = 30;
        calm.fragment = 100000;
        run calm_run(calm);
        calm_run.play();
        EXPECT_EQ(calm_run.stored(), calm.messages);
    }
}

TEST(XprotoSessionPair, DeliversEverythingBothWaysAtOnce)
{
    weather calm;
    calm.duplex = true;
    calm.chunk = 65536;
    calm.largest = 300000;
    calm.longest_piece = 65536;
    calm.splits = calm.known = calm.broken = 30;
    calm.fragment = 100000;
    run calm_run(calm);
    calm_run.play();
    EXPECT_EQ(calm_run.stored(), calm.messages);
    EXPECT_EQ(calm_run.stored_back(), calm.messages);
}

} // namespace
