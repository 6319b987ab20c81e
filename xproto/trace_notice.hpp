// What a server tells about the later way of a message while the session lives, with TRACE=ON: a `*` line for each time
// that a host sends it on, or tries to (docs/xproto.md, "Live trace").
#pragma once

#include "xproto/line.hpp"
#include "xproto/session.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace xproto {

namespace codes {
inline constexpr result_code sent_on{99, 3, 11, 0, 2, 1};
} // namespace codes

// A receiver tells no more than so many times of one message, so that its sender knows what may come.
inline constexpr std::size_t most_hop_notices = 64;
// Recipients that one line names; more take several.
inline constexpr std::size_t most_noted_recipients = 100;

struct hop_notice {
    std::string message_id;
    std::uint32_t hop = 1;                 // how many hosts from the one that heard of it: 1 is the server itself
    std::string host;                      // who sent it on, or tried
    std::string next;                      // to whom: a host, or `smtp:` and a host, as in a signed hop
    std::int64_t time = 0;                 // unix seconds
    std::vector<std::uint32_t> recipients; // by their numbers; none: all
    word outcome = word::ok;               // ok: `next` took it; tmp: it will be tried again; err: refused for good
    result_code code;                      // of the outcome
    std::string text;                      // likewise, for people

    bool operator==(const hop_notice&) const = default;
};

void write_hop_notice(std::string& out, const hop_notice& what, const session_limits& limits);
// Nothing when the line is another, or one that says less than this.
std::optional<hop_notice> read_hop_notice(const line& received);

} // namespace xproto
