// Listening sockets. A listener accepts for as long as it lives and hands each connection on; when the process is short
// of descriptors it waits a moment instead of spinning.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/system/result.hpp>

#include <functional>
#include <memory>
#include <string>

namespace gateway::net {

namespace asio = boost::asio;

class listener {
  public:
    using on_connection = std::function<void(asio::ip::tcp::socket)>;

    // Binds at once; accepts from start() on. Errors: the system's (address in use, permission denied...).
    static boost::system::result<std::unique_ptr<listener>> open(asio::io_context& context,
                                                                 const asio::ip::tcp::endpoint& where);
    void start(on_connection handler);
    // No further connections; those handed on live their own lives.
    void close();
    asio::ip::tcp::endpoint local() const;

  private:
    explicit listener(asio::io_context& context);
    void accept();

    asio::ip::tcp::acceptor acceptor_;
    asio::steady_timer pause_;
    on_connection handler_;
};

} // namespace gateway::net
