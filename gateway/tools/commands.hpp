// The testing tools among the commands of `isthmus`, for main to add to the command line (docs/testing-tools.md).
#pragma once

#include "gateway/cli/command_line.hpp"

namespace gateway::tools {

// `isthmus send`: an xproto client for probing, as swaks is for SMTP.
cli::registrar send_command();
// `isthmus sink`: a test receiver for both protocols, as smtp-sink is for SMTP.
cli::registrar sink_command();
// `isthmus bench`: load generators, a counting receiver and whole measurements (docs/performance.md).
cli::registrar bench_command();

} // namespace gateway::tools
