// Options that the parts of `isthmus bench` share.
#pragma once

#include <chrono>
#include <cstdint>

namespace CLI {
class App;
}

namespace gateway::tools {

// How much is sent.
struct bench_amount {
    std::uint64_t messages = 1000;
    std::uint64_t octets = 1024;
    std::uint32_t sessions = 10;
    double seconds = 300;

    std::chrono::milliseconds limit() const;
};

// --messages, --size, --sessions, --seconds.
void add_amount_options(CLI::App& command, bench_amount& into);

} // namespace gateway::tools
