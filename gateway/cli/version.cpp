// isthmus version, and the hidden command that prints the configuration's reference page.
#include "gateway/cli/commands.hpp"
#include "gateway/config/reference.hpp"

#include <CLI/CLI.hpp>
#include <boost/json.hpp>
#include <boost/version.hpp>
#include <openssl/crypto.h>

#include <iostream>
#include <memory>

namespace gateway::cli {

void add_version(CLI::App& app, int& result, const command_hooks& hooks)
{
    auto* command = app.add_subcommand("version", "Print the version, and those of the libraries underneath");
    const auto json = std::make_shared<bool>(false);
    command->add_flag("--json", *json, "Print JSON");
    command->footer("Example:\n  isthmus version --json");
    command->callback([json, &result, &hooks] {
        const std::string boost =
            std::to_string(BOOST_VERSION / 100000) + "." + std::to_string(BOOST_VERSION / 100 % 1000);
        const std::string openssl = OpenSSL_version(OPENSSL_VERSION_STRING);
        if (*json)
            std::cout << boost::json::serialize(
                             boost::json::object{{"version", hooks.version}, {"openssl", openssl}, {"boost", boost}})
                      << '\n';
        else
            std::cout << "isthmus " << hooks.version << " (OpenSSL " << openssl << ", Boost " << boost << ")\n";
        result = done;
    });
}

void add_config_reference(CLI::App& app, int& result)
{
    auto* command =
        app.add_subcommand("config-reference", "Print the reference of all configuration keys, as Markdown");
    command->group(""); // hidden: for docs/configuration.md
    command->callback([&result] {
        std::cout << config::reference_page();
        result = done;
    });
}

} // namespace gateway::cli
