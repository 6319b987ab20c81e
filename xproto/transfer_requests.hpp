// What the requests of a sending end mean to the end that takes its messages: XFER, ABOR, STAT, and the DATA lines
// between them (docs/xproto.md, "Transfers"). Reads the lines; what they do to a message is the receiver's affair.
#pragma once

#include "xproto/line.hpp"
#include "xproto/receiver.hpp"

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>

namespace xproto {

// A request that is answered ERR.
struct request_refusal {
    result_code code;
    std::string_view unknown_group; // a view into the request: the group that nobody knows; empty: that is not why
    bool counts = true;             // as an error of the peer's?

    request_refusal(const result_code& why, bool is_error = true) : code(why), counts(is_error) {}
    static request_refusal unknown(std::string_view group)
    {
        request_refusal made(codes::options_refused);
        made.unknown_group = group;
        return made;
    }
};

class transfer_requests {
  public:
    // `active`: the options by which the peer may send. All must outlive this.
    transfer_requests(const session_limits& limits, const option_set& active, receiver& messages, std::string& out,
                      std::deque<transfer_event>& questions)
        : limits_(limits), active_(active), messages_(messages), out_(out), questions_(questions)
    {
    }

    // Is this one of their verbs? STAT is only with its option.
    bool knows(std::string_view word) const;
    // A request with such a verb. `draining`: no new messages are taken.
    std::optional<request_refusal> run(const line& request, bool draining);
    // DATA. A code: the end of the session.
    std::optional<result_code> on_data(const line& request);
    // Answers check_held.
    void on_held(std::uint32_t tag, const held_answer& answer);

  private:
    struct verb;
    static const verb verbs[3];

    std::optional<request_refusal> xfer(const line& request, bool draining);
    std::optional<request_refusal> abor(const line& request, bool draining);
    std::optional<request_refusal> stat(const line& request, bool draining);

    const session_limits& limits_;
    const option_set& active_;
    receiver& messages_;
    std::string& out_;
    std::deque<transfer_event>& questions_;
};

// Answers a request as `why` says. True: it is to be counted as an error.
bool write_refusal(std::string& out, std::uint32_t tag, const request_refusal& why);

} // namespace xproto
