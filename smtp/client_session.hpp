// The client's half of an SMTP session (RFC 5321) as a pure object: one connection, any number of transactions. Uses of
// PIPELINING, SIZE, 8BITMIME, SMTPUTF8, CHUNKING, BINARYMIME and DSN what the server offers, and never more.
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
#include "smtp/transaction.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace smtp {

// What to do with 8-bit content when the server does not offer 8BITMIME. Sending breaks RFC 6152 and works nearly
// always; refusing is correct and returns mail that would have arrived.
enum class eight_bit_policy { refuse, send };

enum class tls_use { none, opportunistic, required };

struct client_limits {
    reply_limits reply;
    std::uint64_t eager_octets = 65536; // content up to this size goes with MAIL and RCPT in one round trip (BDAT)
    std::size_t chunks_in_flight = 16;  // BDAT chunks sent whose replies have not been read
    std::size_t write_octets = 65536;   // a write is cut off above this
};

struct client_config {
    std::string host = "localhost"; // our name, for EHLO
    tls_use tls = tls_use::opportunistic;
    bool pipelining = true; // use it when offered?
    bool chunking = true;   // likewise
    eight_bit_policy eight_bit = eight_bit_policy::send;
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

    // After ready: send this. `facts` describe the content to come; its octets are announced as SIZE.
    // Parameters of MAIL and RCPT go out as far as the server offers their extension; SIZE and BODY are computed.
    void begin(transaction mail, content_facts facts);
    // After ready: QUIT, then close.
    void quit();
    // After want_content; the octets are copied.
    void on_content(std::string_view piece, bool last);
    // Octets from the server, after read_more. They must stay where they are until the next read_more, ready or close.
    void on_bytes(std::string_view octets);
    // The connection is closed, broken, or silent for too long.
    void on_eof();
    void on_error(std::string text);
    void on_timeout();
    void on_tls(tls_facts facts);

    // What the server offered last; after ready.
    const extensions& offered() const { return offered_; }
    const std::optional<tls_facts>& tls() const { return tls_; }

  private:
    client_config config_;
    extensions offered_;
    std::optional<tls_facts> tls_;
};

} // namespace smtp
