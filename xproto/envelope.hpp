// The message/envelope object: who sends to whom, what belongs to the message, and the way it took, signed hop by hop
// (docs/xproto.md, "Objects" and "Signed trace"). This file is the document as values; xproto/trace.hpp says what
// signatures cover.
#pragma once

#include "xproto/digest.hpp"
#include "xproto/field.hpp"
#include "xproto/object_error.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace xproto {

using unix_seconds = std::int64_t;

struct envelope_limits {
    std::size_t octets = 1 << 20;
    std::size_t recipients = 1000;
    std::size_t hops = 64;
    std::size_t extensions = 64;
    std::size_t certificates = 128; // all that the hops and the originator name
    std::size_t legacy_fields = 256;
};

// An SMTP parameter that travels with the message, verbatim.
struct parameter {
    std::string name;
    std::optional<std::string> value;

    bool operator==(const parameter&) const = default;
};

struct signature {
    std::string algorithm;    // "ed25519" | "ecdsa-p256-sha256" | "rsa-sha256" (2048 bits or more)
    std::string value;        // octets
    std::vector<digest> path; // Merkle inclusion path from this signature's leaf to the signed root; empty: plain
    std::uint64_t leaf = 0;   // index of the leaf, when there is a path

    bool operator==(const signature&) const = default;
};

struct originator {
    std::string address;               // as in MAIL FROM between < and >; empty: the null sender
    std::optional<digest> certificate; // names one of envelope::certificates
    std::vector<parameter> parameters;
    std::optional<signature> sign; // by the certificate's key, once, where the message was born

    bool operator==(const originator&) const = default;
};

struct recipient {
    std::uint32_t number = 0; // 1, 2, 3...: how responses name it
    std::string address;
    std::vector<parameter> parameters;
    std::string salt; // random text that keeps digests over recipients from being guessed (xproto/trace.hpp)

    bool operator==(const recipient&) const = default;
};

struct object_reference {
    std::string type; // "message/headers" or "message/body"
    std::uint64_t octets = 0;
    digest sha256{};
    std::string media_type; // of the body: "multipart/mixed"; empty when the message does not say

    bool operator==(const object_reference&) const = default;
};

// A Received or Return-Path field of the message as it came: `<RFC821.Received>`.
struct legacy_field {
    std::uint32_t place = 0; // index among all fields of the message's header, this one included
    field octets;
    std::vector<std::pair<std::string, std::string>>
        view; // "from", "by", "via", "with", "id", "for", "date"...; empty: flagged unparsed
    bool operator==(const legacy_field&) const = default;
};

struct change {
    std::string object; // "message/headers" | "message/body"
    digest before{}, after{};
    std::string reason;
    bool operator==(const change&) const = default;
};

// How a hop's host knows who it had the message from, when that host has proved itself (docs/xproto.md, "What a hop
// says of its reception"). Signed with the hop: see reception_octets() in xproto/trace.hpp.
struct reception {
    std::string by; // "store", "dns", "ldap": what validated the host; "trusted": nothing but the configuration's word
    std::string standing;  // what the host is there: "unknown", "known", "trusted"
    digest certificate{};  // of the host, which it proved itself with
    std::string authority; // whose word it is: the CA's subject, or the domain that delegated

    bool operator==(const reception&) const = default;
};

struct hop {
    std::string host;                  // who took the message on: a dNSName of its certificate
    std::optional<digest> certificate; // of the host; names one of envelope::certificates
    std::string peer;                  // who it came from: the proved xproto host, or what an SMTP client called itself
    std::string peer_address;          // that peer's IP address, as text
    std::string protocol;              // RFC 3848 keyword, or "XPROTO"
    std::string id;                    // the host's own name for the message, as in its log
    unix_seconds time = 0;             // when it was taken on
    std::string next;                  // the host it is sent to; `smtp:` and a host: it leaves xproto there
    digest recipients{};               // over the recipients it is sent on with (xproto/trace.hpp)
    std::vector<legacy_field> legacy;  // trace fields put on by hosts that it passed since the hop before, without one
                                       // of their own here: they spoke only SMTP
    std::vector<change> changes;
    std::optional<xproto::reception> reception; // none: it does not say
    signature sign;

    bool operator==(const hop&) const = default;
};

struct extension {
    std::string oid;
    bool critical = false;
    std::string content; // the octets between the tags, kept as they are: text, and elements of foreign namespaces
    bool operator==(const extension&) const = default;
};

struct envelope {
    std::string id; // random local part "@" host or domain of origin; opaque, compared exactly
    unix_seconds created = 0;
    originator from;
    std::vector<recipient> recipients;
    std::vector<object_reference> objects; // empty: a control message, nothing follows
    std::vector<legacy_field> legacy;      // Received and Return-Path, in order
    std::vector<extension> extensions;
    std::vector<std::pair<digest, std::string>> certificates; // DER
    std::vector<hop> trace;                                   // oldest first

    bool operator==(const envelope&) const = default;
};

// Strings may hold any octets. Preconditions for the rest: receptions' `by` and
// `standing` are words; times in the years 0000 to 9999; signatures' algorithms of
// lower-case letters, digits and hyphens; recipients numbered from 1, ascending; legacy fields is_valid(); extensions
// with an OID in dotted decimal and content that is well-formed by itself; certificates under their own digests, each
// once.
std::string write(const envelope& object);
// Exactly what docs/xproto.md, "Objects", lets an envelope be; nothing is mended.
parsed<envelope> read_envelope(std::string_view xml, const envelope_limits& limits = {});

// What becomes of an envelope that is sent on.
struct forwarding {
    std::vector<std::uint32_t> keep;                          // numbers of the recipients that stay, ascending or not
    std::vector<recipient> added;                             // put after them
    std::vector<object_reference> objects;                    // each in the place of the object of its type
    hop next;                                                 // appended to the trace,
    bool instead_of_last = false;                             // or put in the place of its last hop
    std::vector<std::pair<digest, std::string>> certificates; // put in as far as they are not there yet
};

// The same document, octet for octet, save for what `how` says. This is how a host sends on what it received: whatever
// it does not understand stays as it was.
parsed<std::string> forward(std::string_view xml, const forwarding& how);
// The plain case: fewer recipients, one more hop.
parsed<std::string> forward(std::string_view xml, const std::vector<std::uint32_t>& keep, const hop& next,
                            const std::vector<std::pair<digest, std::string>>& certificates);

} // namespace xproto
