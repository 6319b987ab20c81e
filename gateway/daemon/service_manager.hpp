// Tells the service manager how the daemon is doing (sd_notify(3)), without its library: one datagram to
// $NOTIFY_SOCKET.
#pragma once

#include <string_view>

namespace gateway::daemon {

// "READY=1", "STOPPING=1", "RELOADING=1". Does nothing when no service manager asked for it.
void tell_service_manager(std::string_view state);

} // namespace gateway::daemon
