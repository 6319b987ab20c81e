// The client's half of an SMTP session (RFC 5321) as a pure object: one connection, any number of transactions. Uses
// of PIPELINING, SIZE, 8BITMIME, SMTPUTF8, CHUNKING, BINARYMIME and DSN what the server offers, and never more.
//
// The driver's loop: ask next(), do what it says, report back where the action asks for it, repeat until close.
//
//     read_more      on_bytes(), or on_eof(), on_error(), on_timeout()
//     write, result  nothing
//     start_tls      on_tls(), or on_error() when the handshake fails
//     ready          begin() or quit(); the connection may also stay idle, until on_eof()
//     want_content   on_content()
//     close          the end
//
// A message that the server could only take changed is not sent; its recipients get a reply in our words. Every
// transaction begun ends with exactly one result, before close.
#pragma once

#include "smtp/actions.hpp"
#include "smtp/content_scan.hpp"
#include "smtp/data_codec.hpp"
#include "smtp/extensions.hpp"
#include "smtp/send_plan.hpp"
#include "smtp/transaction.hpp"

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace smtp {

enum class tls_use { none, opportunistic, required };

struct client_limits {
    reply_limits reply;
    std::size_t commands_in_flight =
        250; // sent, but the replies not read: both sides' buffers must hold them (RFC 2920 3.1)
    std::size_t chunks_in_flight = 16; // likewise, of BDAT
    std::size_t write_octets = 65536;  // content is written when this much has been gathered
};

struct client_config {
    std::string host = "localhost"; // our name, for EHLO
    tls_use tls = tls_use::opportunistic;
    send_choices sending;
    client_limits limits;
};

// The connection is idle. `transactions` have been completed on it.
struct ready {
    std::size_t transactions = 0;
    bool operator==(const ready&) const = default;
};

// The next piece of content is wanted: one call of on_content().
struct want_content {
    bool operator==(const want_content&) const = default;
};

// How far a recipient got.
enum class delivery_stage {
    not_sent,  // nothing was sent for it: we know the server could not take it
    mail,      // the reply is to MAIL
    recipient, // to RCPT
    data,      // to DATA, or to a BDAT chunk before the last
    content,   // to the whole content: a 2xx here, and only here, means delivered
};

struct recipient_result {
    reply answer;
    delivery_stage stage = delivery_stage::not_sent;
    bool from_peer = false; // or are these our own words?

    bool operator==(const recipient_result&) const = default;
};

// The outcome of a transaction, a result for each recipient in the order of the transaction.
struct result {
    std::vector<recipient_result> recipients;
    // The whole content was sent and the connection lost before the reply: the server may have taken the message (RFC
    // 1047). The answers say 451 4.4.2.
    bool content_sent_answer_lost = false;

    bool operator==(const result&) const = default;
};

class client_session {
  public:
    using action = std::variant<read_more, write, start_tls, ready, want_content, result, close>;

    explicit client_session(client_config config);

    action next();

    // After ready: send this. `facts` describe the content to come. Content that turns out to be of another length, or
    // holds a bare CR or LF against the facts, is never completed: the connection is closed and the recipients
    // deferred. Parameters of MAIL and RCPT go out as far as the server offers their extension; SIZE and BODY are
    // computed.
    void begin(transaction mail, content_facts facts);
    // After ready: QUIT, then close.
    void quit();
    // After want_content; the octets are copied. One piece becomes one BDAT chunk, so let them be large.
    void on_content(std::string_view piece, bool last);
    // Octets from the server, after read_more; after ready and want_content too, if there are any. They must stay where
    // they are until next() has given another action than result.
    void on_bytes(std::string_view octets);
    // The connection is closed, broken, or silent for too long. Octets that came before are to be given to on_bytes()
    // first: a server that breaks off inside the content may have said why.
    void on_eof();
    void on_error(std::string text);
    void on_timeout();
    void on_tls(tls_facts facts);

    // What the server offered last; after ready.
    const extensions& offered() const { return offered_; }
    const std::optional<tls_facts>& tls() const { return tls_; }

  private:
    // A reply that is due.
    struct expectation {
        awaiting what = awaiting::greeting;
        std::size_t recipient = 0; // awaiting::recipient: which
    };

    enum class step { mail, recipients, data, permission, content, done };

    // The transaction under way.
    struct sending {
        sending(send_plan p, content_facts f) : plan(std::move(p)), facts(f) {}

        send_plan plan;
        content_facts facts;
        std::vector<std::optional<recipient_result>> results; // empty: not known yet
        std::vector<bool> accepted;                           // by a 2xx to RCPT
        step at = step::mail;
        std::size_t next_recipient = 0;
        bool mail_accepted = false;
        data_encoder encoder;
        std::uint64_t octets = 0;    // of content, handed in
        std::size_t open_chunks = 0; // whose replies are due
        bool complete = false;       // is the content's end in out_, or written?
        bool handed_out = false;     // is it written?
    };

    void send(std::string_view line, awaiting what, std::size_t recipient = 0);
    action flush();
    void take_reply();
    void take_unasked(const reply& answer);
    void take_greeting(const reply& answer);
    void take_hello(const reply& answer);
    void take_start_tls(const reply& answer);
    void after_hello();

    void take_answer(const expectation& due, const reply& answer);
    void take_recipient(std::size_t recipient, reply answer);
    void take_data(const reply& answer);
    void take_content_reply(awaiting what, const reply& answer);
    void advance();
    bool pipelining() const { return offered_.pipelining && config_.sending.pipelining; }
    bool may_send() const;
    bool wants_content() const;
    bool any_accepted() const;
    bool all_resolved() const;
    // Settles every recipient that is not. Without a stage: as far as each has got.
    void resolve(const reply& answer, std::optional<delivery_stage> stage, bool from_peer);
    delivery_stage stage_of(std::size_t recipient) const;
    static delivery_stage stage_of(awaiting what);
    void conclude();

    void refuse(const reply& answer, awaiting what);
    void fail(close_reason why, reply failure, bool answer_may_be_lost);
    void misbehaved(std::string_view what);

    client_config config_;
    extensions offered_;
    std::optional<tls_facts> tls_;
    reply_parser parser_;
    std::string_view input_;
    std::string out_;
    std::deque<expectation> expected_;
    std::size_t unsent_ = 0; // how many of them are for commands that are still in out_
    bool said_helo_ = false;
    bool handshake_ = false;
    bool reset_due_ = false; // does the server hold a transaction that we have given up?
    std::size_t transactions_ = 0;
    std::optional<sending> current_;
    std::optional<result> result_;
    std::optional<close> close_;
};

} // namespace smtp
