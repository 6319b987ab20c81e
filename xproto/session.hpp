// What both ends of an xproto session share: kinds of objects, limits, phases, and the answers a driver gives to a
// session's questions (docs/xproto.md, "Sessions" and "Transfers").
#pragma once

#include "xproto/codes.hpp"
#include "xproto/options.hpp"
#include "xproto/result_code.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace xproto {

// The objects of a message, in the order in which they travel: envelope, headers, and either the body or, split, its
// skeleton and then each of its leaves.
enum class object_type : std::uint8_t { envelope, headers, body, skeleton, leaf };
inline constexpr object_type object_types[5] = {object_type::envelope, object_type::headers, object_type::body,
                                                object_type::skeleton, object_type::leaf};

// The transfers of a message that can be under way at once: of body and skeleton it has one, of leaves one at a time.
inline constexpr std::size_t most_parts = 4;
inline constexpr std::size_t part_of(object_type type)
{
    return type == object_type::leaf ? 3 : type >= object_type::body ? 2 : static_cast<std::size_t>(type);
}

// "message/envelope", "message/headers", "message/body", "message/skeleton", "message/leaf": as an XFER line names it.
std::string_view to_text(object_type type);
std::optional<object_type> object_type_from_text(std::string_view text);

// Sizes are octets. A receiver refuses what is larger before it allocates anything; a sender never makes what is
// larger.
struct session_limits {
    std::size_t line = 8192;                     // one control line, with its brackets and CRLF
    std::size_t chunk = 65536;                   // the octets of one DATA chunk
    std::size_t proof = 65536;                   // the object that follows a HELO
    std::uint64_t envelope = 1 << 20;            // one message/envelope
    std::uint64_t headers = 4 << 20;             // one message/headers
    std::uint64_t body = 50 << 20;               // one message/body
    std::size_t message_id = 255;                // the message id of an XFER
    std::uint64_t fragments = 10000;             // the fragments of one object
    std::size_t unasked = 1 << 20;               // octets that wait at the receiver because nobody had asked for them
    std::uint32_t recipients = 1000;             // of one envelope; advertised here, enforced where envelopes are read
    std::size_t octets_before_helo = 128 * 1024; // all that a peer may send before it has proved who it is
    std::size_t errors = 20;                     // refused requests that a session survives; one more closes it
    std::size_t unsolicited = 1000;              // `*` lines that a client reads between two answers
    std::size_t output = 65536;                  // octets that may wait before a session asks to write them
    std::size_t text = 512;                      // octets of free text that are passed on in one answer

    std::size_t skeleton_table = 64 * 1024; // what a skeleton has beside octets of the body

    std::uint64_t object(object_type type) const
    {
        switch (type) {
        case object_type::envelope: return envelope;
        case object_type::headers: return headers;
        case object_type::skeleton: return body + skeleton_table;
        case object_type::body:
        case object_type::leaf: break;
        }
        return body;
    }
};

// What the transport knows. To be reported with on_tls() before the first next().
struct tls_facts {
    bool active = false;
    std::string exporter; // 32 octets, label "EXPORTER-Channel-Binding", no context (RFC 9266); empty in clear
};

// What a client does about TLS in a session that begins in clear.
enum class use_tls : std::uint8_t {
    never,   // goes on in clear, whatever the server offers
    offered, // changes to TLS where the server offers it
    required // changes to TLS, or gives up before it says who it is
};

// Who a peer turned out to be, which decides what it is offered.
enum class standing : std::uint8_t { refused, unknown, known, trusted };

// The answer to check_identity.
struct identity_answer {
    standing peer = standing::refused;
    std::string host;                           // the proved host name; meaningless when refused
    option_set options = option_set::all();     // of those for its standing, the ones it is offered
    result_code code = codes::identity_refused; // when refused
    std::string text;                           // when refused; the code's own text when empty

    static identity_answer accept(standing as, std::string proved_host, option_set offered = option_set::all())
    {
        identity_answer a;
        a.peer = as;
        a.host = std::move(proved_host);
        a.options = offered;
        return a;
    }
    static identity_answer refuse(result_code why, std::string public_text = {})
    {
        identity_answer a;
        a.code = why;
        a.text = std::move(public_text);
        return a;
    }

