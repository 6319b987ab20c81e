// The first who wants a signature puts the end of the batch behind everything else that is ready to run.
#include "gateway/runtime/batch_signer.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <utility>

namespace gateway {

namespace asio = boost::asio;

batch_signer::batch_signer(asio::io_context& context, xproto::private_key key) : context_(context), key_(std::move(key))
{
}

asio::awaitable<xproto::signature> batch_signer::sign(std::string octets)
{
    auto start = [&](auto handler) {
        auto kept = std::make_shared<decltype(handler)>(std::move(handler));
        add(octets, [kept](xproto::signature made) { std::move (*kept)(std::move(made)); });
    };
    using signature = void(xproto::signature);
    auto made = co_await asio::async_initiate<decltype(asio::use_awaitable), signature>(start, asio::use_awaitable);
    co_return made;
}

void batch_signer::add(const std::string& octets, receiver waiting)
{
    if (waiting_.empty()) asio::post(context_, [this] { finish(); });
    batch_.add(octets);
    waiting_.push_back(std::move(waiting));
    if (batch_.is_full()) finish();
}

void batch_signer::finish()
{
    const auto made = batch_.sign(key_);
    const auto waiting = std::exchange(waiting_, {});
    batch_ = {};
    for (std::size_t i = 0; i < waiting.size(); ++i) waiting[i](made[i]);
}

} // namespace gateway
