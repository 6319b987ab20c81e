// What sessions cost a server in memory: many are opened to it at once and left idle, then each is given a message of
// which half never comes. Reports what the server has resident at each stage.
#pragma once

#include "gateway/tools/xproto_client.hpp"

#include <boost/json/object.hpp>

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace gateway::tools {

struct session_memory_plan {
    client_setup to;  // the server, and who we are
    pid_t server = 0; // whose memory is looked at
    std::uint32_t sessions = 1000;
    // One for each session; they differ in their ids.
    std::vector<xproto_client::parcel_ptr> parcels;
};

struct session_memory_result {
    std::uint32_t sessions = 0;
    double seconds = 0;                           // to open them all
    double server_cpu = 0;                        // seconds that the server spent on that
    std::uint64_t before = 0, idle = 0, busy = 0; // octets resident in the server

    boost::json::object json() const;
    std::string text() const;
};

// Blocks, at most `patience`. The error tells how far it got.
cli::attempt<session_memory_result> measure_sessions(session_memory_plan plan, std::chrono::milliseconds patience);

} // namespace gateway::tools
