// What a session tells and asks its driver about messages that travel, in either direction (docs/xproto.md,
// "Transfers"). A client sends and a server takes; with DUPLEX each does both.
#pragma once

#include "xproto/session.hpp"
#include "xproto/trace_notice.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace xproto {

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
    // With STAT: ask the receiver first what it holds of this message (sending::held).
    bool ask_held = false;
};

// Which transfer goes on where an earlier one broke off, and where.
struct resumption {
    std::uint64_t from = 0; // octets that need not be sent; 0: nothing goes on
    std::string beginning;  // their digest, `sha-256:...`
    std::size_t leaf = 0;   // the leaf that they are of, when the body is split
};

// Of messages that this end sends.
namespace sending {

enum class outcome : std::uint8_t {
    accepted, // the receiver has stored the message and owns it, save for the recipients that `recipients` names
    refused,  // the receiver said no; code and text say why and whether to try again (class 4) or not (class 5)
    lost,     // the session ended or the message was cancelled before there was an answer
};

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
// What the receiver holds of a message whose `ask_held` was set. Answered by resume(), at once or later.
struct held {
    std::uint64_t handle;
    held_answer answer;
};
// What became of a message. Said exactly once for each send().
struct result {
    std::uint64_t handle;
    sending::outcome outcome;
    result_code code;
    std::string text;
    int smtp_code = 0;                        // from an (SMTP ...) group, 0: none
    std::vector<recipient_answer> recipients; // those whose outcome differs from the whole
    bool already_had = false;                 // accepted, by an earlier attempt
    bool answer_lost = false;                 // lost, but the receiver had every octet: it may own the message
};
// What became later of a message that the receiver took (TRACE). Whether it is one of ours is for the driver to see.
struct later_hop {
    hop_notice what;
};

} // namespace sending

// Of messages that this end takes.
namespace receiving {

// May the peer send this object? Answered by on_object(), perhaps later: the peer waits for the permission. `tag`
// is the name of the object in everything that follows, even when it comes in fragments. Asked for headers only
// when the envelope was accepted, for the body only when the headers were.
struct check_object {
    std::uint32_t tag;
    std::string message_id;
    object_type type;
    std::uint64_t octets;   // of the object, or of its first fragment when `pending` > 0; within the limits
    std::uint64_t pending;  // fragments still to come; their octets are not yet known, but the limit holds for the sum
    std::string media_type; // of a body or leaf, if the peer told
    std::string file_name;  // of a leaf, if the peer told
    std::string digest;     // `sha-256:...`, if the peer told; not yet verified
    std::uint64_t from = 0; // octets of the object that need not come again; the limit holds with them
    std::string beginning;  // their digest, as the peer has it; when there are any
    bool unasked = false;   // it is on its way, or here, already
};
// Octets of a permitted object, in order. The view is into what was given to on_bytes(), and ends with the next
// call of next().
struct append {
    std::uint32_t tag;
    std::string_view octets;
    std::shared_ptr<const std::string> kept = nullptr; // holds octets that came before their permission
};
// All octets of this object are here. Answered by on_finished(), perhaps much later; several may be outstanding.
struct finish_object {
    std::uint32_t tag;
    std::string message_id;
    object_type type;
    bool last; // the body, or the last leaf: with the answer the message becomes ours, or not
};
// What is here of this message from an earlier session with the same peer? Answered by on_held(), before the next
// call of next().
struct check_held {
    std::uint32_t tag;
    std::string message_id;
};
// Drop this message and whatever was appended to it; it will not be completed. Its outstanding questions need no
// answer any more. Not said of a message that the driver itself refused.
struct abort {
    std::uint32_t tag; // the object that was under way; 0: none was
    std::string message_id;
};

} // namespace receiving

// What both halves put into a session's queue for its driver. The octets to be sent are asked for apart from it.
using transfer_event = std::variant<receiving::check_object, receiving::append, receiving::finish_object,
                                    receiving::check_held, receiving::abort, sending::held, sending::result>;

// A session as whoever sends messages in it sees it. No field, and no life of its own: the session is it.
class sending_half {
  public:
    // May send() be called? There is room in the window, and nobody is leaving.
    virtual bool can_send() const = 0;
    virtual void send(outgoing message) = 0;
    // Gives a message up, for instance because its octets cannot be read. Its result is `lost`. In synchronous mode,
    // with octets under way, the session can only end, and does.
    virtual void cancel(std::uint64_t handle) = 0;
    // May the peer have all of a message that has no result yet? Then only its answer tells what became of it.
    virtual bool may_be_complete(std::uint64_t handle) = 0;
    // Answers want_content. Late answers for a message that has had its result are ignored.
    virtual void on_content(std::uint64_t handle, object_type type, std::string_view piece) = 0;
    // Answers held: how the message is to be sent. Late answers for a message that has had its result are ignored.
    virtual void resume(std::uint64_t handle, resumption how) = 0;
    // Responses of the peer so far: while this stands still, and no octets leave, nothing moves.
    virtual std::uint64_t answers() const = 0;
    // The options that are on.
    virtual option_set active() const = 0;

  protected:
    ~sending_half() = default;
};

// A session as whoever takes the messages that come in it sees it.
class receiving_half {
  public:
    // Answers check_object. A refusal is also legal later, until the object's finish_object was asked: then it stops
    // the object under way (its octets are swallowed). Refusing any object ends the whole message.
    virtual void on_object(std::uint32_t tag, object_answer answer) = 0;
    // Answers finish_object. Anything but an ok ends the whole message.
    virtual void on_finished(std::uint32_t tag, finish_answer answer) = 0;
    // Answers check_held. What does not fit into a line is left out.
    virtual void on_held(std::uint32_t tag, const held_answer& answer) = 0;
    // Tells the peer that its answer takes longer (`TMP 99.0.3.7`), so that it keeps waiting. For a tag whose
    // finish_object is outstanding; otherwise ignored.
    virtual void on_progress(std::uint32_t tag) = 0;
    // What became later of a message that this peer brought. It is told if TRACE is on; the driver sees to it that
    // these are no more than most_hop_notices for each message.
    virtual void on_hop(const hop_notice& what) = 0;
    // The proved name of the peer; empty before.
    virtual const std::string& peer() const = 0;
    // The options that are on.
    virtual option_set active() const = 0;
    // Octets of objects that arrived for nothing: what they belonged to had been refused.
    virtual std::uint64_t discarded_octets() const = 0;

  protected:
    ~receiving_half() = default;
};

} // namespace xproto
