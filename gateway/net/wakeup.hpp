// Lets one coroutine sleep until another part of the same thread has something for it. Calls of notify() while it is
// awake are remembered, once.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace gateway::net {

class wakeup {
  public:
    explicit wakeup(const boost::asio::any_io_executor& executor) : timer_(executor)
    {
        timer_.expires_at(boost::asio::steady_timer::time_point::max());
    }

    void notify()
    {
        notified_ = true;
        timer_.cancel();
    }

    boost::asio::awaitable<void> wait()
    {
        boost::system::error_code cancelled;
        if (!notified_) co_await timer_.async_wait(boost::asio::redirect_error(boost::asio::use_awaitable, cancelled));
        notified_ = false;
    }

  private:
    boost::asio::steady_timer timer_;
    bool notified_ = false;
};

} // namespace gateway::net
