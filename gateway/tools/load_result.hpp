// What a load generator found out, for both protocols.
#pragma once

#include <boost/json/object.hpp>

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace gateway::tools {

class load_result {
  public:
    using clock = std::chrono::steady_clock;

    void begin() { begin_ = clock::now(); }
    void end() { end_ = clock::now(); }
    // Accepted; `sent` is when the first octet of the message went out.
    void accepted(clock::time_point sent);
    void refused(const std::string& why);
    void lost(const std::string& why);
    // Something else went wrong.
    void problem(const std::string& what);

    std::uint64_t answered() const { return accepted_ + refused_ + lost_; }
    std::uint64_t accepted_messages() const { return accepted_; }
    double seconds() const; // until now, if it has not ended
    // {"accepted", "refused", "lost", "seconds", "messages_per_second", "latency_ms": {"p50", "p99", "max"},
    // "cpu_seconds", "problem"}. The CPU time is that of this process so far.
    boost::json::object json() const;
    std::string text() const;

  private:
    double latency_ms(double share) const;

    clock::time_point begin_, end_;
    std::uint64_t accepted_ = 0, refused_ = 0, lost_ = 0;
    std::vector<std::uint32_t> latencies_; // microseconds
    std::string problem_;                  // the first one
};

} // namespace gateway::tools
