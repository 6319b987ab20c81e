#include "gateway/tools/relay_bench.hpp"

#include "gateway/tools/child_process.hpp"
#include "gateway/tools/processes.hpp"
#include "gateway/tools/sample_message.hpp"
#include "gateway/tools/smtp_load.hpp"

#include <boost/asio/connect.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>

#include <unistd.h>

#include <cmath>
#include <cstdio>
#include <thread>

namespace gateway::tools {

namespace json = boost::json;

namespace {

using clock = std::chrono::steady_clock;
using seconds = child_process::seconds;

constexpr seconds start_patience{20};
constexpr int sink_backlog = 1024;
// After the last message a relay tidies up; that is part of its cost. It is over when this long no CPU time was used.
constexpr std::chrono::milliseconds settle_step{300};
constexpr int settle_steps = 50;

bool answers(const std::string& where)
{
    const auto to = config::endpoint_from_text(where);
    if (!to) return false;
    boost::asio::io_context context;
    boost::system::error_code ec;
    boost::asio::ip::tcp::socket socket(context);
    socket.connect({boost::asio::ip::make_address(to->host, ec), to->port}, ec);
    return !ec;
}

double cpu_of(const relay_process& one)
{
    const auto cost = one.with_children ? cost_of_tree(one.pid) : cost_of(one.pid);
    return cost ? cost->cpu_seconds : 0;
}

std::vector<double> cpu_of(const std::vector<relay_process>& all)
{
    std::vector<double> made;
    for (const auto& one : all) made.push_back(cpu_of(one));
    return made;
}

std::vector<double> settled_cpu(const std::vector<relay_process>& all)
{
    auto last = cpu_of(all);
    for (int i = 0; i < settle_steps; ++i) {
        std::this_thread::sleep_for(settle_step);
        auto now = cpu_of(all);
        if (now == last) break;
        last = std::move(now);
    }
    return last;
}

cli::attempt<child_process> start_sink(const relay_plan& plan)
{
    const auto count = std::to_string(plan.messages);
    const auto log = plan.scratch / "sink.log";
    if (!plan.postfix_tools) {
        const auto limit = std::to_string(static_cast<long>(std::ceil(plan.patience.count())));
        auto sink = child_process::start(
            {own_program(), "bench", "sink", "--listen", plan.sink, "--messages", count, "--seconds", limit}, log);
        if (!sink) return sink;
        if (!sink->read_line(start_patience)) return cli::failure{"the sink does not start, see " + log.string()};
        return sink;
    }
    std::vector<std::string> command{"smtp-sink", "-M", count};
    if (geteuid() == 0) command.insert(command.end(), {"-u", "nobody"}); // it refuses to stay root
    command.insert(command.end(), {plan.sink, std::to_string(sink_backlog)});
    auto sink = child_process::start(command, log);
    const auto deadline = clock::now() + std::chrono::duration_cast<clock::duration>(start_patience);
    while (sink && !answers(plan.sink)) {
        if (sink->wait(seconds(0.05)) || clock::now() > deadline)
            return cli::failure{"smtp-sink does not start, see " + log.string()};
    }
    return sink;
}

struct generated {
    double cpu_seconds = 0;
};

cli::attempt<generated> run_postfix_generator(const relay_plan& plan)
{
    const auto log = plan.scratch / "source.log";
    auto source = child_process::start({"smtp-source", "-d", "-s", std::to_string(plan.sessions), "-m",
                                        std::to_string(plan.messages), "-l", std::to_string(plan.octets), "-f",
                                        plan.from, "-t", plan.recipient, config::to_text(plan.to)},
                                       log);
    if (!source) return source.error();
    const auto status = source->wait(plan.patience);
    if (status != 0) return cli::failure{"smtp-source failed, see " + log.string()};
    return generated{source->cpu_seconds()};
}

cli::attempt<generated> run_own_generator(const relay_plan& plan)
{
    smtp_load_setup setup;
    setup.to = plan.to;
    setup.from = plan.from;
    setup.recipients = {plan.recipient};
    setup.content = sample_message(plan.octets, plan.from, plan.recipient);
    setup.messages = plan.messages;
    setup.sessions = plan.sessions;
    setup.patience = std::chrono::seconds(static_cast<std::int64_t>(std::ceil(plan.patience.count())));
    const auto before = own_cpu_seconds();
    workbench bench(std::chrono::duration_cast<clock::duration>(plan.patience));
    smtp_load load(bench, setup);
    load.start();
    const auto how = bench.run();
    const auto all = load.result().accepted_messages();
    if (how != ending::finished || all != plan.messages)
        return cli::failure{"the relay took " + std::to_string(all) + " of " + std::to_string(plan.messages) +
                            " messages: " + load.result().text()};
    return generated{own_cpu_seconds() - before};
}

// When the sink had the last message, by the monotonic clock. smtp-sink says so by ending.
cli::attempt<clock::time_point> wait_for_sink(child_process& sink, const relay_plan& plan, clock::time_point begun)
{
    const auto used = clock::now() - begun;
    const auto left = seconds(plan.patience) - used;
    const auto status = sink.wait(std::max(seconds(left), seconds(0.1)));
    const auto ended = clock::now();
    if (!status) return cli::failure{"the sink did not get all messages in time"};
    if (plan.postfix_tools) {
        if (*status != 0) return cli::failure{"smtp-sink failed"};
        return ended;
    }
    const auto line = sink.read_line(seconds(1));
    boost::system::error_code ec;
    const auto said = json::parse(line.value_or(""), ec);
    if (ec || !said.is_object()) return cli::failure{"the sink has lost its words"};
    const auto& totals = said.as_object();
    const auto got = totals.at("messages").to_number<std::uint64_t>();
    if (got < plan.messages) return cli::failure{"the sink got only " + std::to_string(got) + " messages"};
    return clock::time_point(std::chrono::nanoseconds(totals.at("last_ns").to_number<std::int64_t>()));
}

} // namespace

cli::attempt<std::string> free_address()
{
    boost::asio::io_context context;
    boost::system::error_code ec;
    boost::asio::ip::tcp::acceptor probe(context);
    const boost::asio::ip::tcp::endpoint any(boost::asio::ip::address_v4::loopback(), 0);
    probe.open(any.protocol(), ec);
    if (!ec) probe.bind(any, ec);
    if (ec) return cli::failure{"no free port: " + ec.message()};
    auto address = "127.0.0.1:" + std::to_string(probe.local_endpoint().port());
    return {boost::system::in_place_value, std::move(address)};
}

cli::attempt<relay_result> measure(const relay_plan& plan)
{
    auto sink = start_sink(plan);
    if (!sink) return sink.error();
    const auto before = cpu_of(plan.processes);
    const auto begun = clock::now();
    const auto sent = plan.postfix_tools ? run_postfix_generator(plan) : run_own_generator(plan);
    if (!sent) return sent.error();
    const auto last = wait_for_sink(*sink, plan, begun);
    if (!last) return last.error();
    const auto after = settled_cpu(plan.processes);

    relay_result result;
    result.seconds = std::chrono::duration<double>(*last - begun).count();
    result.generator_cpu = sent->cpu_seconds;
    result.sink_cpu = sink->cpu_seconds();
    for (std::size_t i = 0; i < plan.processes.size(); ++i) {
        const auto& one = plan.processes[i];
        const auto cost = one.with_children ? cost_of_tree(one.pid) : cost_of(one.pid);
        if (!cost) return cli::failure{one.name + " is not there any more"};
        result.processes.push_back({one.name, after[i] - before[i], cost->peak_rss});
    }
    return result;
}

double relay_result::cpu_seconds() const
{
    double sum = 0;
    for (const auto& one : processes) sum += one.cpu_seconds;
    return sum;
}

json::object relay_result::json(const relay_plan& plan) const
{
    const auto count = static_cast<double>(plan.messages);
    json::array parts;
    for (const auto& one : processes)
        parts.push_back(json::object{{"name", one.name},
                                     {"cpu_seconds", one.cpu_seconds},
                                     {"cpu_seconds_per_1000", one.cpu_seconds * 1000 / count},
                                     {"peak_rss", one.peak_rss}});
    return {{"messages", plan.messages},
            {"octets", plan.octets},
            {"sessions", plan.sessions},
            {"tools", plan.postfix_tools ? "smtp-source, smtp-sink" : "isthmus"},
            {"seconds", seconds},
            {"messages_per_second", count / seconds},
            {"cpu_seconds_per_1000", cpu_seconds() * 1000 / count},
            {"processes", std::move(parts)},
            {"generator_cpu_seconds", generator_cpu},
            {"sink_cpu_seconds", sink_cpu}};
}

std::string relay_result::text(const relay_plan& plan) const
{
    const auto count = static_cast<double>(plan.messages);
    std::array<char, 256> line{};
    std::snprintf(line.data(), line.size(), "%llu messages of %llu octets in %.3f s: %.0f/s, %.3f CPU seconds per 1000",
                  static_cast<unsigned long long>(plan.messages), static_cast<unsigned long long>(plan.octets), seconds,
                  count / seconds, cpu_seconds() * 1000 / count);
    std::string out = line.data();
    for (const auto& one : processes) {
        std::snprintf(line.data(), line.size(), "\n  %-10s %.3f CPU seconds per 1000, at most %.1f MiB resident",
                      one.name.c_str(), one.cpu_seconds * 1000 / count,
                      static_cast<double>(one.peak_rss) / (1024 * 1024));
        out += line.data();
    }
    std::snprintf(line.data(), line.size(), "\n  generator %.2f s and sink %.2f s of CPU", generator_cpu, sink_cpu);
    return out + line.data();
}

} // namespace gateway::tools
