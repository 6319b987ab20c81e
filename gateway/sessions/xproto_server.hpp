// Drives xproto::server_session over a TLS connection: the only code on the xproto server's side that waits for
// anything.
#pragma once

#include "gateway/net/stream.hpp"
#include "gateway/runtime/runtime.hpp"

#include <boost/asio/awaitable.hpp>

#include <memory>

namespace gateway::sessions {

// Serves one peer until the session ends. Never throws.
boost::asio::awaitable<void> serve_xproto(runtime& gateway, std::unique_ptr<net::stream> connection);

} // namespace gateway::sessions
