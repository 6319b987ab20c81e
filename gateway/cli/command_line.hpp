// The command line of `isthmus`: one tree of subcommands, one file each. Main passes in what needs the daemon.
//
// Exit codes: 0 done, 1 a negative answer, 2 usage, 3 the daemon cannot be reached, 78 bad configuration.
#pragma once

#include "gateway/config/settings.hpp"

#include <functional>
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace gateway::cli {

enum exit_code : int { done = 0, negative = 1, usage = 2, unreachable = 3, bad_configuration = 78 };

// Adds a subcommand to the tree. Its callback stores the command's exit code in `result`, which outlives the parsing.
using registrar = std::function<void(CLI::App& app, int& result)>;

struct command_hooks {
    std::string version; // "0.1.0"
    // `isthmus run`: called with a configuration that has been loaded and checked.
    std::function<int(const config::settings&)> run;
    std::vector<registrar> more; // further commands: send, sink, bench
};

// Parses and runs one command; returns the exit code. Throws nothing.
int run_command_line(int argc, const char* const* argv, const command_hooks& hooks);

} // namespace gateway::cli
