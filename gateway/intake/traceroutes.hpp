// Probes that this gateway has sent to find out which way mail takes, and what became of them; and how many probes of
// others it answers (docs/xproto.md, "Traceroute"). Kept in memory: an answer that comes after a restart is thrown
// away.
#pragma once

#include "xproto/traceroute.hpp"

#include <chrono>
#include <cstddef>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace gateway {
struct runtime;
}

namespace gateway::intake {

class traceroutes {
  public:
    static constexpr std::size_t most_kept = 256;     // own probes; the oldest are forgotten
    static constexpr std::chrono::seconds minute{60}; // that limits.traceroutes_per_minute counts in
    using clock = std::chrono::steady_clock;

    struct probe {
        clock::time_point sent;
        std::optional<clock::time_point> back;      // when it was answered, or came back
        std::optional<xproto::route_answer> answer; // of the host where it stopped
        std::string failure;                        // why it came back instead
    };

    // Sends a probe for this address, which goes no further than `hops` hosts. Its name, for find().
    std::string send(runtime& gateway, const std::string& address, std::uint32_t hops);
    // Null: never sent, or forgotten.
    const probe* find(std::string_view name) const;

    // Is this for us: an answer, or a report that one of our probes could not go on? Then it has been taken note of,
    // and is not to be delivered. Its trace has been verified, or it was made here and has none.
    bool take(const runtime& gateway, const xproto::envelope& message);

    // May one more probe of others be dealt with? Counts it if so.
    bool admit(std::uint64_t per_minute, clock::time_point now);

  private:
    void take_answer(const xproto::extension& found, const std::string& by);
    probe* waiting(std::string_view message_id);

    std::map<std::string, probe, std::less<>> sent_; // by the message id's part before the @
    std::deque<std::string> order_;
    std::deque<clock::time_point> admitted_;
};

// Where answers to this site's probes go.
std::string traceroute_address(std::string_view site);

} // namespace gateway::intake
