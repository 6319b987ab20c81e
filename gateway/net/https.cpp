// Octets between a connection and the reader of its answer.
#include "gateway/net/https.hpp"

#include "gateway/net/dial.hpp"

namespace gateway::net {

namespace {

using clock = std::chrono::steady_clock;

// What is read of the answer, or why no more can be.
asio::awaitable<std::string> read_answer(stream& connection, http_answer_reader& reader)
{
    for (bool whole = false; !whole;) {
        const auto got = co_await connection.read_some();
        if (got.error) co_return "read: " + got.error.message();
        if (got.eof()) {
            reader.put_end();
            break;
        }
        whole = reader.put(got.octets);
    }
    co_return std::string();
}

} // namespace

asio::awaitable<http_answer> https_get(watchdog& dog, tls_context context, https_request wanted)
{
    const auto deadline = clock::now() + wanted.patience;
    const auto host = wanted.host;
    auto dialled = co_await dial(dog, host, wanted.port, wanted.patience);
    if (!dialled.connection) co_return http_answer::failure(dialled.what);
    auto& connection = *dialled.connection;
    connection.expires_after(deadline - clock::now());
    const auto refused = co_await connection.connect_tls(context, host);
    if (refused)
        co_return http_answer::failure("TLS: " +
                                       (refused == asio::error::timed_out || connection.tls().verify_text.empty()
                                            ? refused.message()
                                            : connection.tls().verify_text));
    const auto request = http_get_request(host, wanted.port, wanted.target, wanted.known);
    const auto broken = co_await connection.write(request);
    if (broken) co_return http_answer::failure("write: " + broken.message());
    http_answer_reader reader(wanted.most_octets, !wanted.known.empty());
    auto why = co_await read_answer(connection, reader);
    connection.close();
    if (!why.empty()) co_return http_answer::failure(std::move(why));
    co_return reader.take();
}

} // namespace gateway::net
