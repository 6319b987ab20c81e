// Requests to the daemon, and what a person is told when they fail.
#include "gateway/cli/daemon_link.hpp"

#include "gateway/cli/common.hpp"
#include "gateway/cli/text.hpp"

#include <CLI/CLI.hpp>
#include <boost/json.hpp>

#include <fstream>

namespace gateway::cli {
namespace {

// The sentence of an {"error": "..."}.
std::string error_of(const admin::response& r)
{
    boost::system::error_code bad;
    const auto value = boost::json::parse(r.body, bad);
    const auto* object = bad ? nullptr : value.if_object();
    const auto* text = object == nullptr ? nullptr : object->if_contains("error");
    if (text != nullptr && text->is_string()) return printable(std::string_view(text->get_string()));
    return "the daemon answered with status " + std::to_string(r.status);
}

} // namespace

void add_daemon_options(CLI::App& command, daemon_options& options)
{
    add_config_option(command, options.config);
    command
        .add_option("--socket", options.socket, "The daemon's Unix socket, instead of the configuration's admin.socket")
        ->type_name("PATH");
}

daemon_link::daemon_link(const daemon_options& options) : socket_(options.socket)
{
    if (!socket_.empty()) return;
    const auto settings = load_config(options.config);
    if (settings)
        socket_ = settings->admin.socket;
    else
        exit_code_ = bad_configuration;
}

bool daemon_link::judge(const boost::system::result<admin::response>& got)
{
    if (!got) {
        exit_code_ = fail(unreachable, "no daemon answers at " + socket_.string() + ": " + got.error().message() +
                                           " (is `isthmus run` running, and are you its user?)");
        return false;
    }
    if (got->status >= 200 && got->status < 300) return true;
    exit_code_ = fail(negative, error_of(*got));
    return false;
}

std::optional<std::string> daemon_link::ask(std::string_view method, const std::string& target)
{
    if (socket_.empty()) return std::nullopt;
    auto got = admin::request(socket_, method, target);
    if (!judge(got)) return std::nullopt;
    return std::move(got->body);
}

bool daemon_link::save(const std::string& target, const std::filesystem::path& file)
{
    if (socket_.empty()) return false;
    std::ofstream out(file, std::ios::binary | std::ios::trunc);
    const auto got = admin::download(socket_, target, [&](std::string_view octets) {
        return static_cast<bool>(out.write(octets.data(), static_cast<std::streamsize>(octets.size())));
    });
    out.close();
    const bool written = static_cast<bool>(out);
    if (!written)
        exit_code_ = fail(negative, file.string() + " cannot be written");
    else if (judge(got))
        return true;
    std::error_code ignored;
    std::filesystem::remove(file, ignored);
    return false;
}

} // namespace gateway::cli
