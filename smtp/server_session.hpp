// The server's half of an SMTP session (RFC 5321) as a pure object. Speaks HELO EHLO MAIL RCPT DATA BDAT RSET NOOP VRFY
// HELP QUIT STARTTLS, with PIPELINING, SIZE, 8BITMIME, SMTPUTF8, CHUNKING, BINARYMIME, ENHANCEDSTATUSCODES, DSN
// and REQUIRETLS.
//
// The driver's loop: ask next(), do what it says, report back where the action asks for it, repeat until close.
//
//     read_more               on_bytes(), or on_eof(), on_timeout()
//     write, append, discard  nothing
//     start_tls               on_tls(), or on_eof() when the handshake fails
//     check_sender, check_recipient, begin_data, finish       on_reply()
//     wait                    a question is open: on_reply() is due
//     close                   the end
//
// Questions come one at a time. Replies are batched: a write comes when nothing more can be done without reading,
// before start_tls and close, and when limits.reply_batch is full. How the octets were split over calls of on_bytes()
// never matters, except where STARTTLS forbids pipelining.
#pragma once

#include "smtp/actions.hpp"
#include "smtp/bdat.hpp"
#include "smtp/command.hpp"
#include "smtp/data_codec.hpp"
#include "smtp/extensions.hpp"
#include "smtp/line_reader.hpp"
#include "smtp/mail_options.hpp"
#include "smtp/newline_filter.hpp"
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

struct server_limits {
    std::size_t command_line = 2048; // octets with CRLF; RFC 5321 asks for 512, its extensions for some 1100
    std::size_t recipients = 1000;   // of one transaction; 452 beyond. RFC 5321 asks for 100 at least
    std::uint64_t message_octets = 50 * 1024 * 1024; // of content, as stored; 0: no limit
    std::size_t errors = 20;                         // bad commands, then 421 and close
    std::size_t reply_batch = 65536;                 // octets of replies that may wait for the next read
    address_limits address;
};

struct server_config {
    std::string host = "localhost"; // how we name ourselves
    std::string greeting = "ESMTP"; // what follows the host in the 220
    bool offer_start_tls = false;
    bool smtputf8 = true;
    bool chunking = true;     // CHUNKING and BINARYMIME
    bool require_tls = false; // REQUIRETLS, under TLS
    newline_policy bare_newline = newline_policy::reject;
    server_limits limits;
};

// Who is talking: what the client said of itself and what the connection proves.
struct hello_facts {
    std::string
        name; // the argument of EHLO or HELO, 1 to 255 octets without spaces or control characters; not verified
    bool extended = false; // EHLO?
    std::optional<tls_facts> tls;

    bool operator==(const hello_facts&) const = default;
};

// The `with` clause of the Received line: SMTP, ESMTP, ESMTPS (RFC 3848), UTF8SMTP, UTF8SMTPS (RFC 6531 4.3).
std::string_view received_with(const hello_facts& client, bool smtputf8);

// May mail from this sender come in? 2xx: yes; anything else is the refusal. 421 closes the connection too.
struct check_sender {
    std::string reverse_path;
    std::vector<parameter> parameters;
    hello_facts hello;
    bool operator==(const check_sender&) const = default;
};

// May mail go to this recipient? As above.
struct check_recipient {
    smtp::recipient recipient;
    bool operator==(const check_recipient&) const = default;
};

// Content is about to come. 354: it may (with BDAT the reply is not shown); anything else refuses the transaction.
struct begin_data {
    smtp::transaction transaction;
    bool operator==(const begin_data&) const = default;
};

// Octets of the content, dots unstuffed, newline policy applied. The view lives until the next call of next(). When
// they cannot be stored, on_reply() with the refusal may be called, at once or until finish: what was appended is
// discarded, the rest of the content swallowed, then the refusal sent.
struct append {
    std::string_view octets;
    bool operator==(const append&) const = default;
};

// All content is here. Make it durable, then answer; a 2xx takes responsibility for the message.
struct finish {
    bool operator==(const finish&) const = default;
};

