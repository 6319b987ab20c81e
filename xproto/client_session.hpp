// The connecting end of an xproto session, as a pure object: octets in, actions out (docs/xproto.md, "Sessions").
//
// The driver's loop: call next(), do what it says, report back, call next() again until it returns read_more, wait or
// close. Once ready was returned, messages are handed in with send() while can_send(); their octets are asked for piece
// by piece (want_content), and every message ends in exactly one result.
#pragma once

#include "xproto/session.hpp"
#include "xproto/transfers.hpp"
#include "xproto/window.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace xproto {

struct line;
struct announcement;

struct client_config {
    std::string host; // our name, which our proof is for; lower case
    std::string
        server_host;   // the name the server must have; lower case. Empty: whatever name the server's greeting claims
    std::string nonce; // random, fresh for this session, 16 to 64 octets
    session_limits limits;
    const extension_table* extensions = &core_extensions(); // outlives the session
    option_set want = {option::pipe};                       // switched on if the server offers them
    use_tls tls = use_tls::never;      // what to do in clear; without meaning in a session that has TLS
    bool require_server_proof = false; // give up unless the server proves itself by a HELO of its own
    std::uint32_t messages = 64;       // never more than these at once, however large the server's window
    // With DUPLEX: what the server is granted, and may it send without permission where NOW is on?
    xproto::window window;
    bool takes_unasked = false;
};

class client_session final : public sending_half, public receiving_half {
  public:
    // What the server is expected to do, for the driver's choice of a time-out.
    enum class phase : std::uint8_t {
        greeting,   // to greet
        helo,       // to settle who both are, and the options
        permission, // to permit an object, or to answer for one that is not the last of its message
        answer,     // to answer for the last object of a message: it may be writing to its disk
        octets,     // to send octets that it has permission for, or the next request of a message it has begun
        owed,       // nothing: it waits for our answer. No time-out
        idle,       // nothing: no message is under way
        goodbye,    // to answer QUIT
    };
    using outcome = sending::outcome;

    // Read from the peer, then on_bytes(), on_eof() or on_error(). May be returned again (after send() or on_content()
    // while the read is pending): that asks for no second read.
    struct read_more {
        phase waiting_for;
    };
    // Send these octets. The driver should go on reading while they are being sent: an end that only writes while its
    // peer only writes is a deadlock.
    struct write {
        std::string octets;
    };
    // Send this line after everything else, its first octet as urgent data (URG). Nothing follows it before an answer.
    struct write_urgent {
        std::string octets;
    };
    // Nothing can be done before a question (check_identity, make_proof) is answered. Do not read.
    struct wait {};
    // The session in clear is over, and all that was said in it is forgotten: do a TLS handshake, and begin a new
    // session under it. Nothing was received after the server's answer, and nothing may be sent before the handshake.
    struct start_tls {};
    // Does `proof` prove that the server is `host`? Answered by on_identity().
    struct check_identity {
        std::uint32_t tag;
        std::string host;
        std::string proof;      // DER
        std::string transcript; // what must have been signed
    };
    // Sign `transcript` with this host's key. Answered by on_proof().
    struct make_proof {
        std::string transcript;
    };
    // From now on send() is possible.
    struct ready {};
    using want_content = sending::want_content;
    using held = sending::held;
    using result = sending::result;
    using later_hop = sending::later_hop;
    // With DUPLEX, of messages that the server sends; as in a server_session.
    using check_object = receiving::check_object;
    using append = receiving::append;
    using finish_object = receiving::finish_object;
    using check_held = receiving::check_held;
    using abort = receiving::abort;
    // The session is over; every message has had its result. A finish_object with `last` that is still outstanding goes
    // on: the server will ask again, and be told `already have it`.
    struct close {
        result_code code; // why: codes::goodbye after quit(), else what went wrong
        std::string text;
    };

    using action =
        std::variant<read_more, write, write_urgent, wait, start_tls, check_identity, make_proof, ready, want_content,
                     held, result, later_hop, check_object, append, finish_object, check_held, abort, close>;

    explicit client_session(client_config config);
    ~client_session();
    client_session(client_session&&) noexcept;
    client_session& operator=(client_session&&) noexcept;

    action next();

    // Received octets. The view stays valid until next() has returned read_more. Only after read_more.
    void on_bytes(std::string_view octets);
    void on_eof();
    // The connection failed, or the server did not do in time what read_more said: whatever is under way is lost.
    void on_error(std::string text, result_code code = codes::connection_lost);
    // Before the first next().
    void on_tls(tls_facts facts);
    void on_identity(identity_answer answer);
    // DER; empty: no proof could be made, and the session ends.
    void on_proof(std::string der);

    // --- what is sent
    void on_content(std::uint64_t handle, object_type type, std::string_view piece) override;
    void resume(std::uint64_t handle, resumption how) override;
    bool can_send() const override;
    void send(outgoing message) override;
    void cancel(std::uint64_t handle) override;
    bool may_be_complete(std::uint64_t handle) override;
    std::uint64_t answers() const override;

    // --- what is taken
    void on_object(std::uint32_t tag, object_answer answer) override;
    void on_finished(std::uint32_t tag, finish_answer answer) override;
    void on_held(std::uint32_t tag, const held_answer& answer) override;
    void on_progress(std::uint32_t tag) override;
    void on_hop(const hop_notice& what) override;
    std::uint64_t discarded_octets() const override;

    // Keeps an idle session alive (NOOP). Does nothing unless the session is ready.
    void keep_alive();
    // Says QUIT once all messages under way, in both directions, have had their answers. No send() after this, and no
    // new message is taken.
    void quit();

    // The server's name: configured or claimed in its greeting, and proved if it has sent a HELO that was accepted.
    const std::string& peer() const override;
    bool peer_proved() const;
    bool pipelined() const;
    // May outgoing messages be split?
    bool split() const;
    // The options that are on.
    option_set active() const override;

  private:
    struct state;

    bool advance();
    bool leaves();
    std::optional<append> take_octets();
    void take_line();
    void on_data(const line& request);
    void on_transfer(const line& request);
    announcement own_announcement() const;
    void fatal(const result_code& code, std::string text = {});
    void on_line(const line& received);
    void on_unsolicited(const line& received);
    void on_request(const line& request);
    void on_response(const line& response);
    void on_options(const line& response);
    void on_tls_answer(const line& response);
    void after_helo();
    void become_ready(option_set active);
    phase current_phase() const;
    void end(const result_code& code, std::string text = {});

    std::unique_ptr<state> my_;
};

} // namespace xproto
