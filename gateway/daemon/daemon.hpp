// The daemon: makes everything out of the configuration, listens, and comes to an orderly end.
#pragma once

#include "gateway/config/settings.hpp"

#include <string>

namespace xproto {
class extension_table;
}

namespace gateway::daemon {

// Runs until SIGTERM or SIGINT; SIGHUP reads the configuration again. Returns the program's exit code: 0 after an
// orderly end, 1 when something could not be opened (said on stderr: what, where, why).
int run(const config::settings& settings, const std::string& version, const xproto::extension_table& extensions);

} // namespace gateway::daemon
