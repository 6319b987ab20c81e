// The commands, one file each. Each adds itself to the tree; its callback stores the exit code in `result`.
#pragma once

#include "gateway/cli/command_line.hpp"

namespace gateway::cli {

void add_init(CLI::App& app, int& result);
void add_check(CLI::App& app, int& result);
void add_run(CLI::App& app, int& result, const command_hooks& hooks);
void add_status(CLI::App& app, int& result);
void add_queue(CLI::App& app, int& result);
void add_pin(CLI::App& app, int& result);
void add_map(CLI::App& app, int& result);
void add_trace(CLI::App& app, int& result);
void add_traceroute(CLI::App& app, int& result);
void add_cert(CLI::App& app, int& result);
void add_version(CLI::App& app, int& result, const command_hooks& hooks);
void add_config_reference(CLI::App& app, int& result); // hidden: prints docs/configuration.md

} // namespace gateway::cli
