// The command `isthmus bench`: its parts are in files of their own.
#include "gateway/tools/bench_commands.hpp"
#include "gateway/tools/commands.hpp"

#include <CLI/CLI.hpp>

namespace gateway::tools {

cli::registrar bench_command()
{
    return [](CLI::App& app, int& result) {
        auto* const bench = app.add_subcommand("bench", "Load generators, a counting receiver, and whole measurements");
        bench->require_subcommand(1);
        for (const auto add :
             {add_bench_path, add_bench_relay, add_bench_smtp, add_bench_xproto, add_bench_sink, add_bench_sessions})
            add(*bench, result);
    };
}

} // namespace gateway::tools
