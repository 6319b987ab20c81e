// Two sites of this program, made in a folder and run as children: legacy mail into the first, xproto between them,
// legacy mail out of the second. For measurements.
#pragma once

#include "gateway/cli/common.hpp"
#include "gateway/config/endpoint.hpp"
#include "gateway/tools/child_process.hpp"

#include <filesystem>
#include <optional>
#include <string>

namespace gateway::tools {

class bench_sites {
  public:
    static constexpr std::string_view first_site = "edge.example", second_site = "carrier.example";

    // Makes both below `folder` and starts them; the second delivers to `sink`. `tables` is added to the configuration
    // of both.
    static cli::attempt<bench_sites> start(const std::filesystem::path& folder, const std::string& sink,
                                           const std::string& tables = {});

    const child_process& first() const { return *first_; }
    const child_process& second() const { return *second_; }
    const config::endpoint& smtp() const { return smtp_; }     // where the first takes mail
    const config::endpoint& xproto() const { return xproto_; } // where the second does
    // SIGTERM to both. What went wrong, or nothing.
    std::optional<std::string> stop();

  private:
    bench_sites() = default;

    std::optional<child_process> first_, second_;
    config::endpoint smtp_, xproto_;
};

} // namespace gateway::tools
