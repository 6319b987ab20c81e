// isthmus: a bidirectional mail gateway between SMTP and xproto. The command line is gateway/cli; the daemon,
// gateway/daemon; the testing tools, gateway/tools.
#include "gateway/cli/command_line.hpp"
#include "gateway/daemon/daemon.hpp"
#include "gateway/tools/commands.hpp"
#include "mapping/report/error_report_xml.hpp"
#include "xproto/traceroute.hpp"

// What this program does beyond the core of xproto. An extension is installed here or not at all.
static xproto::extension_table installed_extensions()
{
    auto table = xproto::core_extensions();
    table.install(xproto::now_extension);
    table.install(xproto::zstd_extension);
    table.install(xproto::duplex_extension);
    table.install(xproto::split_extension);
    table.install(xproto::stat_extension);
    table.install(xproto::trace_extension);
    table.install(xproto::tls_extension);
    table.install(xproto::urg_extension);
    table.install(mapping::report_extension());
    table.install(xproto::route_probe_extension());
    table.install(xproto::route_answer_extension());
    return table;
}

int main(int argc, char** argv)
{
    const auto extensions = installed_extensions();
    gateway::cli::command_hooks hooks;
    hooks.version = ISTHMUS_VERSION;
    hooks.run = [&](const gateway::config::settings& settings) {
        return gateway::daemon::run(settings, hooks.version, extensions);
    };
    hooks.more = {gateway::tools::send_command(), gateway::tools::sink_command(), gateway::tools::bench_command()};
    return gateway::cli::run_command_line(argc, argv, hooks);
}
