// The signed trace: the originator signs once, each host that takes the message on appends a hop and signs it, over the
// signature before it (docs/xproto.md, "Signed trace"). What is signed is a byte string made from the values, one
// `name length value` LF record each, never XML text.
#pragma once

#include "xproto/certificate_store.hpp"
#include "xproto/envelope.hpp"
#include "xproto/trace_batch.hpp"

#include <functional>
#include <optional>

namespace xproto {

// --- what is signed -------------------------------------------------------------------------------------------------

// The octets that the originator signs: id, time, sender with parameters, the digests of the objects as they were born,
// legacy fields, extensions. Not the recipients: a message is split by destination. `objects` in the state of then.
std::string origin_octets(const envelope& message);
// Over numbers, addresses, parameters and salts, in order.
digest recipients_digest(const std::vector<recipient>& recipients);
// The octets that a hop signs which is appended to `message`. `message.objects` in the state after the hop; what
// `step.changes` and earlier hops say was changed is undone for the digest of the originator's octets.
std::string hop_octets(const envelope& message, const hop& step);
// What a hop signs beside these, as the leaf next to its own, when it says how it knows its peer. Its signature's path
// then begins with the hash of this.
std::string reception_octets(const reception& said);
// Does the hop's signature stand over what it says of its reception? The signature itself is verified apart.
bool covers_reception(const hop& step);
// What is signed instead of `octets` by a signature with a path: the root of a complete binary tree in which `octets`
// are leaf number `leaf`. An empty path gives `octets` back.
std::string signed_octets(std::string_view octets, std::uint64_t leaf, const std::vector<digest>& path);

// --- ways out of xproto
// ------------------------------------------------------------------------------------------------

// What stands before the host in the `next` of a hop that hands the message to SMTP. No host has a colon in its name.
constexpr std::string_view smtp_next = "smtp:";
// Is this a keyword of SMTP and its kin (RFC 3848, RFC 6531): ESMTPS, LMTP, UTF8SMTP...?
bool is_smtp_protocol(std::string_view keyword);
// Was the message born in xproto: was it no SMTP session that brought it to the first host that signed a hop?
bool is_native(const envelope& message);
// Has this hop taken the message on and not sent it anywhere yet? Such a hop stands last, in the host's own store,
// names the host itself as `next`, and gives way to a complete one when the message is sent on.
bool is_unsent(const hop& step);

// --- signing --------------------------------------------------------------------------------------------------------

// Gives every recipient that has none a random salt. Without it, whoever receives one branch of a split message could
// confirm a guess at the recipients of another (a Bcc) by recomputing an earlier hop's digest.
void salt_recipients(envelope& message);

// Signs as the originator, after salt_recipients(). from.certificate must name the certificate of `key`.
void sign_originator(envelope& message, const private_key& key);

// What goes into a batch for a hop: hop_octets(), and reception_octets() beside them when there is a reception.
std::size_t add_hop(signature_batch& batch, std::string_view hop_octets, const hop& step);

// Fills in step.recipients, for `kept`, the recipients that it is sent on with, and step.sign. All other facts are the
// caller's. `message` is what was received, with its trace; when this host changed an object, `message.objects` is
// already the new state and step.changes tells the old one.
void sign_hop(const envelope& message, hop& step, const std::vector<recipient>& kept, const private_key& key);

// --- verifying ------------------------------------------------------------------------------------------------------

struct trace_limits {
    std::size_t hops = 64;
    unix_seconds skew = 600;           // how far in the future a time may lie
    unix_seconds age = 30 * 24 * 3600; // how old a message may be
    std::size_t path = 32;             // Merkle path
};

// Finds out whether a certificate is valid at a time: a store or several, a cache, delegation.
using certificate_validator = std::function<checked<validation>(
    const certificate& leaf, const std::vector<certificate>& others, purpose use, unix_seconds at)>;
// Turns DER into a certificate: certificate::from_der(), or a cache.
using certificate_parser = std::function<checked<certificate>(const digest& name, std::string_view der)>;

struct trace_expectations {
    certificate_validator validate;      // required
    certificate_parser parse;            // absent: certificate::from_der
    verified_batches* batches = nullptr; // remembers signatures; null: each is verified
    std::string peer; // the host that proved itself in this session; empty: do not compare (a message from the spool)
    std::string host; // this host, which the last hop must name as next; empty: do not compare
    unix_seconds now = 0;
    trace_limits limits;
};

// One signature of the chain. `intact` is cryptography and bookkeeping: it signs what it should, with the key of the
// certificate it names, and everything fits together. `identity` is validity: whether that certificate is to be
// believed.
struct link_report {
    bool intact = false;
    std::string reason; // empty when intact; else a sentence
    std::optional<certificate> signer;
    std::optional<validation> identity; // by which anchor
    std::string identity_reason;        // why there is none
};

struct trace_report {
    std::optional<link_report> originator; // absent: the originator did not sign
    std::vector<link_report> hops;         // as in the envelope
    std::string broken; // the first broken link in words, e.g. "hop 2 of 3 (mx.example): ..."; empty: none

    bool intact() const { return broken.empty(); }
    // Has every signer a validated certificate? False when there is nothing signed at all.
    bool valid() const;
};

// Checks the whole chain, from the last hop back to the originator. Never throws, whatever the envelope holds.
// Beside the signatures: the number of hops, times (not in the future, not before the hop before, not too old); each
// hop's certificate names its host; each hop's next is the following hop's host; the last hop's host is `peer`, its
// next is `host` and its recipients are the envelope's; changes connect one state of an object to the next.
trace_report verify_trace(const envelope& message, const trace_expectations& expected);

} // namespace xproto
