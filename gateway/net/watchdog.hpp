// Deadlines for many connections at the price of one timer. A connection that must do something by a certain time says
// so here; a tick each quarter second ends what is over its time. Deadlines are therefore late by up to one tick, which
// no mail protocol minds, and setting one costs nothing.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/intrusive/list.hpp>

#include <chrono>

namespace gateway::net {

class watchdog;

// Whatever can be over its time. Leaves the watchdog's list by itself when it is destroyed.
class watched : public boost::intrusive::list_base_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
  public:
    using clock = std::chrono::steady_clock;

    void expires_after(clock::duration wait) { deadline_ = clock::now() + wait; }
    void expires_never() { deadline_ = clock::time_point::max(); }

  protected:
    explicit watched(watchdog& dog);
    virtual ~watched() = default;

  private:
    friend class watchdog;
    virtual void on_expired() = 0;

    clock::time_point deadline_ = clock::time_point::max();
};

class watchdog {
  public:
    explicit watchdog(boost::asio::io_context& context);
    watchdog(const watchdog&) = delete;
    watchdog& operator=(const watchdog&) = delete;

    // No further ticks; what is watched then is not ended any more.
    void stop();

  private:
    friend class watched;
    using list = boost::intrusive::list<watched, boost::intrusive::constant_time_size<false>>;

    void tick();

    boost::asio::steady_timer timer_;
    list watched_;
};

} // namespace gateway::net
