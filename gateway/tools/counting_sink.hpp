// An SMTP server that counts and throws away, for load tests: `isthmus bench sink`. Ends by itself after so many
// messages.
#pragma once

#include "gateway/cli/common.hpp"
#include "gateway/config/endpoint.hpp"
#include "gateway/net/listener.hpp"
#include "gateway/net/stream.hpp"
#include "gateway/tools/workbench.hpp"

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <memory>
#include <string>

namespace gateway::tools {

class counting_sink {
  public:
    // `messages` 0: until the workbench's time is over.
    static cli::attempt<std::unique_ptr<counting_sink>> open(workbench& bench, const config::endpoint& where,
                                                             std::uint64_t messages);
    std::string address() const;
    void start();
    // No further connections. Before the workbench goes.
    void close() { listener_.reset(); }

    bool enough() const { return wanted_ != 0 && messages_ >= wanted_; }
    std::uint64_t messages() const { return messages_; }
    // {"messages", "octets", "sessions", "first_ns", "last_ns", "cpu_seconds"}: the moments at which the first
    // connection and the last message were there, by the machine's monotonic clock.
    std::string json() const;

  private:
    counting_sink(workbench& bench, std::uint64_t wanted) : bench_(bench), wanted_(wanted) {}
    boost::asio::awaitable<void> serve(std::unique_ptr<net::stream> connection);

    workbench& bench_;
    std::unique_ptr<net::listener> listener_;
    std::uint64_t wanted_, messages_ = 0, octets_ = 0, sessions_ = 0;
    std::chrono::steady_clock::time_point first_, last_;
};

} // namespace gateway::tools
