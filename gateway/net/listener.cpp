// Listening sockets.
#include "gateway/net/listener.hpp"

namespace gateway::net {

namespace {
constexpr std::chrono::milliseconds pause_when_short{100};
constexpr int backlog = 1024;
} // namespace

listener::listener(asio::io_context& context) : acceptor_(context), pause_(context) {}

boost::system::result<std::unique_ptr<listener>> listener::open(asio::io_context& context,
                                                                const asio::ip::tcp::endpoint& where)
{
    std::unique_ptr<listener> made(new listener(context));
    boost::system::error_code ec;
    auto& acceptor = made->acceptor_;
    acceptor.open(where.protocol(), ec);
    if (!ec) acceptor.set_option(asio::socket_base::reuse_address(true), ec);
    if (!ec && where.address().is_v6()) {
        const bool only_v6 = !where.address().is_unspecified();
        acceptor.set_option(asio::ip::v6_only(only_v6), ec);
    }
    if (!ec) acceptor.bind(where, ec);
    if (!ec) acceptor.listen(backlog, ec);
    if (ec) return ec;
    return made;
}

void listener::start(on_connection handler)
{
    handler_ = std::move(handler);
    accept();
}

void listener::close()
{
    boost::system::error_code ec;
    acceptor_.close(ec);
    pause_.cancel();
}

asio::ip::tcp::endpoint listener::local() const
{
    boost::system::error_code ec;
    return acceptor_.local_endpoint(ec);
}

void listener::accept()
{
    acceptor_.async_accept([this](boost::system::error_code ec, asio::ip::tcp::socket socket) {
        if (ec == asio::error::operation_aborted || !acceptor_.is_open()) return;
        if (!ec) {
            handler_(std::move(socket));
            return accept();
        }
        pause_.expires_after(pause_when_short);
        pause_.async_wait([this](boost::system::error_code stopped) {
            if (!stopped) accept();
        });
    });
}

} // namespace gateway::net
