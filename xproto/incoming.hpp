// The table of messages that are arriving: up to four parts each, every part in one state, and the counters that follow
// from the states (docs/xproto.md, "Transfers"). It knows nothing of lines and answers; receiver.cpp does.
#pragma once

#include "xproto/session.hpp"
#include "xproto/window.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace xproto {

class incoming {
  public:
    enum class state : std::uint8_t {
        none,      // not asked for
        waiting,   // asked for; the part before it is not yet accepted
        queued,    // for room in the window
        asked,     // check_object is outstanding
        receiving, // permitted
        between,   // a fragment was received; the next has not been asked for
        finishing, // finish_object is outstanding
        done,
    };
    struct part {
        state now = state::none;
        std::uint32_t tag = 0;      // of the fragment under way, or the last one
        std::uint32_t name = 0;     // the tag of the first fragment: how the driver knows the object
        std::uint64_t octets = 0;   // of this fragment
        std::uint64_t left = 0;     // of them, still to arrive
        std::uint64_t pending = 0;  // fragments after this one
        std::uint64_t received = 0; // octets of the fragments before this one
        bool in_window = false;     // does it count against the window's octets?
        bool last = false;          // a leaf that no other follows
        bool unasked = false;       // may it arrive without permission?
        std::string held;           // what did, until it is permitted
        object_type type{};
        std::string media_type;
        std::string file_name;
        std::string digest;
        std::string beginning;
        std::optional<std::uint64_t> whole; // octets of all its fragments, once the driver has said so
    };
    struct message {
        bool open = false;
        bool told = false; // has the driver been asked about it?
        std::string id;
        part parts[most_parts];

        part& operator[](object_type type) { return parts[part_of(type)]; }
        const part& operator[](object_type type) const { return parts[part_of(type)]; }
    };
    // One part of one message, or nowhere.
    struct place {
        message* of = nullptr;
        object_type type{};

        part& operator*() const { return (*of)[type]; }
        part* operator->() const { return &(*of)[type]; }
        explicit operator bool() const { return of != nullptr; }
    };

    // Both must outlive this.
    incoming(const session_limits& limits, const window& granted) : limits_(limits), window_(granted) {}

    static bool is_open(state s); // is there an XFER without its last answer?
    static bool is_owed(state s); // and is it our turn?
    // Could the driver's verdict on this part be the one that makes the message ours? An envelope that nothing was
    // asked for after may be a control message, and a skeleton may have no leaves.
    static bool may_be_last(const message& m, const part& p);

    message* find(std::string_view id);
    message& open(std::string_view id);
    void close(message& m);
    // By the tag of the fragment under way, or by the name that the driver knows; in a state for which `matches` says
    // so.
    place find_tag(std::uint32_t tag, bool (*matches)(state)) { return find_part(&part::tag, tag, matches); }
    place find_name(std::uint32_t name, bool (*matches)(state)) { return find_part(&part::name, name, matches); }
    std::vector<std::unique_ptr<message>>& all() { return messages_; } // with those that are not open

    // Every change of a part's state goes through here.
    void enter(part& p, state next);
    // Is there room in the window? Small objects always fit: their number is bounded, and nothing large shall delay
    // them. A large one fits when the others leave room, or when there is no other; and none overtakes another.
    bool fits(const part& p) const;
    void take_room(part& p);
    // The one of the queued parts that has waited longest, if it fits now.
    place next_queued();

    std::size_t messages() const { return open_; }
    std::size_t receiving() const { return receiving_; }
    std::size_t owed() const { return owed_; }

  private:
    template <class Matches> message* find_message(Matches matches);
    place find_part(std::uint32_t part::*field, std::uint32_t value, bool (*matches)(state));
    bool has_room(const part& p) const;

    const session_limits& limits_;
    const window& window_;
    // Places for messages, open or free; never more than the window has. A session that was sent none has none.
    std::vector<std::unique_ptr<message>> messages_;
    std::size_t last_found_ = 0; // where the next search begins
    std::size_t open_ = 0;
    std::size_t receiving_ = 0;
    std::size_t owed_ = 0;
    std::size_t queued_ = 0;
    std::uint64_t large_octets_ = 0; // asked about or permitted, in fragments larger than a chunk
};

} // namespace xproto
