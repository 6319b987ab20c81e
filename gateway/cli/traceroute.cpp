// isthmus traceroute: which way mail for an address takes, host by host. The daemon sends the probes and hears the
// answers.
#include "gateway/cli/commands.hpp"
#include "gateway/cli/daemon_link.hpp"
#include "gateway/cli/text.hpp"

#include "gateway/admin/api.hpp"

#include <CLI/CLI.hpp>
#include <boost/json.hpp>

#include <chrono>
#include <iostream>
#include <memory>
#include <thread>

namespace gateway::cli {
namespace {

namespace json = boost::json;

constexpr std::chrono::milliseconds between_looks{50};
constexpr int most_silent = 3; // hosts in a row; beyond, nobody is expected to answer

struct options {
    daemon_options daemon;
    std::string address;
    std::uint32_t hops = 16;
    double seconds = 20; // for each answer
    bool json = false;
};

// Waits for what becomes of one probe; nothing: the daemon has gone.
std::optional<json::object> outcome_of(daemon_link& daemon, const std::string& id, double seconds)
{
    const auto until = std::chrono::steady_clock::now() + std::chrono::duration<double>(seconds);
    for (;;) {
        const auto body = daemon.ask("GET", "/traceroute/" + id);
        if (!body) return std::nullopt;
        auto step = json::parse(*body).as_object();
        if (step.at("state") != "waiting" || std::chrono::steady_clock::now() > until) return step;
        std::this_thread::sleep_for(between_looks);
    }
}

bool is_smtp(std::string_view next)
{
    return next.starts_with("smtp:");
}

std::string way_on(std::string_view next)
{
    if (is_smtp(next)) return "hands it to SMTP at " + printable(next.substr(5)) + "; from there on nobody can tell";
    return next.empty() ? "knows no way on" : "sends it on to " + printable(next);
}

void print(std::uint32_t hop, const json::object& step)
{
    std::cout << (hop < 10 ? " " : "") << hop << "  ";
    const auto& state = step.at("state").as_string();
    if (state == "waiting") {
        std::cout << "* no answer" << std::endl;
        return;
    }
    const auto time = std::to_string(step.at("milliseconds").as_int64()) + " ms";
    if (state == "failed")
        std::cout << "came back after " << time << ": " << printable(std::string_view(step.at("failure").as_string()));
    else
        std::cout << printable(std::string_view(step.at("host").as_string())) << "  " << time << "  "
                  << way_on(step.at("next").as_string());
    std::cout << std::endl;
}

// Is there nothing beyond this step?
bool is_end(const json::object& step)
{
    if (step.at("state") == "failed") return true;
    if (step.at("state") == "waiting") return false;
    const std::string_view next = step.at("next").as_string();
    return next.empty() || is_smtp(next);
}

int traceroute(const options& o)
{
    daemon_link daemon(o.daemon);
    json::array steps;
    bool at_end = false, whole = true;
    int silent = 0;
    for (std::uint32_t hop = 1; hop <= o.hops && !at_end && silent < most_silent; ++hop) {
        const auto sent = daemon.ask("POST", "/traceroute?address=" + admin::percent_encoded(o.address) +
                                                 "&hops=" + std::to_string(hop));
        if (!sent) return daemon.exit_code();
        if (hop == 1 && !o.json)
            std::cout << "way of mail to <" << printable(o.address) << ">, at most " << o.hops << " hosts" << std::endl;
        const auto step = outcome_of(daemon, std::string(json::parse(*sent).at("id").as_string()), o.seconds);
        if (!step) return daemon.exit_code();
        if (o.json)
            steps.push_back(*step);
        else
            print(hop, *step);
        at_end = is_end(*step);
        silent = step->at("state") == "waiting" ? silent + 1 : 0;
        whole = whole && step->at("state") == "answered";
    }
    if (o.json) std::cout << json::serialize(json::object{{"address", o.address}, {"steps", std::move(steps)}}) << '\n';
    return at_end && whole ? done : negative;
}

} // namespace

void add_traceroute(CLI::App& app, int& result)
{
    auto* command = app.add_subcommand("traceroute", "Find out which way mail for an address takes, host by host");
    const auto o = std::make_shared<options>();
    add_daemon_options(*command, o->daemon);
    command->add_option("ADDRESS", o->address, "Where the mail would go")->required();
    command->add_option("--hops", o->hops, "Go no further than so many hosts")
        ->check(CLI::Range(1, 64))
        ->capture_default_str();
    command->add_option("--wait", o->seconds, "Seconds to wait for each answer")
        ->check(CLI::Range(0.1, 3600.0))
        ->capture_default_str();
    command->add_flag("--json", o->json, "Print JSON");
    command->footer(
        "The running daemon sends control messages that go one host further each time; nothing is delivered to the "
        "address.\nEach host that takes part (xproto.traceroute) signs its answer. Exit 1 unless every host up to the "
        "last one of xproto answered.\n\nExample:\n  isthmus traceroute bob@carrier.example");
    command->callback([o, &result] { result = traceroute(*o); });
}

} // namespace gateway::cli
