// What the spool knows about a message beside its octets: whom it is for, how it came, how delivery goes, and where the
// octets lie. A value; record_codec.hpp says how it looks on disk.
#pragma once

#include "gateway/spool/id.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace gateway::spool {

using unix_seconds = std::int64_t;

enum class origin : std::uint8_t { smtp, xproto, local };

enum class recipient_state : std::uint8_t {
    pending,   // still to be delivered
    delivered, // the next hop took it
    failed,    // refused for good
    expired,   // given up: too old
    repeated,  // an earlier copy of this message, from the same peer, was already taken for this recipient
};

struct recipient {
    std::uint32_t number = 0; // as in the envelope object: 1, 2, 3...
    std::string address;
    std::vector<std::string> parameters; // opaque to the spool: "NOTIFY=FAILURE"
    recipient_state state = recipient_state::pending;
    std::uint32_t attempts = 0;
    unix_seconds next_attempt = 0; // while pending: not before this; 0: at once
    std::string last_code;         // "4.4.1"; empty before the first attempt
    std::string last_text;         // the last status, for people. The spool keeps record_limits::status_octets of it

    bool operator==(const recipient&) const = default;
};

// The connection that a message came by.
struct tls_facts {
    std::string version; // "TLSv1.3"; empty: in clear
    std::string cipher;
    std::string peer;      // the name in the peer's certificate; empty: it showed none
    bool verified = false; // does a certificate chain vouch for `peer`?

    bool operator==(const tls_facts&) const = default;
};

// How the peer's name was proved: as in the hop of a message that it brought (xproto::reception), in words.
struct proof_facts {
    std::string by; // empty: nothing was proved
    std::string standing;
    std::string certificate; // its digest, as text
    std::string authority;

    bool operator==(const proof_facts&) const = default;
};

struct reception_facts {
    std::string peer;         // what the peer called itself (EHLO), or the proved xproto host
    std::string peer_address; // its IP address, as text
    std::string protocol;     // RFC 3848 keyword, or "XPROTO"
    unix_seconds time = 0;
    tls_facts tls;
    proof_facts proof;

    bool operator==(const reception_facts&) const = default;
};

// What mapping found out about the content and delivery must know.
struct content_facts {
    bool eight_bit = false;
    bool bare_newlines = false;
    bool smtputf8 = false;

    bool operator==(const content_facts&) const = default;
};

// A run of octets in a segment file.
struct extent {
    std::uint64_t segment = 0;
    std::uint64_t offset = 0;
    std::uint64_t octets = 0;

    bool operator==(const extent&) const = default;
};

// Where the three objects lie, written by the spool alone. The extents, joined, are the body, the envelope and the
// headers, in this order (the envelope names the body's digest, so it is known last).
struct placement {
    std::uint64_t body_octets = 0;
    std::uint64_t envelope_octets = 0;
    std::uint64_t headers_octets = 0;
    std::vector<extent> extents;
    std::uint32_t envelope_check = 0; // CRC-32C
    std::uint32_t headers_check = 0;
    std::vector<std::uint32_t> body_checks; // of each check_octets of the body; the last piece may be shorter

    static constexpr std::uint64_t check_octets = 256 * 1024;

    std::uint64_t octets() const { return body_octets + envelope_octets + headers_octets; }
    bool operator==(const placement&) const = default;
};

struct record {
    entry_id id;            // given by the spool
    std::string message_id; // the message's xproto id, as peers see it
    origin from = origin::smtp;
    std::string sender; // the reverse path; empty: the null sender
    unix_seconds created = 0;
    unix_seconds expires = 0;
    // The proved identity of the xproto peer that sent it; empty for others. When there is one, the spool remembers
    // (peer_identity, message_id) with the recipients, so that a repeat is recognised.
    std::string peer_identity;
    reception_facts reception;
    content_facts content;
    std::vector<recipient> recipients;
    bool delay_notice_sent = false;
    bool held = false; // not to be attempted until an operator says so: a dead letter
    placement place;   // given by the spool

    bool operator==(const record&) const = default;
};

} // namespace gateway::spool
