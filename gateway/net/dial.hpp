// Opening connections to where routes and peers say.
#pragma once

#include "gateway/net/stream.hpp"

#include <chrono>
#include <memory>
#include <string>

namespace gateway::net {

struct dialled {
    std::unique_ptr<stream> connection; // null: see error
    error_code error;
    std::string what; // of the error, with the address: "connect to 127.0.0.1:2600: Connection refused"
};

// Connects to the first of the host's addresses that answers within `patience` (for all of them together). `host` is an
// address or a name; names are looked up by the system's resolver, in a thread of Asio's own.
asio::awaitable<dialled> dial(watchdog& dog, std::string host, std::uint16_t port,
                              std::chrono::steady_clock::duration patience);

} // namespace gateway::net