// The transaction that begin_data began will not finish: throw away what was appended.
struct discard {
    bool operator==(const discard&) const = default;
};

class server_session {
  public:
    using action = std::variant<wait, read_more, write, start_tls, check_sender, check_recipient, begin_data, append,
                                finish, discard, close>;

    explicit server_session(server_config config);

    action next();

    // Octets from the client, after read_more. They must stay where they are until next() gives read_more or close.
    void on_bytes(std::string_view octets);
    // The client is gone. At any time, though it is usually found out after read_more.
    void on_eof();
    void on_tls(tls_facts facts);
    // The answer to the question last asked, or the refusal of an append. An answer that makes no sense there (a 250 to
    // begin_data, a 354 to anything else) is sent as 451.
    void on_reply(reply answer);
    // The client has been silent for too long: 421 and close.
    void on_timeout();
    // We are closing down: 421 and close as soon as no transaction is open (RFC 5321 3.8). At any time.
    void on_shutdown();

    const hello_facts& hello() const { return hello_; }

  private:
    enum class phase { command, data, chunk, start_tls, handshake, closed };
    enum class question { none, sender, recipient, data, chunk, finish };

    // A transaction from MAIL until begin_data.
    struct open_mail {
        open_mail(transaction m, mail_options o) : mail(std::move(m)), options(o) {}

        transaction mail;
        mail_options options;
        bool refused_any = false; // was a RCPT refused?
    };

    // Content on its way in, or being swallowed.
    struct incoming {
        explicit incoming(newline_policy policy) : filter(policy) {}

        data_decoder decoder;
        newline_filter filter;
        std::string_view unfiltered;  // what the filter has still to take
        std::uint64_t octets = 0;     // handed out by append
        bool complete = false;        // has the filter been told that nothing follows?
        chunk left;                   // of the BDAT chunk being read
        std::optional<reply> refusal; // the rest is swallowed, then this is the answer
        bool client_error = false;    // was it refused for being out of sequence?
    };

    void say(const reply& r) { append_to(replies_, r); }
    void complain(const reply& r); // say, and count an error of the client's
    void ask(question q, action a);
    void drop_mail();
    void end(close_reason why);
    action flush();
    void answer_sender(const reply& answer);
    void answer_recipient(const reply& answer);
    void answer_begin(const reply& answer, phase then);
    void settle(reply answer); // the transaction's last reply

    bool read_command(); // false, here and below: more octets are needed
    void obey(std::string_view line);
    void on_hello(std::string_view name, bool extended);
    void on_mail(std::string_view argument);
    void on_rcpt(std::string_view argument);
    void on_data();
    void on_bdat(std::string_view argument);
    void on_start_tls();
    void begin_content(question q);
    void out_of_sequence(const reply& r);
    std::optional<reply> no_content_now() const;
    extensions offers() const;

    bool read_data();
    bool read_chunk();
    bool filter_content();
    void take_content(std::string_view piece);
    void refuse_content(reply refusal);
    void end_of_chunk();
    void end_of_content();

    server_config config_;
    hello_facts hello_;
    phase phase_ = phase::command;
    question question_ = question::none;
    std::deque<action> due_; // what next() gives before anything else
    std::string_view input_; // octets not yet taken
    line_reader reader_;
    std::string replies_;    // not yet written
    bool write_now_ = false; // is there one among them that may not be held back (RFC 2920 3.2)?
    bool draining_ = false;
    std::size_t errors_ = 0;
    close_reason why_ = close_reason::quit;

    std::optional<open_mail> asked_; // MAIL as asked, not yet accepted
    std::optional<open_mail> mail_;
    std::optional<recipient> asked_recipient_;
    std::optional<incoming> content_; // from begin_data until the final reply; then there is no mail_
    bool entry_open_ = false;         // is the driver to be told by finish or discard?
    bool just_refused_ = false;       // may commands of a transaction that we refused still be in the pipeline?
};

} // namespace smtp
