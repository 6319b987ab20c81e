// Measures a relay, whatever it is: messages go in by SMTP at one end and are counted by a sink at the other. Reports
// the rate from the first octet sent to the last message received, and what the relay's processes used meanwhile. The
// same code measures isthmus and others, so that numbers can be compared.
#pragma once

#include "gateway/cli/common.hpp"
#include "gateway/config/endpoint.hpp"

#include <boost/json/object.hpp>

#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

namespace gateway::tools {

// A process of the relay's.
struct relay_process {
    std::string name;
    pid_t pid = 0;
    bool with_children = false; // does it stand for all its descendants?
};

struct relay_plan {
    config::endpoint to; // where the relay takes mail
    std::string sink;    // where it delivers to: ADDRESS:PORT, where nothing listens yet
    std::vector<relay_process> processes;
    std::uint64_t messages = 1000;
    std::uint64_t octets = 1024; // of each, with its header
    std::uint32_t sessions = 10; // of the generator's
    std::string from = "sender@bench.invalid";
    std::string recipient;
    bool postfix_tools = false;                  // smtp-source and smtp-sink instead of our own generator and sink
    std::filesystem::path scratch;               // for what the children say
    std::chrono::duration<double> patience{300}; // for the whole
};

struct relay_result {
    double seconds = 0;       // from the first octet sent to the last message received
    double generator_cpu = 0; // seconds
    double sink_cpu = 0;
    struct process {
        std::string name;
        double cpu_seconds = 0;
        std::uint64_t peak_rss = 0; // octets
    };
    std::vector<process> processes;

    double cpu_seconds() const; // of the relay
    boost::json::object json(const relay_plan& plan) const;
    std::string text(const relay_plan& plan) const;
};

// A port that was free a moment ago, on the loopback address: for programs that cannot choose one by themselves.
cli::attempt<std::string> free_address();

// Blocks. The error tells which part failed, and how far it got.
cli::attempt<relay_result> measure(const relay_plan& plan);

} // namespace gateway::tools
