// The connecting end of an xproto session, as a pure object: octets in, actions out (docs/xproto.md, "Sessions").
//
// The driver's loop: call next(), do what it says, report back, call next() again until it returns read_more, wait or
// close. Once ready was returned, messages are handed in with send() while can_send(); their octets are asked for piece
// by piece (want_content), and every message ends in exactly one result.
#pragma once

#include "xproto/session.hpp"
#include "xproto/trace_notice.hpp"
#include "xproto/window.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace xproto {

struct line;

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
};

// Octets of a body that are to travel by themselves.
struct outgoing_leaf {
    std::uint64_t octets = 0; // one at least
    std::string digest;       // `sha-256:...`
    std::string media_type;   // empty: not told
    std::string file_name;    // empty: not told
};

// One message to be sent.
struct outgoing {
    std::uint64_t handle = 0; // the caller's name for it; not 0, and not that of another message under way
    std::string message_id;   // without spaces, brackets or quotes; at most limits.message_id octets
    std::uint64_t envelope_octets = 0;
    std::uint64_t headers_octets = 0;
    std::uint64_t body_octets = 0;
    bool envelope_only = false; // a control message: no headers, no body
    std::string media_type;     // of the body; empty: not told
    // `sha-256:...` of envelope, headers, and body or skeleton; empty: not told.
    std::string digests[3];
    // The body split, when the session is: a skeleton of so many octets, not 0, goes in place of the body, and then the
    // leaves that its table names, in that order.
    std::uint64_t skeleton_octets = 0;
    std::vector<outgoing_leaf> leaves;
    // Body, skeleton and leaves go in fragments of so many octets; 0: whole.
    std::uint64_t fragment_octets = 0;
    // With STAT: ask the server first what it holds of this message (client_session::held).
    bool ask_held = false;
};

// Which transfer goes on where an earlier one broke off, and where.
struct resumption {
    std::uint64_t from = 0; // octets that need not be sent; 0: nothing goes on
    std::string beginning;  // their digest, `sha-256:...`
    std::size_t leaf = 0;   // the leaf that they are of, when the body is split
};

class client_session {
  public:
    // What the server is expected to do, for the driver's choice of a time-out.
    enum class phase : std::uint8_t {
        greeting,   // to greet
        helo,       // to settle who both are, and the options
        permission, // to permit an object, or to answer for one that is not the last of its message
        answer,     // to answer for the last object of a message: it may be writing to its disk
        idle,       // nothing: no message is under way
        goodbye,    // to answer QUIT
    };
    enum class outcome : std::uint8_t {
        accepted, // the server has stored the message and owns it, save for the recipients that `recipients` names
        refused,  // the server said no; code and text say why and whether to try again (class 4) or not (class 5)
        lost,     // the session ended or the message was cancelled before there was an answer
    };

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
    // The next octets of an object: at least 1 and at most `max` of those at `offset`. Answered by on_content(), at
    // once or later; there is at most one such question outstanding for a message, and no more than limits.output
    // allows in all.
    struct want_content {
        std::uint64_t handle;
        object_type type;
        std::uint64_t offset;
        std::size_t max;
        std::size_t leaf = 0; // of outgoing::leaves, when it is one
    };
    // What the server holds of a message whose `ask_held` was set. Answered by on_held(), at once or later.
    struct held {
        std::uint64_t handle;
        held_answer answer;
    };
    // What became of a message. Said exactly once for each send().
    struct result {
        std::uint64_t handle;
        client_session::outcome outcome;
        result_code code;
        std::string text;
        int smtp_code = 0;                        // from an (SMTP ...) group, 0: none
        std::vector<recipient_answer> recipients; // those whose outcome differs from the whole
        bool already_had = false;                 // accepted, by an earlier attempt
        bool answer_lost = false;                 // lost, but the server had every octet: it may own the message
    };
    // What became later of a message that the server took (TRACE). Whether it is one of ours is for the driver to see.
    struct later_hop {
        hop_notice what;
    };
    // The session is over; every message has had its result.
    struct close {
        result_code code; // why: codes::goodbye after quit(), else what went wrong
        std::string text;
    };

    using action = std::variant<read_more, write, write_urgent, wait, start_tls, check_identity, make_proof, ready,
                                want_content, held, result, later_hop, close>;

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
    // Answers want_content. Late answers for a message that has had its result are ignored.
    void on_content(std::uint64_t handle, object_type type, std::string_view piece);

    // Answers held: how the message is to be sent. Late answers for a message that has had its result are ignored.
    void on_held(std::uint64_t handle, resumption how);

    // May send() be called? Ready, room in the window, and nobody is leaving.
    bool can_send() const;
    void send(outgoing message);
    // Gives a message up, for instance because its octets cannot be read. Its result is `lost`. In synchronous mode,
    // with octets under way, the session can only end, and does.
    void cancel(std::uint64_t handle);
    // May the server have all of a message that has no result yet? Then only its answer tells what became of it.
    bool may_be_complete(std::uint64_t handle);
    // Keeps an idle session alive (NOOP). Does nothing unless the session is ready.
    void keep_alive();
    // Says QUIT once all messages under way have had their answers. No send() after this.
    void quit();

    // The server's name: configured or claimed in its greeting, and proved if it has sent a HELO that was accepted.
    const std::string& peer() const;
    bool peer_proved() const;
    bool pipelined() const;
    // May outgoing messages be split?
    bool split() const;
    // The options that are on.
    option_set active() const;

  private:
    struct state;

    bool advance();
    void take_line();
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
