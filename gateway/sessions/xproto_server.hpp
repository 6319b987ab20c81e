// Drives xproto::server_session over a connection that begins with TLS or in clear: the only code on the xproto
// server's side that waits for anything.
#pragma once

#include "gateway/net/stream.hpp"
#include "gateway/runtime/runtime.hpp"

#include <boost/asio/awaitable.hpp>

#include <memory>

namespace gateway::sessions {

// Serves one peer until the session ends. Never throws.
boost::asio::awaitable<void> serve_xproto(runtime& gateway, std::unique_ptr<net::stream> connection,
                                          config::start start);

} // namespace gateway::sessions
