// The accepting end of an xproto session, as a pure object: octets in, actions out (docs/xproto.md, "Sessions").
//
// The driver's loop: call next(), do what it says, report back, call next() again. Questions (check_identity,
// make_proof, check_object, finish_object) may be answered at once or later; meanwhile next() goes on with whatever
// else it can do. After any on_...() call, call next() until it returns read_more, wait or close. No call blocks,
// throws on input, or keeps more than the limits allow.
//
// Before anything is told to the peer as stored, the driver has said so: the answer to the finish_object of a message's
// last object is the moment at which the message becomes this side's.
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
struct request_refusal;

// When a server sends its own HELO, with its own proof, before it accepts the client's.
enum class prove_self : std::uint8_t {
    never,
    to_known, // once the client turned out to be known or trusted
    always,   // to every client whose identity was not refused
};

struct server_config {
    std::string host;                            // our name, which the client's proof is made for; lower case
    std::string nonce;                           // random, fresh for this session, 16 to 64 octets
    std::vector<std::string> versions = {"1.0"}; // ascending
    session_limits limits;
    xproto::window window;                        // what clients in pipelined mode are granted
    std::optional<xproto::window> trusted_window; // what trusted ones are, if it is another
    prove_self prove = prove_self::never;
    const extension_table* extensions = &core_extensions(); // outlives the session
    option_set options = option_set::all();                 // of those in the table, the ones offered at all
    bool helo_in_clear = true;                              // may a client prove itself in a session without TLS?
    std::uint32_t messages = 64; // with DUPLEX: never more than these at once, however large the client's window
};

class server_session final : public sending_half, public receiving_half {
  public:
    // What the peer is expected to do, for the driver's choice of a time-out.
    enum class phase : std::uint8_t {
        helo,       // to prove who it is: lines and octets before the HELO was accepted
        idle,       // anything or nothing: no transfer is open
        octets,     // to send octets that it has permission for, or the next request of a message it has begun
        owed,       // nothing: it waits for our answer. No time-out
        permission, // to permit an object of ours, or to answer for one that is not the last of its message
        answer,     // to answer for the last object of a message of ours
    };

    // Read from the peer, then on_bytes(), on_eof() or on_timeout(). May be returned again (after an answer came in
    // while the read is pending): that asks for no second read.
    struct read_more {
        phase waiting_for;
    };
    // Send these octets. Everything said so far is in them. The driver may go on with next() while they are being sent,
    // and should: an end that only writes while its peer only writes is a deadlock.
    struct write {
        std::string octets;
    };
    // Nothing can be done before a question is answered. Do not read: what was received waits inside.
    struct wait {};
    // The session in clear is over, and all that was said in it is forgotten: do a TLS handshake, and begin a new
    // session under it. Nothing was received after the request, and nothing may be sent before the handshake.
    struct start_tls {};
    // Does `proof` prove that the peer is `host`? The proof is a CMS SignedData over `transcript` (docs/xproto.md,
    // "Identity and certificates"). An empty host: the client named none, the certificate's only name is meant.
    // Answered by on_identity(tag's only question; there is never more than one).
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
    using check_object = receiving::check_object;
    using append = receiving::append;
    using finish_object = receiving::finish_object;
    using check_held = receiving::check_held;
    using abort = receiving::abort;
    // With DUPLEX: from now on send() is possible. What is sent is told of as in a client_session.
    struct ready {};
    using want_content = sending::want_content;
    using held = sending::held;
    using result = sending::result;
    using later_hop = sending::later_hop;
    // The session is over. Nothing further is to be sent; answers still outstanding are of no interest to the peer.
    // A finish_object with `last` that is still outstanding goes on: the peer will ask again, and be told `already have
    // it`.
    struct close {
        result_code code; // why, for the log: codes::goodbye after QUIT or an orderly end
        std::string text;
    };

    using action = std::variant<read_more, write, wait, start_tls, check_identity, make_proof, check_object, append,
                                finish_object, check_held, abort, ready, want_content, held, result, later_hop, close>;

    explicit server_session(server_config config);
    ~server_session();
    server_session(server_session&&) noexcept;
    server_session& operator=(server_session&&) noexcept;

    action next();

    // Received octets. The view stays valid until next() has returned read_more. Only after read_more.
    void on_bytes(std::string_view octets);
    // What is given to on_bytes() next begins where the peer has set its mark (URG). Only after read_more.
    void on_mark();
    // The peer sends no more. It is still told what it is owed.
    void on_eof();
    // Before the first next().
    void on_tls(tls_facts facts);
    void on_identity(identity_answer answer);
    // DER; empty: no proof could be made, and the session ends.
    void on_proof(std::string der);

    // --- what is taken
    void on_object(std::uint32_t tag, object_answer answer) override;
    void on_finished(std::uint32_t tag, finish_answer answer) override;
    void on_held(std::uint32_t tag, const held_answer& answer) override;
    void on_progress(std::uint32_t tag) override;
    void on_hop(const hop_notice& what) override;

    // --- what is sent, with DUPLEX
    bool can_send() const override;
    void send(outgoing message) override;
    void cancel(std::uint64_t handle) override;
    bool may_be_complete(std::uint64_t handle) override;
    void on_content(std::uint64_t handle, object_type type, std::string_view piece) override;
    void resume(std::uint64_t handle, resumption how) override;
    std::uint64_t answers() const override;

    // The peer did not do in time what read_more said: it is told, and the session ends.
    void on_timeout();
    // This host wants to stop: no new messages are taken, those under way may end; then the session closes by itself.
    void on_shutdown();
    // The same, because the peer is not who it was taken for any more, or not welcome any more.
    void on_disowned(const result_code& code, std::string_view why);

    // The proved name of the client; empty before.
    const std::string& peer() const override;
    standing peer_standing() const;
    bool pipelined() const;
    // The options that are on.
    option_set active() const override;
    std::uint64_t discarded_octets() const override;

  private:
    struct state;
    struct command;
    static const command commands[4];

    bool advance();
    bool at_end();
    bool quits() const;
    bool blocked() const;
    std::optional<append> take_octets();
    phase current_phase() const;

    void on_line(std::string_view octets);
    void on_request(const line& request);
    void on_response(const line& response);
    void on_notice(const line& received);
    void on_data(const line& request);
    void run_helo(const line& request);
    void run_opt(const line& request);
    void run_noop(const line& request);
    void run_quit(const line& request);

    void refuse(std::uint32_t tag, const result_code& code);
    void refuse(std::uint32_t tag, const request_refusal& why);
    void refuse_extension(std::uint32_t tag, std::string_view name);
    void count_error();
    void count_octets(std::size_t octets);
    void fatal(const result_code& code, std::string text = {});
    void leave(const result_code& code, std::string text = {});

    std::unique_ptr<state> my_;
};

} // namespace xproto
