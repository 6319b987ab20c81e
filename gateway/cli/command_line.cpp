// The tree of commands, and how their outcomes become exit codes.
#include "gateway/cli/command_line.hpp"

#include "gateway/cli/commands.hpp"
#include "gateway/cli/common.hpp"

#include <CLI/CLI.hpp>

#include <exception>

namespace gateway::cli {
namespace {

constexpr const char* description = "A mail gateway between SMTP and xproto.";

constexpr const char* footer =
    "Exit codes: 0 done, 1 a negative answer, 2 usage, 3 the daemon cannot be reached, 78 bad configuration.\n"
    "`isthmus COMMAND --help` shows an example of each.";

int parse_and_run(CLI::App& app, int argc, const char* const* argv, const int& result)
{
    try {
        app.parse(argc, argv);
        return result;
    } catch (const CLI::ParseError& e) {
        return app.exit(e) == 0 ? done : usage; // --help and --version come this way too
    }
}

} // namespace

int run_command_line(int argc, const char* const* argv, const command_hooks& hooks)
{
    int result = done;
    try {
        CLI::App app(description, "isthmus");
        app.require_subcommand(1);
        app.set_version_flag("--version", "isthmus " + hooks.version);
        app.footer(footer);
        add_init(app, result);
        add_check(app, result);
        add_run(app, result, hooks);
        add_status(app, result);
        add_queue(app, result);
        add_pin(app, result);
        add_map(app, result);
        add_trace(app, result);
        add_traceroute(app, result);
        add_cert(app, result);
        for (const auto& add : hooks.more) add(app, result);
        add_version(app, result, hooks);
        add_config_reference(app, result);
        return parse_and_run(app, argc, argv, result);
    } catch (const std::exception& e) {
        return fail(negative, e.what());
    }
}

} // namespace gateway::cli