    bool operator==(const identity_answer&) const = default;
};

// The answer to check_object: may these octets be sent? Also given later, while the octets of a permitted object
// travel, when they cannot be stored after all.
struct object_answer {
    bool permitted = false;
    bool last = false; // of a leaf: no other follows, and with the answer to it the message becomes ours
    result_code code;
    std::string text;
    int smtp_code = 0;                  // the three-digit reply behind this refusal, 0: none
    std::optional<std::uint64_t> whole; // octets of the whole object, where it is known

    static object_answer permit()
    {
        object_answer a;
        a.permitted = true;
        return a;
    }
    // Of an object with so many octets in all its fragments: those that are asked for later must make them up.
    static object_answer permit_whole(std::uint64_t octets)
    {
        auto a = permit();
        a.whole = octets;
        return a;
    }
    static object_answer permit_leaf(bool last)
    {
        auto a = permit();
        a.last = last;
        return a;
    }
    // We have this leaf from the same peer since an earlier message: its octets need not travel.
    static object_answer leaf_here(bool last)
    {
        auto a = already_have();
        a.last = last;
        return a;
    }
    // To an envelope: we own this message since an earlier attempt (99.0.2.7); its octets need not travel.
    static object_answer already_have()
    {
        object_answer a;
        a.code = codes::already_have;
        return a;
    }
    static object_answer refuse(result_code why, std::string public_text = {}, int smtp = 0)
    {
        object_answer a;
        a.code = why;
        a.text = std::move(public_text);
        a.smtp_code = smtp;
        return a;
    }

    bool operator==(const object_answer&) const = default;
};

// What is here of an object whose transfer broke off: `(HELD=sha-256:...;12582912)`.
struct held_object {
    std::string digest;       // of the whole object, `sha-256:...`
    std::uint64_t octets = 0; // its first ones

    bool operator==(const held_object&) const = default;
};

// The answer to check_held.
struct held_answer {
    bool owned = false; // the message is this side's, for some recipients at least (99.0.2.7)
    std::vector<held_object> objects;

    bool operator==(const held_answer&) const = default;
};

// What became of one recipient, where it differs from the answer as a whole: `(RCPT=3;550 ERR 99.821.5.1.1 No such
// user.)`.
struct recipient_answer {
    std::uint32_t number = 0; // as the envelope numbers it
    bool accepted = false;
    result_code code;
    std::string text;
    int smtp_code = 0; // the three-digit reply, 0: none

    bool operator==(const recipient_answer&) const = default;
};

// The answer to finish_object: what became of an object that is here completely.
struct finish_answer {
    bool ok = false;
    result_code code; // of no arcs: the session takes the code that fits (object received, stored, transfer failed)
    std::string text; // empty: the code's own text
    int smtp_code = 0;
    std::vector<recipient_answer> recipients; // only those whose outcome differs
    bool complete = false;                    // envelope and skeleton: the message is over, nothing else is wanted

    // The object is here. To the last one of a message: the message is durably stored, and ours (99.0.2.6).
    static finish_answer accept(std::vector<recipient_answer> differing = {})
    {
        finish_answer a;
        a.ok = true;
        a.recipients = std::move(differing);
        return a;
    }
    // To the envelope of a control message: it was all of the message, and is durably stored.
    static finish_answer accept_control(std::vector<recipient_answer> differing = {})
    {
        finish_answer a = accept(std::move(differing));
        a.complete = true;
        return a;
    }
    // To a skeleton without leaves: it was the last object of the message.
    static finish_answer accept_last(std::vector<recipient_answer> differing = {})
    {
        return accept_control(std::move(differing));
    }
    // To an envelope: we own this message since an earlier attempt (99.0.2.7).
    static finish_answer already_have()
    {
        finish_answer a;
        a.ok = true;
        a.code = codes::already_have;
        a.complete = true;
        return a;
    }
    static finish_answer refuse(result_code why, std::string public_text = {}, int smtp = 0)
    {
        finish_answer a;
        a.code = why;
        a.text = std::move(public_text);
        a.smtp_code = smtp;
        return a;
    }

    bool operator==(const finish_answer&) const = default;
};

} // namespace xproto
