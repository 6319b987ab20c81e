// isthmus run: the daemon. What runs it is main's; here the configuration is made sure of first.
#include "gateway/cli/commands.hpp"
#include "gateway/cli/common.hpp"
#include "gateway/config/check.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <memory>

namespace gateway::cli {
namespace {

int run(const std::filesystem::path& given, const command_hooks& hooks)
{
    const auto settings = load_config(given);
    if (!settings) return bad_configuration;
    auto found = config::check_files(*settings, unix_now());
    std::erase_if(found, [](const auto& p) { return p.level == config::problem::severity::note; });
    print(found);
    const bool ok = std::none_of(found.begin(), found.end(),
                                 [](const auto& p) { return p.level == config::problem::severity::error; });
    return ok ? hooks.run(*settings) : bad_configuration;
}

} // namespace

void add_run(CLI::App& app, int& result, const command_hooks& hooks)
{
    if (!hooks.run) return;
    auto* command = app.add_subcommand("run", "Run the gateway, in the foreground");
    const auto config = std::make_shared<std::filesystem::path>();
    add_config_option(*command, *config);
    command->footer("Logs to standard error; a line that says `ready` comes when all ports are open. SIGHUP reads the "
                    "configuration\n"
                    "again, SIGTERM ends what is under way and stops. Exit 78 when the configuration is bad, before "
                    "any port opens.\n\n"
                    "Example:\n  isthmus run -c /etc/isthmus/isthmus.toml");
    command->callback([config, &result, &hooks] { result = run(*config, hooks); });
}

} // namespace gateway::cli
