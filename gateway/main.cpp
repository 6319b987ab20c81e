// isthmus: a bidirectional mail gateway between SMTP and xproto. The command line is gateway/cli; the daemon,
// gateway/daemon; the testing tools, gateway/tools.
#include "gateway/cli/command_line.hpp"
#include "gateway/daemon/daemon.hpp"
#include "gateway/tools/commands.hpp"

int main(int argc, char** argv)
{
    gateway::cli::command_hooks hooks;
    hooks.version = ISTHMUS_VERSION;
    hooks.run = [&](const gateway::config::settings& settings) {
        return gateway::daemon::run(settings, hooks.version);
    };
    hooks.more = {gateway::tools::send_command(), gateway::tools::sink_command(), gateway::tools::bench_command()};
    return gateway::cli::run_command_line(argc, argv, hooks);
}
