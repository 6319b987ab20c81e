// The administration API (docs/admin-api.md): HTTP/1.1 with JSON, on a Unix socket for the whole of it, and on TCP for
// what only looks: GET /status, /health, /metrics.
//
// Whoever may open the socket file is the administrator: it is made with mode 0600. The TCP part is for monitoring, and
// changes nothing, because every local user and every web page a local browser shows can reach it.
#pragma once

#include "gateway/admin/control.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <chrono>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace gateway::admin {

struct server_limits {
    std::size_t connections = 64; // on each listener; more wait in the kernel's queue
    std::uint32_t header_octets = 8192;
    std::uint64_t body_octets = 64 * 1024;
    std::size_t requests_per_connection = 1000;
    std::chrono::seconds patience{10}; // for a whole request to arrive, and for each piece of an answer to be taken
};

class server {
  public:
    // `served` must outlive the server.
    server(boost::asio::any_io_executor executor, control& served, server_limits limits = {});
    ~server(); // as stop()
    server(const server&) = delete;
    server& operator=(const server&) = delete;

    // Starts serving on a Unix socket. A socket that a living process serves is refused (address_in_use); one left
    // behind by a dead one is replaced. Any other file at that place is refused (file_exists) and left alone.
    boost::system::result<void> listen_unix(const std::filesystem::path& path);
    // Starts serving the read-only part on TCP. Returns the address as bound: "127.0.0.1:43211".
    boost::system::result<std::string> listen_tcp(const std::string& address, std::uint16_t port);

    // Accepts no more, closes every connection and removes the socket file.
    void stop();

  private:
    struct state;
    std::shared_ptr<state> state_;
};

} // namespace gateway::admin
