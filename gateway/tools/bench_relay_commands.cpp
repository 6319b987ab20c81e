// `isthmus bench relay` and `bench path`: whole measurements.
#include "gateway/tools/bench_commands.hpp"
#include "gateway/tools/bench_options.hpp"
#include "gateway/tools/bench_sites.hpp"
#include "gateway/tools/relay_bench.hpp"
#include "gateway/tools/scratch_folder.hpp"

#include <CLI/CLI.hpp>
#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

#include <iostream>

namespace gateway::tools {

namespace {

struct relay_options {
    bench_amount amount;
    std::string to, sink;
    std::string from = "sender@edge.example", recipient = "bob@carrier.example";
    std::vector<pid_t> processes;
    std::uint32_t rounds = 1;
    bool postfix_tools = false, json = false, keep = false;
};

void add_options(CLI::App& command, relay_options& o)
{
    add_amount_options(command, o.amount);
    command.add_option("--rounds", o.rounds, "measure so many times; the first may be slower, as everything is new")
        ->check(CLI::Range(1u, 1000u));
    command.add_flag("--postfix-tools", o.postfix_tools, "send with smtp-source and receive with smtp-sink");
    command.add_flag("--json", o.json, "the results as JSON, one object a round");
}

relay_plan plan_of(const relay_options& o)
{
    relay_plan plan;
    plan.sink = o.sink;
    plan.messages = o.amount.messages;
    plan.octets = o.amount.octets;
    plan.sessions = o.amount.sessions;
    plan.patience = o.amount.limit();
    plan.from = o.from;
    plan.recipient = o.recipient;
    plan.postfix_tools = o.postfix_tools;
    return plan;
}

// Measures as often as wanted. The exit code.
int run_rounds(const relay_options& o, const relay_plan& plan, scratch_folder& scratch)
{
    for (std::uint32_t i = 0; i < o.rounds; ++i) {
        const auto result = measure(plan);
        if (!result) {
            scratch.keep();
            return cli::fail(cli::negative, result.error().what);
        }
        std::cout << (o.json ? boost::json::serialize(result->json(plan)) : result->text(plan)) << std::endl;
    }
    return cli::done;
}

int run_relay(const relay_options& o)
{
    scratch_folder scratch(o.keep);
    auto plan = plan_of(o);
    const auto to = config::endpoint_from_text(o.to);
    if (!to) return cli::fail(cli::usage, "--to " + o.to + ": wanted an address and a port");
    plan.to = *to;
    plan.scratch = scratch.path();
    for (const auto one : o.processes) plan.processes.push_back({"pid " + std::to_string(one), one, true});
    return run_rounds(o, plan, scratch);
}

int run_path(const relay_options& o)
{
    scratch_folder scratch(o.keep);
    auto plan = plan_of(o);
    plan.scratch = scratch.path();
    const auto sink = free_address();
    if (!sink) return cli::fail(cli::negative, sink.error().what);
    plan.sink = *sink;
    auto sites = bench_sites::start(scratch.path(), plan.sink);
    if (!sites) {
        scratch.keep();
        return cli::fail(cli::negative, sites.error().what);
    }
    plan.to = sites->smtp();
    plan.processes = {{"edge", sites->first().pid(), false}, {"carrier", sites->second().pid(), false}};
    const auto code = run_rounds(o, plan, scratch);
    if (const auto wrong = sites->stop()) {
        scratch.keep();
        return cli::fail(cli::negative, *wrong);
    }
    return code;
}

} // namespace

void add_bench_relay(CLI::App& bench, int& result)
{
    auto* const command = bench.add_subcommand("relay", "Measure any relay: SMTP in, SMTP out");
    auto o = std::make_shared<relay_options>();
    command->add_option("--to", o->to, "where the relay takes mail")->type_name("HOST:PORT")->required();
    command->add_option("--sink", o->sink, "where it delivers to; a sink is opened here")
        ->type_name("ADDRESS:PORT")
        ->required();
    command->add_option("--pid", o->processes, "count the CPU time of this process and its descendants (repeatable)")
        ->allow_extra_args(false);
    command->add_option("--from", o->from, "the sender")->capture_default_str();
    command->add_option("--rcpt", o->recipient, "the recipient")->capture_default_str();
    add_options(*command, *o);
    command->callback([o, &result] { result = run_relay(*o); });
}

void add_bench_path(CLI::App& bench, int& result)
{
    auto* const command =
        bench.add_subcommand("path", "Measure two gateways of this program: SMTP in, xproto between, SMTP out");
    auto o = std::make_shared<relay_options>();
    add_options(*command, *o);
    command->add_flag("--keep", o->keep, "leave the folder with both sites, and their logs, in place");
    command->footer("Example: isthmus bench path --messages 20000 --size 10KiB --rounds 3 --json");
    command->callback([o, &result] { result = run_path(*o); });
}

} // namespace gateway::tools
