#include "gateway/tools/workbench.hpp"

#include <csignal>

namespace gateway::tools {

workbench::workbench(std::chrono::steady_clock::duration limit) : signals_(context_, SIGINT, SIGTERM)
{
    std::signal(SIGPIPE, SIG_IGN);
    limit_.expires_after(limit);
    limit_.async_wait([this](boost::system::error_code cancelled) {
        if (!cancelled) stop(ending::out_of_time);
    });
    signals_.async_wait([this](boost::system::error_code cancelled, int) {
        if (!cancelled) stop(ending::interrupted);
    });
}

ending workbench::run()
{
    context_.run();
    return why_;
}

void workbench::stop(ending why)
{
    if (stopped_) return;
    stopped_ = true;
    why_ = why;
    context_.stop();
}

} // namespace gateway::tools
