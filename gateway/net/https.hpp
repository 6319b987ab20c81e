// Fetching a file by HTTPS: one connection, one GET, no redirects (gateway/net/http_answer.hpp says what else is
// refused).
#pragma once

#include "gateway/net/http_answer.hpp"
#include "gateway/net/stream.hpp"

#include <chrono>

namespace gateway::net {

struct https_request {
    std::string host;
    std::uint16_t port = 443;
    std::string target;
    file_version known; // not empty: only news are asked for
    std::uint64_t most_octets = 0;
    std::chrono::seconds patience{}; // for all of it, from the look-up of the name to the last octet
};

// The server must prove `host` by a certificate that `context` believes. Never throws; what went wrong is in the
// answer.
asio::awaitable<http_answer> https_get(watchdog& dog, tls_context context, https_request wanted);

} // namespace gateway::net
