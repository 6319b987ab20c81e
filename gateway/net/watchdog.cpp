// One timer for every connection's deadline.
#include "gateway/net/watchdog.hpp"

#include <vector>

namespace gateway::net {

namespace {
constexpr std::chrono::milliseconds tick_length{250};
}

watched::watched(watchdog& dog)
{
    dog.watched_.push_back(*this);
}

watchdog::watchdog(boost::asio::io_context& context) : timer_(context)
{
    tick();
}

void watchdog::stop()
{
    timer_.cancel();
}

void watchdog::tick()
{
    timer_.expires_after(tick_length);
    timer_.async_wait([this](boost::system::error_code ec) {
        if (ec) return;
        const auto now = watched::clock::now();
        // An ended connection may destroy itself, and others with it: collect none, restart the scan at each.
        for (auto it = watched_.begin(); it != watched_.end();) {
            watched& one = *it++;
            if (one.deadline_ > now) continue;
            one.expires_never();
            one.on_expired(); // cancels a socket: its coroutine runs later, so `it` stays valid
        }
        tick();
    });
}

} // namespace gateway::net
