// What every resolver has in common.
#include "gateway/net/resolver.hpp"

#include <boost/asio/use_awaitable.hpp>

#include <memory>

namespace gateway::net {

boost::asio::awaitable<dns_answer> ask(resolver& dns, std::string name, dns_type type)
{
    namespace asio = boost::asio;
    auto start = [&dns, &name, type](auto handler) {
        auto kept = std::make_shared<decltype(handler)>(std::move(handler));
        dns.look_up(name, type, [kept](dns_answer answer) { std::move (*kept)(std::move(answer)); });
    };
    auto answer =
        co_await asio::async_initiate<decltype(asio::use_awaitable), void(dns_answer)>(start, asio::use_awaitable);
    co_return answer;
}

std::string txt_text(std::string_view rdata)
{
    std::string text;
    while (!rdata.empty()) {
        const auto size = static_cast<unsigned char>(rdata.front());
        if (size >= rdata.size()) return {};
        text += rdata.substr(1, size);
        rdata.remove_prefix(1 + std::size_t{size});
    }
    return text;
}

std::string_view to_text(dns_answer::outcome value)
{
    switch (value) {
    case dns_answer::outcome::found: return "found";
    case dns_answer::outcome::no_data: return "no_data";
    case dns_answer::outcome::nxdomain: return "nxdomain";
    case dns_answer::outcome::failed: break;
    }
    return "failed";
}

std::string_view to_text(dns_answer::state value)
{
    switch (value) {
    case dns_answer::state::secure: return "secure";
    case dns_answer::state::insecure: return "insecure";
    case dns_answer::state::bogus: break;
    }
    return "bogus";
}

} // namespace gateway::net
