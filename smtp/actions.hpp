// The actions both sessions know. A session answers one question, next(): what should happen now? The driver does it,
// reports back where the action says so, and asks again.
#pragma once

#include "smtp/reply.hpp"

#include <string>

namespace smtp {

// What the TLS layer found out. The sessions only pass it on; admission and trace use it.
struct tls_facts {
    std::string version; // "TLSv1.3"
    std::string cipher;
    std::string peer;      // the name in the peer's certificate; empty: it showed none
    bool verified = false; // does a certificate chain and a matching name vouch for `peer`?

    bool operator==(const tls_facts&) const = default;
};

// What a session waits for, so that the driver can choose a time limit (RFC 5321 4.5.3.2) and a word for the log.
enum class awaiting {
    command, // server: between commands
    content, // server: inside DATA or a BDAT chunk
    greeting,
    hello, // EHLO, HELO
    start_tls,
    mail,
    recipient,
    data, // the 354
    chunk,
    final_reply, // to the last octet of the content
    reset,
    quit,
};
std::string_view to_string(awaiting what);

// Read octets and give them to on_bytes(); or call on_eof(), on_timeout().
struct read_more {
    awaiting what = awaiting::command;
    bool operator==(const read_more&) const = default;
};

// Send these octets, all of them, before doing anything else. Needs no report.
struct write {
    std::string octets;
    bool operator==(const write&) const = default;
};

// Negotiate TLS on the connection now, then on_tls(); when that fails, on_eof() (server) or on_error() (client). Octets
// that the driver had read but not yet given to on_bytes() must be thrown away: they were not protected.
struct start_tls {
    bool operator==(const start_tls&) const = default;
};

// The last question has not been answered. Only on the server side; a driver that answers at once never sees it.
struct wait {
    bool operator==(const wait&) const = default;
};

enum class close_reason {
    quit,            // the orderly end
    peer_left,       // on_eof()
    timeout,         // on_timeout()
    shutdown,        // on_shutdown()
    too_many_errors, // server_limits::errors
    misbehaviour,    // the peer broke the protocol in a way that leaves no safe continuation
    policy,          // a 421 by the driver's reply (server)
    refused,         // the peer refused the session: greeting, hello, STARTTLS, a 421 (client)
    failed,          // on_error(), or TLS required but not to be had (client)
};
std::string_view to_string(close_reason why);

// Close the connection. next() gives nothing else from here on.
struct close {
    close_reason why = close_reason::quit;
    // Client: the reply to blame for ending the session, the server's own or one in our words (then `from_peer` is
    // false). What was waiting for this connection fails with it. Empty after an orderly end, and always on the server
    // side.
    reply failure;
    bool from_peer = false;

    bool operator==(const close&) const = default;
};

} // namespace smtp
