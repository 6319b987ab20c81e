#include "gateway/tools/counting_sink.hpp"

#include "gateway/tools/processes.hpp"
#include "gateway/tools/smtp_counter.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

namespace gateway::tools {

namespace asio = boost::asio;

namespace {

constexpr std::chrono::seconds patience{300};

std::int64_t nanoseconds(std::chrono::steady_clock::time_point t)
{
    return std::chrono::duration_cast<std::chrono::nanoseconds>(t.time_since_epoch()).count();
}

} // namespace

cli::attempt<std::unique_ptr<counting_sink>> counting_sink::open(workbench& bench, const config::endpoint& where,
                                                                 std::uint64_t messages)
{
    boost::system::error_code ec;
    const auto address = asio::ip::make_address(where.host, ec);
    if (ec) return cli::failure{config::to_text(where) + ": wanted an IP address and a port"};
    auto listener = net::listener::open(bench.context(), {address, where.port});
    if (!listener)
        return cli::failure{"cannot listen on " + config::to_text(where) + ": " + listener.error().message()};
    std::unique_ptr<counting_sink> made(new counting_sink(bench, messages));
    made->listener_ = std::move(*listener);
    return {boost::system::in_place_value, std::move(made)};
}

std::string counting_sink::address() const
{
    return net::to_text(listener_->local());
}

void counting_sink::start()
{
    listener_->start([this](asio::ip::tcp::socket socket) {
        auto connection = std::make_unique<net::stream>(std::move(socket), bench_.dog());
        asio::co_spawn(bench_.context(), serve(std::move(connection)), asio::detached);
    });
}

asio::awaitable<void> counting_sink::serve(std::unique_ptr<net::stream> connection)
{
    if (sessions_++ == 0) first_ = std::chrono::steady_clock::now();
    smtp_counter counter;
    std::string replies(smtp_counter::greeting());
    bool last = false; // was the last message wanted in this session?
    for (;;) {
        connection->expires_after(patience);
        net::error_code failed;
        if (!replies.empty()) failed = co_await connection->write(replies);
        replies.clear();
        if (last) bench_.finish();
        if (failed || counter.over()) co_return;
        const auto got = co_await connection->read_some();
        if (got.error || got.eof()) co_return;
        const auto messages = counter.messages();
        const auto octets = counter.octets();
        counter.take(got.octets, replies);
        octets_ += counter.octets() - octets;
        if (counter.messages() == messages) continue;
        const bool before = enough();
        messages_ += counter.messages() - messages;
        last = enough() && !before;
        last_ = std::chrono::steady_clock::now();
    }
}

std::string counting_sink::json() const
{
    const boost::json::object out{{"messages", messages_},         {"octets", octets_},
                                  {"sessions", sessions_},         {"first_ns", nanoseconds(first_)},
                                  {"last_ns", nanoseconds(last_)}, {"cpu_seconds", own_cpu_seconds()}};
    return boost::json::serialize(out);
}

} // namespace gateway::tools
