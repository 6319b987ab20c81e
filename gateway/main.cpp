// isthmus: a bidirectional mail gateway between SMTP and xproto. The command line is gateway/cli; the daemon,
// gateway/daemon.
#include "gateway/cli/command_line.hpp"
#include "gateway/daemon/daemon.hpp"

int main(int argc, char** argv)
{
    gateway::cli::command_hooks hooks;
    hooks.version = ISTHMUS_VERSION;
    hooks.run = [&](const gateway::config::settings& settings) {
        return gateway::daemon::run(settings, hooks.version);
    };
    return gateway::cli::run_command_line(argc, argv, hooks);
}
