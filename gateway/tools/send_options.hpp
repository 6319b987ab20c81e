// What `isthmus send` can be told.
#pragma once

#include "gateway/tools/credentials.hpp"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace gateway::tools {

struct send_options {
    std::string to, peer_host;
    credential_options who;
    std::optional<std::string> from;
    std::vector<std::string> recipients, mail_parameters, recipient_parameters;
    std::vector<std::filesystem::path> files;
    std::uint64_t count = 1;
    std::uint32_t window = 64;
    std::vector<std::string> lines;
    std::string id;
    double seconds = 600, patience = 60, silence = 2;
    bool sync = false, no_proof = false, crlf = false, as_is = false, unsigned_ = false;
    bool early = false, times = false, clear = false, trace = false;
    double trace_patience = 30;
    bool verbose = false, json = false;
    std::vector<std::string> options;
    std::uint64_t split = 0, fragment = 0; // octets; 0: not at all
    std::string quit_after, drop_after;    // empty: after everything
};

void add_options(CLI::App& command, send_options& options);

} // namespace gateway::tools
