// `isthmus bench sessions`: what sessions cost in memory.
#include "gateway/tools/bench_commands.hpp"
#include "gateway/tools/bench_sites.hpp"
#include "gateway/tools/relay_bench.hpp"
#include "gateway/tools/sample_message.hpp"
#include "gateway/tools/scratch_folder.hpp"
#include "gateway/tools/session_memory.hpp"

#include <CLI/CLI.hpp>
#include <boost/json/serialize.hpp>

#include <sys/resource.h>

#include <iostream>

namespace gateway::tools {

namespace {

constexpr std::uint32_t most_sessions = 100'000;
constexpr std::uint64_t message_octets = 32 * 1024;
constexpr std::size_t batch = 64;   // messages that share a signature
constexpr rlim_t spare_files = 100; // what a process needs besides its sessions

struct session_options {
    std::uint32_t sessions = 1000;
    double seconds = 300;
    bool json = false;
};

// A process can have only so many sessions as files: says so before the work begins.
cli::attempt<void> allow_files(std::uint32_t sessions)
{
    rlimit limit{};
    ::getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &limit);
    if (limit.rlim_max >= sessions + spare_files) return {};
    return cli::failure{"the system allows a process " + std::to_string(limit.rlim_max) +
                        " open files (ulimit -Hn): too few for " + std::to_string(sessions) + " sessions"};
}

std::string limits(std::uint32_t sessions)
{
    const auto count = std::to_string(sessions + 10);
    return "[limits]\nsessions = " + count + "\nsessions_per_address = " + count + "\n";
}

cli::attempt<std::vector<xproto_client::parcel_ptr>> make_parcels(const credentials& who, const std::string& peer,
                                                                  std::uint32_t count)
{
    const std::string from = "sender@" + std::string(bench_sites::first_site);
    const std::string to = "bob@" + std::string(bench_sites::second_site);
    smtp::transaction transaction;
    transaction.reverse_path = from;
    transaction.recipients.push_back({to, {}});
    const auto content = std::make_shared<const std::string>(sample_message(message_octets, from, to));
    const auto message = make_draft(content, transaction);
    packer signs(who, peer, cli::unix_now());
    auto sealed = signs.seal(message, count, batch);
    if (!sealed) return sealed.error();
    std::vector<xproto_client::parcel_ptr> made;
    for (auto& one : *sealed) made.push_back(std::make_shared<const parcel>(std::move(one)));
    return {boost::system::in_place_value, std::move(made)};
}

int run_sessions(const session_options& o)
{
    if (const auto allowed = allow_files(o.sessions); !allowed) return cli::fail(cli::negative, allowed.error().what);
    scratch_folder scratch(false);
    const auto nowhere = free_address(); // nothing is ever delivered
    if (!nowhere) return cli::fail(cli::negative, nowhere.error().what);
    auto sites = bench_sites::start(scratch.path(), *nowhere, limits(o.sessions));
    if (!sites) return cli::fail(cli::negative, sites.error().what);
    credential_options files;
    files.site = scratch.path() / "edge";
    const auto who = load(files);
    if (!who) return cli::fail(cli::negative, who.error().what);
    auto tls = net::tls_context::xproto_client(who->anchors_pem);
    if (!tls) return cli::fail(cli::negative, tls.error().what);

    session_memory_plan plan;
    plan.to.to = sites->xproto();
    plan.to.peer_host = "mx1." + std::string(bench_sites::second_site);
    plan.to.who = &*who;
    plan.to.tls = std::move(*tls);
    plan.to.stall_after = message_octets / 2;
    plan.server = sites->second().pid();
    plan.sessions = o.sessions;
    auto parcels = make_parcels(*who, plan.to.peer_host, o.sessions);
    if (!parcels) return cli::fail(cli::negative, parcels.error().what);
    plan.parcels = std::move(*parcels);
    const std::chrono::duration<double> patience(o.seconds);
    const auto result =
        measure_sessions(std::move(plan), std::chrono::duration_cast<std::chrono::milliseconds>(patience));
    if (!result) return cli::fail(cli::negative, result.error().what);
    std::cout << (o.json ? boost::json::serialize(result->json()) : result->text()) << std::endl;
    if (const auto wrong = sites->stop()) return cli::fail(cli::negative, *wrong);
    return cli::done;
}

} // namespace

void add_bench_sessions(CLI::App& bench, int& result)
{
    auto* const command =
        bench.add_subcommand("sessions", "Measure what xproto sessions, idle and busy, cost in memory");
    auto o = std::make_shared<session_options>();
    command->add_option("--sessions", o->sessions, "how many at once")
        ->check(CLI::Range(std::uint32_t{1}, most_sessions))
        ->capture_default_str();
    command->add_option("--seconds", o->seconds, "give up after so long")
        ->check(CLI::PositiveNumber)
        ->capture_default_str();
    command->add_flag("--json", o->json, "the result as JSON");
    command->footer("Example: isthmus bench sessions --sessions 10000");
    command->callback([o, &result] { result = run_sessions(*o); });
}

} // namespace gateway::tools
