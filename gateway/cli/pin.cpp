// isthmus pin: domains that are known to take mail by xproto only, and whose mail therefore never leaves by SMTP.
#include "gateway/admin/api.hpp"
#include "gateway/cli/commands.hpp"
#include "gateway/cli/daemon_link.hpp"
#include "gateway/cli/text.hpp"

#include <CLI/CLI.hpp>
#include <boost/json.hpp>

#include <ctime>
#include <iostream>
#include <memory>

namespace gateway::cli {
namespace {

namespace json = boost::json;

struct options {
    daemon_options daemon;
    bool json = false;
    std::string domain;
};

int list(const options& o)
{
    daemon_link daemon(o.daemon);
    const auto body = daemon.ask("GET", "/pins");
    if (!body) return daemon.exit_code();
    if (o.json) {
        std::cout << *body << '\n';
        return done;
    }
    std::vector<std::vector<std::string>> rows;
    const auto parsed = json::parse(*body);
    for (const auto& p : parsed.at("pins").as_array()) {
        const auto left = p.at("until").to_number<std::int64_t>() - static_cast<std::int64_t>(std::time(nullptr));
        rows.push_back({printable(std::string_view(p.at("domain").get_string())), "for another " + age_text(left),
                        p.at("secure").as_bool() ? "signed" : "not signed"});
    }
    std::cout << columns(rows);
    return done;
}

int remove(const options& o)
{
    daemon_link daemon(o.daemon);
    const auto body = daemon.ask("DELETE", "/pins?domain=" + admin::percent_encoded(o.domain));
    if (!body) return daemon.exit_code();
    if (o.json) std::cout << *body << '\n';
    return done;
}

} // namespace

void add_pin(CLI::App& app, int& result)
{
    auto* pin = app.add_subcommand("pin", "Domains whose mail must go by xproto");
    pin->require_subcommand(1);
    pin->footer("Example:\n  isthmus pin list");
    const auto o = std::make_shared<options>();
    auto* lister = pin->add_subcommand("list", "Which domains, for how long, and whether their policies were signed");
    add_daemon_options(*lister, o->daemon);
    lister->add_flag("--json", o->json, "Print JSON (docs/admin-api.md)");
    lister->footer("Example:\n  isthmus pin list --json | jq .pins");
    lister->callback([o, &result] { result = list(*o); });
    auto* remover = pin->add_subcommand("delete", "Forget that a domain has demanded xproto");
    add_daemon_options(*remover, o->daemon);
    remover->add_flag("--json", o->json, "Print JSON (docs/admin-api.md)");
    remover->add_option("DOMAIN", o->domain, "As the list names it")->required();
    remover->footer(
        "A policy that is still published is obeyed all the same.\n\nExample:\n  isthmus pin delete carrier.example");
    remover->callback([o, &result] { result = remove(*o); });
}

} // namespace gateway::cli
