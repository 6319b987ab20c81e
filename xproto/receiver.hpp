// The messages under way at a receiving end: which objects were asked for, permitted, arriving, awaiting their verdict
// (docs/xproto.md, "Transfers"). Writes the answers that concern transfers, and puts questions to the driver into a
// queue. The session around it reads the lines.
#pragma once

#include "xproto/incoming.hpp"
#include "xproto/outcome.hpp"
#include "xproto/transfers.hpp"
#include "xproto/window.hpp"

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace xproto {

class receiver {
  public:
    // An XFER line that is well formed.
    struct request {
        std::uint32_t tag = 0;
        std::string_view message_id;
        object_type type{};
        std::uint64_t octets = 0;
        std::uint64_t pending = 0;
        std::string media_type;
        std::string file_name;
        std::string digest;
        std::uint64_t from = 0;
        std::string beginning;
        bool unasked = false;
    };

    // `out` and `questions` are written to, and must outlive this.
    receiver(const session_limits& limits, const window& granted, std::string& out,
             std::deque<transfer_event>& questions);

    void set_pipelined(bool on) { pipelined_ = on; }
    // Another window than before. Only while nothing is under way.
    void grant(const window& more) { window_ = more; }

    // --- from the peer. A code says that the request was refused, and is to be answered with it
    //

    std::optional<result_code> on_xfer(request asked, bool draining);
    // ABOR. Answers by itself when it could be done.
    std::optional<result_code> on_abort(std::uint32_t tag, std::uint32_t target);
    // DATA. A code here is the end of the session.
    // `unpacked`: what its octets are when decompressed; 0: they are not compressed.
    std::optional<result_code> on_data(std::uint32_t tag, std::uint64_t octets, std::uint64_t unpacked);
    // How many bare octets must come next, before any line.
    std::uint64_t expected() const { return chunk_.left; }
    // The peer sends no more of them (URG): the ABOR of what they belong to follows, or of what was refused meanwhile.
    // False: none were to come, or they come in chunks.
    bool cut_short();
    // Some of them, at most expected(). Nothing when they belong to an object that has been refused meanwhile.
    std::optional<receiving::append> on_octets(std::string_view octets);

    // --- from the driver
    // ------------------------------------------------------------------------------------------------

    void on_object(std::uint32_t tag, const object_answer& answer);
    void on_finished(std::uint32_t tag, finish_answer answer);
    void on_progress(std::uint32_t tag);

    // The session ends: nothing more can arrive. Whoever is not yet waiting for the verdict on a whole message is
    // aborted.
    void drop_unfinished();

    // Is any message under way?
    bool empty() const { return messages_.messages() == 0; }
    // Is the peer to send octets that it has permission for?
    bool receiving() const { return messages_.receiving() != 0 || late_refusal_.has_value(); }
    // Does the peer wait for an answer of ours?
    bool owed() const { return messages_.owed() != 0; }
    std::uint64_t discarded_octets() const { return discarded_; }

  private:
    using state = incoming::state;
    using part = incoming::part;
    using message = incoming::message;
    using place = incoming::place;
    struct chunk {
        std::uint64_t left = 0;
        place into;                 // none: the octets are of no interest
        std::uint64_t unpacked = 0; // of a compressed one: the octets of the object that it holds

        // Of the object, those that have not been counted as arrived.
        std::uint64_t to_come() const { return unpacked != 0 ? unpacked : left; }
    };
    // Synchronous mode: the answer that is due when the octets of a refused object have all come.
    struct late_refusal {
        std::uint32_t tag;
        object_answer why;
    };

    static outcome refusal(const object_answer& why);
    std::optional<result_code> order_problem(const request& asked, message* known, bool draining) const;
    std::optional<result_code> size_problem(const request& asked, message* known) const;
    void start(place at);
    void start_queued();
    void ask_or_permit(place at);
    void permit(place at);
    void arrived(place at);
    void finish(place at);
    void leaf_here(place at);
    void refuse(place at, const object_answer& why);
    void swallow(std::uint32_t tag, std::uint64_t octets);
    void swallow_the_rest(const message& m);
    std::optional<receiving::append> unpack(std::string_view octets);
    std::optional<receiving::append> take_in(place at, std::string_view octets);
    // Ends the message whose part `at` has had its answer, and answers the requests for its other parts.
    void end(place at);
    void tell_driver(message& m);
    void close(message& m);

    const session_limits& limits_;
    window window_;
    std::string& out_;
    std::deque<transfer_event>& questions_;
    bool pipelined_ = false;
    incoming messages_;
    chunk chunk_;
    // Objects that were refused while the peer was sending: what it had sent before it knew is swallowed.
    std::vector<std::pair<std::uint32_t, std::uint64_t>> swallowed_;
    std::optional<late_refusal> late_refusal_;
    std::size_t held_ = 0;         // octets of all parts that wait for their permission
    std::string packed_, content_; // of a compressed chunk
    std::uint64_t discarded_ = 0;
};

} // namespace xproto
