// Opening connections.
#include "gateway/net/dial.hpp"

#include <boost/asio/connect.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace gateway::net {

namespace {

using tcp = asio::ip::tcp;

asio::awaitable<error_code> look_up(tcp::resolver& resolver, std::string host, std::uint16_t port,
                                    std::vector<tcp::endpoint>& found)
{
    error_code ec;
    const auto address = asio::ip::make_address(host, ec);
    if (!ec) {
        found.emplace_back(address, port);
        co_return ec;
    }
    ec = {};
    const auto service = std::to_string(port);
    const auto results = co_await resolver.async_resolve(host, service, tcp::resolver::numeric_service,
                                                         asio::redirect_error(asio::use_awaitable, ec));
    for (const auto& one : results) found.push_back(one.endpoint());
    co_return ec;
}

} // namespace

asio::awaitable<dialled> dial(watchdog& dog, std::string host, std::uint16_t port,
                              std::chrono::steady_clock::duration patience)
{
    const auto executor = co_await asio::this_coro::executor;
    tcp::resolver resolver(executor);
    tcp::socket socket(executor);
    asio::steady_timer limit(executor, patience);
    bool late = false;
    limit.async_wait([&](error_code stopped) {
        if (stopped) return;
        late = true;
        error_code ignored;
        resolver.cancel();
        socket.close(ignored);
    });

    dialled result;
    std::vector<tcp::endpoint> found;
    const auto where = host + ":" + std::to_string(port);
    result.error = co_await look_up(resolver, host, port, found);
    if (result.error) result.what = "look up " + where + ": ";
    for (const auto& endpoint : found) {
        if (late) break;
        result.error = {};
        socket.close(result.error);
        co_await socket.async_connect(endpoint, asio::redirect_error(asio::use_awaitable, result.error));
        if (!result.error) break;
        result.what = "connect to " + where + ": ";
    }
    // The timer's handler refers to this frame: it must have run, or never run.
    if (limit.cancel() == 0 && !late) co_await asio::post(executor, asio::use_awaitable);
    if (late) result.error = asio::error::timed_out;
    if (result.error) {
        if (result.what.empty()) result.what = "connect to " + where + ": ";
        result.what += result.error.message();
        co_return result;
    }
    result.what.clear();
    result.connection = std::make_unique<stream>(std::move(socket), dog);
    co_return result;
}

} // namespace gateway::net
