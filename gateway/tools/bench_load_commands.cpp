// `isthmus bench smtp`, `bench sink` and `bench xproto`: one end of a measurement each.
#include "gateway/config/quantity.hpp"
#include "gateway/tools/bench_commands.hpp"
#include "gateway/tools/bench_options.hpp"
#include "gateway/tools/counting_sink.hpp"
#include "gateway/tools/sample_message.hpp"
#include "gateway/tools/smtp_load.hpp"
#include "gateway/tools/xproto_load.hpp"

#include <CLI/CLI.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <iostream>

namespace gateway::tools {

namespace {

struct load_options {
    std::string to;
    bench_amount amount;
    std::string from = "sender@bench.invalid";
    std::vector<std::string> recipients;
    std::uint64_t per_session = 0;
    bool chunking = false, json = false;
    // xproto
    credential_options who;
    std::string peer_host;
    std::uint32_t window = 256, batch = 64;
    bool sync = false;
};

void add_load_options(CLI::App& command, load_options& o)
{
    command.add_option("--to", o.to, "the server")->type_name("HOST:PORT")->required();
    add_amount_options(command, o.amount);
    command.add_option("--from", o.from, "the sender")->capture_default_str();
    command.add_option("--rcpt", o.recipients, "a recipient (repeatable)")->required()->allow_extra_args(false);
    command.add_flag("--json", o.json, "the result as JSON");
}

int usage_error(const std::string& what)
{
    return cli::fail(cli::usage, what);
}

// The exit code: 0 when every message was taken.
int report(const load_options& o, const load_result& result, ending how, bool reached)
{
    std::cout << (o.json ? boost::json::serialize(result.json()) : result.text()) << std::endl;
    if (how == ending::out_of_time) return cli::fail(cli::negative, "out of time");
    if (how == ending::interrupted) return cli::fail(cli::negative, "interrupted");
    if (!reached) return cli::unreachable;
    return result.accepted_messages() == o.amount.messages ? cli::done : cli::negative;
}

int run_smtp(const load_options& o)
{
    smtp_load_setup setup;
    const auto to = config::endpoint_from_text(o.to);
    if (!to) return usage_error("--to " + o.to + ": wanted an address and a port, such as 127.0.0.1:2525");
    setup.to = *to;
    setup.from = o.from;
    setup.recipients = o.recipients;
    setup.content = sample_message(o.amount.octets, o.from, o.recipients.front());
    setup.messages = o.amount.messages;
    setup.per_session = o.per_session;
    setup.sessions = o.amount.sessions;
    setup.chunking = o.chunking;
    workbench bench(o.amount.limit());
    smtp_load load(bench, setup);
    load.start();
    const auto how = bench.run();
    return report(o, load.result(), how, load.reached());
}

int run_xproto(const load_options& o)
{
    client_setup setup;
    const auto to = config::endpoint_from_text(o.to);
    if (!to) return usage_error("--to " + o.to + ": wanted an address and a port, such as 127.0.0.1:6525");
    const auto who = load(o.who);
    if (!who) return usage_error(who.error().what);
    auto tls = net::tls_context::xproto_client(who->anchors_pem);
    if (!tls) return usage_error(tls.error().what);
    setup.to = *to;
    setup.peer_host = config::canonical_domain(o.peer_host);
    setup.who = &*who;
    setup.tls = std::move(*tls);
    if (o.sync) setup.options = {};
    setup.messages = o.window;

    // Everything is made and signed before the clock starts.
    smtp::transaction transaction;
    transaction.reverse_path = o.from;
    for (const auto& address : o.recipients) transaction.recipients.push_back({address, {}});
    const auto content = sample_message(o.amount.octets, o.from, o.recipients.front());
    const auto message = make_draft(std::make_shared<const std::string>(content), transaction);
    packer signs(*who, setup.peer_host, cli::unix_now());
    auto made = signs.seal(message, o.amount.messages, o.batch);
    if (!made) return usage_error(made.error().what);
    std::vector<xproto_client::parcel_ptr> parcels;
    for (auto& one : *made) parcels.push_back(std::make_shared<const parcel>(std::move(one)));
    std::reverse(parcels.begin(), parcels.end()); // the next is taken from the end
    workbench bench(o.amount.limit());
    xproto_load load(bench, setup, std::move(parcels));
    load.start(o.amount.sessions);
    const auto how = bench.run();
    return report(o, load.result(), how, load.reached());
}

struct counting_options {
    std::string listen = "127.0.0.1:0";
    std::uint64_t messages = 0;
    double seconds = 300;
};

int run_sink(const counting_options& o)
{
    const auto where = config::endpoint_from_text(o.listen);
    if (!where) return usage_error("--listen " + o.listen + ": wanted an IP address and a port");
    const std::chrono::duration<double> limit(o.seconds);
    workbench bench(std::chrono::duration_cast<std::chrono::milliseconds>(limit));
    auto opened = counting_sink::open(bench, *where, o.messages);
    if (!opened) return cli::fail(cli::negative, opened.error().what);
    auto& sink = **opened;
    sink.start();
    std::cout << "listening " << sink.address() << std::endl;
    bench.run();
    sink.close();
    std::cout << sink.json() << std::endl;
    return o.messages == 0 || sink.enough() ? cli::done : cli::negative;
}

} // namespace

void add_bench_smtp(CLI::App& bench, int& result)
{
    auto* const command = bench.add_subcommand("smtp", "An SMTP load generator");
    auto o = std::make_shared<load_options>();
    add_load_options(*command, *o);
    command->add_option("--messages-per-session", o->per_session, "then QUIT and connect again; 0: no limit");
    command->add_flag("--bdat", o->chunking, "send by BDAT (RFC 3030) instead of DATA");
    command->footer("Example: isthmus bench smtp --to 127.0.0.1:2525 --messages 10000 --rcpt bob@carrier.example");
    command->callback([o, &result] { result = run_smtp(*o); });
}

void add_bench_xproto(CLI::App& bench, int& result)
{
    auto* const command = bench.add_subcommand("xproto", "An xproto load generator: messages signed beforehand");
    auto o = std::make_shared<load_options>();
    add_load_options(*command, *o);
    add_credential_options(*command, o->who, true);
    command->add_option("--peer-host", o->peer_host, "the name that the server's certificate must prove")->required();
    command->add_option("--window", o->window, "messages under way in each session")->check(CLI::PositiveNumber);
    command->add_option("--batch", o->batch, "messages that share a signature")
        ->check(CLI::Range(1u, 4096u))
        ->capture_default_str();
    command->add_flag("--sync", o->sync, "do not ask for pipelined mode");
    command->footer("Example: isthmus bench xproto --site edge --to 127.0.0.1:6526 --peer-host mx1.carrier.example \\\n"
                    "             --messages 10000 --rcpt bob@carrier.example");
    command->callback([o, &result] { result = run_xproto(*o); });
}

void add_bench_sink(CLI::App& bench, int& result)
{
    auto* const command = bench.add_subcommand("sink", "An SMTP server that counts messages and throws them away");
    auto o = std::make_shared<counting_options>();
    command->add_option("--listen", o->listen, "IP address and port; port 0: the system chooses")
        ->capture_default_str();
    command->add_option("--messages", o->messages, "end after so many messages; exit 1 when there were fewer");
    command->add_option("--seconds", o->seconds, "end after so long")
        ->check(CLI::PositiveNumber)
        ->capture_default_str();
    command->callback([o, &result] { result = run_sink(*o); });
}

} // namespace gateway::tools
