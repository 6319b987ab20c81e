// Filters made of the configuration.
#include "gateway/admission/filter.hpp"

#include <boost/asio/use_awaitable.hpp>

namespace gateway::admission {

void rule_filter::judge(stage now, const mail_facts& mail, handler done)
{
    const auto settings = settings_();
    done(admission::judge(settings->filters, now, mail));
}

boost::asio::awaitable<ruling> ask(filter& whom, stage now, const mail_facts& mail)
{
    namespace asio = boost::asio;
    auto start = [&whom, now, &mail](auto handler) {
        auto kept = std::make_shared<decltype(handler)>(std::move(handler));
        whom.judge(now, mail, [kept](ruling said) { std::move (*kept)(std::move(said)); });
    };
    auto said = co_await asio::async_initiate<decltype(asio::use_awaitable), void(ruling)>(start, asio::use_awaitable);
    co_return said;
}

} // namespace gateway::admission
