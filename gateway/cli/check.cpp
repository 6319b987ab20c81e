// isthmus check: everything that is wrong with a configuration, at once.
#include "gateway/config/check.hpp"
#include "gateway/cli/commands.hpp"
#include "gateway/cli/common.hpp"

#include <CLI/CLI.hpp>
#include <boost/json.hpp>

#include <algorithm>
#include <iostream>
#include <memory>

namespace gateway::cli {
namespace {

struct options {
    std::filesystem::path config;
    bool json = false;
};

std::string_view level_text(config::problem::severity level)
{
    switch (level) {
    case config::problem::severity::error: return "error";
    case config::problem::severity::warning: return "warning";
    case config::problem::severity::note: break;
    }
    return "note";
}

void print_json(const config::problems& found, bool ok)
{
    boost::json::array all;
    for (const auto& p : found)
        all.push_back({{"level", level_text(p.level)},
                       {"file", p.file},
                       {"line", p.place.line},
                       {"column", p.place.column},
                       {"key", p.key},
                       {"what", p.what}});
    std::cout << boost::json::serialize(boost::json::object{{"ok", ok}, {"problems", std::move(all)}}) << '\n';
}

int check(const options& o)
{
    const auto file = config_file(o.config);
    const auto read = config::load(file);
    const auto found = read ? config::check_files(*read, unix_now()) : read.error();
    const bool ok = std::none_of(found.begin(), found.end(),
                                 [](const auto& p) { return p.level == config::problem::severity::error; });
    if (o.json)
        print_json(found, ok);
    else
        print(found);
    if (ok && !o.json) std::cout << file.string() << ": ok\n";
    return ok ? done : bad_configuration;
}

} // namespace

void add_check(CLI::App& app, int& result)
{
    auto* command = app.add_subcommand("check", "Say what is wrong with the configuration, by file, line and key");
    const auto o = std::make_shared<options>();
    add_config_option(*command, o->config);
    command->add_flag("--json", o->json, "Print {\"ok\", \"problems\"} as JSON");
    command->footer("Reads the file, then looks at the files it names: keys, certificates, folders. Exit 78 when the "
                    "daemon would not\n"
                    "start with it; warnings and notes do not count.\n\n"
                    "Example:\n  isthmus check -c /etc/isthmus/isthmus.toml");
    command->callback([o, &result] { result = check(*o); });
}

} // namespace gateway::cli
