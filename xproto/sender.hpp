// The messages under way at a sending end (docs/xproto.md, "Transfers"): asks for permission, frames the octets in fair
// order, and gathers the answers until each message has its one result. The session around it reads the lines.
#pragma once

#include "xproto/announcement.hpp"
#include "xproto/line.hpp"
#include "xproto/outcome.hpp"
#include "xproto/transfers.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace xproto {

class sender {
  public:
    // `out`, `events` and `last_tag` (of our last request) are written to, and must outlive this.
    sender(const session_limits& limits, std::string& out, std::deque<transfer_event>& events, std::uint32_t& last_tag);

    // What the receiver takes, and how many messages at once. Before the first send().
    void set_peer(const announcement& said, option_set active, std::uint32_t messages);

    bool empty() const { return open_ == 0; }
    // A session that runs out of tags has no room any more.
    bool has_room() const { return open_ < window_ && last_tag_ < last_usable_tag; }
    // Is every octet of some message out, and only its last answer missing?
    bool awaits_last_answer() const;

    void send(outgoing what);
    // False: the session has to end, because there is no other way to stop.
    bool cancel(std::uint64_t handle);
    // As sending_half::may_be_complete().
    bool may_be_complete(std::uint64_t handle);
    // May bare octets be broken off?
    void set_urgent(bool on) { urgent_ = on; }
    // A line whose first octet is to be sent as urgent data, when all before it has been written; empty: none.
    std::string take_urgent() { return std::exchange(urgent_line_, {}); }
    // Which octets to ask for next, if any are permitted and there is room for them.
    std::optional<sending::want_content> next_wanted();
    void resume(std::uint64_t handle, resumption how);
    // False as for cancel(): there was no content.
    bool on_content(std::uint64_t handle, object_type type, std::string_view piece);
    // A response that is not about HELO, OPT, NOOP or QUIT. A code: the receiver broke a rule, and the session ends.
    std::optional<result_code> on_response(const line& response);
    // The receiver leaves, and serves no message that begins with a later tag than its notice names, if it names one.
    void give_back(const line& notice);
    // The session ends: every message that has no result yet is lost.
    void lose_all(const result_code& code, const std::string& text);

  private:
    enum class state : std::uint8_t {
        none,    // not asked for permission
        asked,   // waiting for permission
        sending, // permitted
        sent,    // waiting for the verdict
        answered,
    };
    struct part {
        state now = state::none;
        std::uint32_t tag = 0;
        object_type type{};
        std::uint64_t octets = 0; // of the whole object
        std::uint64_t sent = 0;
        std::uint64_t end = 0; // of the fragment under way; all of the object when it is sent whole
        bool unasked = false;  // is it sent without permission?
        bool packs = true;     // is it worth compressing, as far as we know?
    };
    struct message {
        bool open = false;
        bool settled = false; // has its result been said?
        outgoing what;
        std::size_t leaf = 0; // index of the one under way
        part parts[most_parts];
        std::size_t wanted = 0;      // octets of the outstanding want_content; 0: there is none
        std::uint32_t abort_tag = 0; // of an ABOR without answer; 0: there is none
        std::uint32_t stat_tag = 0;  // of a STAT without answer; 0: there is none
        bool undecided = false;      // is resume() awaited?
        resumption how;
        outcome said; // so far

        part& operator[](object_type type) { return parts[part_of(type)]; }
        const part& operator[](object_type type) const { return parts[part_of(type)]; }
        object_type content() const { return what.skeleton_octets == 0 ? object_type::body : object_type::skeleton; }
        // The object whose acceptance makes the message the receiver's.
        object_type last() const
        {
            if (what.envelope_only) return object_type::envelope;
            return what.leaves.empty() ? content() : object_type::leaf;
        }
        // Is this the last transfer of all?
        bool ends_with(const part& p) const
        {
            const bool last_leaf = p.type != object_type::leaf || leaf + 1 == what.leaves.size();
            return p.type == last() && last_leaf && p.end == p.octets;
        }
    };
    struct place {
        message* of = nullptr;
        object_type type{};

        part& operator*() const { return (*of)[type]; }
        part* operator->() const { return &(*of)[type]; }
        explicit operator bool() const { return of != nullptr; }
    };

    static constexpr std::uint32_t last_usable_tag = 0xffffffff - 1000;

    static bool has_all(const message& m);
    bool may_have_all(const message& m) const;
    static bool is_open(state s) { return s == state::asked || s == state::sending || s == state::sent; }
    bool acceptable(const outgoing& what, outcome& why_not) const;
    template <class Matches> message* find_message(Matches matches);
    message* find(std::uint64_t handle);
    place find_tag(std::uint32_t tag);
    message* find_abort(std::uint32_t tag);
    message* find_stat(std::uint32_t tag);
    void ask_held(message& m);
    std::optional<result_code> on_stat(message& m, const line& response);
    void begin_all(message& m);

    void begin(message& m, object_type type);
    void ask(place at);
    void go_on(place at);
    void give_up_on_receiver(message& m, std::uint32_t tag);
    bool goes_unasked(place at) const;
    void queue(place at);
    void queue_unasked(message& m);
    void write_chunk(part& p, std::string_view piece);
    void answered(part& p);
    place next_in_turn();
    std::optional<result_code> on_tmp(place at, const line& response);
    std::optional<result_code> on_ok(place at, const line& response);
    std::optional<result_code> on_err(place at, const line& response);
    void settle(message& m, sending::outcome how);
    void release(message& m);

    const session_limits& limits_;
    std::string& out_;
    std::deque<transfer_event>& events_;
    std::uint32_t& last_tag_;
    announcement peer_;
    bool pipelined_ = false, now_ = false, zstd_ = false;
    std::uint64_t most_unasked_ = 0;
    std::uint64_t unasked_ = 0; // octets of parts that were sent without permission and are not answered yet
    bool urgent_ = false;
    std::string urgent_line_;
    std::uint32_t window_ = 1;
    std::size_t chunk_ = 0;

    std::deque<message> messages_; // places for messages, open or free
    std::size_t last_found_ = 0;   // where the next search begins
    std::size_t open_ = 0;
    std::size_t wanted_ = 0; // octets of all outstanding want_content
    // Tags of permitted parts with octets to send: those that fit into one chunk, and the others, each in turn.
    std::deque<std::uint32_t> small_;
    std::deque<std::uint32_t> large_;
    unsigned turn_ = 0;
};

} // namespace xproto
