// isthmus status: is it running, where does it listen, what is it doing?
#include "gateway/cli/commands.hpp"
#include "gateway/cli/common.hpp"
#include "gateway/cli/daemon_link.hpp"
#include "gateway/cli/text.hpp"

#include <CLI/CLI.hpp>
#include <boost/json.hpp>

#include <iostream>
#include <memory>

namespace gateway::cli {
namespace {

namespace json = boost::json;

struct options {
    daemon_options daemon;
    bool json = false;
};

std::string text(const json::value& v)
{
    return v.is_string() ? printable(std::string_view(v.get_string())) : json::serialize(v);
}

std::int64_t number(const json::value& v)
{
    return v.to_number<std::int64_t>();
}

std::uint64_t count(const json::value& v)
{
    return v.to_number<std::uint64_t>();
}

std::string sessions_text(const json::value& of)
{
    return text(of.at("server")) + " in, " + text(of.at("client")) + " out";
}

std::string queue_text(const json::value& q)
{
    auto out = count_text(count(q.at("messages")), "message", "messages");
    if (count(q.at("messages")) == 0) return out;
    return out + " (" + size_text(count(q.at("octets"))) + "): " + text(q.at("active")) + " under way, " +
           text(q.at("due")) + " due, " + text(q.at("deferred")) + " waiting; the oldest for " +
           age_text(number(q.at("oldest")));
}

std::string certificate_text(std::int64_t expires)
{
    constexpr std::int64_t soon = 30 * 86'400;
    const auto left = expires - unix_now();
    if (left < 0) return "EXPIRED on " + time_text(expires) + ": no peer believes this host";
    return "until " + time_text(expires) + (left < soon ? ": renew it (isthmus cert renew)" : "");
}

void print(const json::value& s)
{
    const auto& health = s.at("health");
    std::vector<std::vector<std::string>> rows;
    for (const auto& [name, bound] : s.at("addresses").as_object()) {
        std::string all;
        for (const auto& address : bound.as_array()) all += (all.empty() ? "" : ", ") + text(address);
        rows.push_back({printable(std::string_view(name)), "listens at " + all});
    }
    const auto& sessions = s.at("sessions");
    rows.push_back({"sessions",
                    "smtp " + sessions_text(sessions.at("smtp")) + "; xproto " + sessions_text(sessions.at("xproto"))});
    rows.push_back({"queue", queue_text(s.at("queue"))});
    std::string totals;
    for (const auto& [name, n] : s.at("totals").as_object())
        totals += (totals.empty() ? "" : ", ") + printable(std::string_view(name)) + " " + text(n);
    if (!totals.empty()) rows.push_back({"since start", totals});
    rows.push_back({"certificate", certificate_text(number(s.at("certificate").at("expires")))});
    rows.push_back({"config", text(s.at("config"))});
    for (const auto& p : health.at("problems").as_array()) rows.push_back({"problem", text(p)});

    std::cout << text(s.at("host")) << " (site " << text(s.at("site"))
              << "): " << (health.at("ok").as_bool() ? "healthy" : "NOT healthy") << ", up for "
              << age_text(number(s.at("uptime"))) << ", isthmus " << text(s.at("version")) << ", pid "
              << text(s.at("pid")) << '\n'
              << columns(rows);
}

int status(const options& o)
{
    daemon_link daemon(o.daemon);
    const auto body = daemon.ask("GET", "/status");
    if (!body) return daemon.exit_code();
    if (o.json)
        std::cout << *body << '\n';
    else
        print(json::parse(*body));
    return done;
}

} // namespace

void add_status(CLI::App& app, int& result)
{
    auto* command = app.add_subcommand("status", "Show addresses, counts and health of the running daemon");
    const auto o = std::make_shared<options>();
    add_daemon_options(*command, o->daemon);
    command->add_flag("--json", o->json, "Print JSON (docs/admin-api.md, GET /status)");
    command->footer(
        "Example:\n  isthmus status -c /etc/isthmus/isthmus.toml\n  isthmus status --json | jq .queue.messages");
    command->callback([o, &result] { result = status(*o); });
}

} // namespace gateway::cli
