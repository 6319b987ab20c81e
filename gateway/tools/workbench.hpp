// The event loop of a tool: it runs until the work is done, the time is over, or somebody presses Control-C. No tool
// waits for ever.
#pragma once

#include "gateway/net/watchdog.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>

#include <chrono>

namespace gateway::tools {

enum class ending { finished, out_of_time, interrupted };

class workbench {
  public:
    explicit workbench(std::chrono::steady_clock::duration limit);

    boost::asio::io_context& context() { return context_; }
    net::watchdog& dog() { return dog_; }

    // Runs what was spawned on the context, until finish(). Whoever owns sessions must keep them until the workbench is
    // gone: it holds their coroutines.
    ending run();
    void finish() { stop(ending::finished); }

  private:
    void stop(ending why);

    boost::asio::io_context context_{1};
    net::watchdog dog_{context_};
    boost::asio::steady_timer limit_{context_};
    boost::asio::signal_set signals_;
    ending why_ = ending::finished;
    bool stopped_ = false;
};

} // namespace gateway::tools
