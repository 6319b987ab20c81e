// The running daemon, as commands talk to it: over the Unix socket that the configuration names.
#pragma once

#include "gateway/admin/client.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace CLI {
class App;
}

namespace gateway::cli {

struct daemon_options {
    std::filesystem::path config;
    std::filesystem::path socket;
};
// -c and --socket.
void add_daemon_options(CLI::App& command, daemon_options& options);

class daemon_link {
  public:
    // Finds the socket. Without it, exit_code() says why: the configuration is bad; it has been reported.
    explicit daemon_link(const daemon_options& options);

    // The daemon's answer, if it is a 2xx. Otherwise what is wrong has been said on standard error, and exit_code() is
    // 3 when no daemon answered, 1 when it said no.
    std::optional<std::string> ask(std::string_view method, const std::string& target);
    // Octets of any size into a file, which is removed again when they do not all come.
    bool save(const std::string& target, const std::filesystem::path& file);

    int exit_code() const { return exit_code_; }

  private:
    bool judge(const boost::system::result<admin::response>& got);

    std::filesystem::path socket_;
    int exit_code_ = 0;
};

} // namespace gateway::cli
