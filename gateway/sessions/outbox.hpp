// Octets on their way out of a full-duplex session: the session's side adds without waiting, a writer coroutine sends
// whatever has gathered in one go.
#pragma once

#include "gateway/net/stream.hpp"
#include "gateway/net/wakeup.hpp"

#include <functional>
#include <string>
#include <utility>

namespace gateway::sessions {

class outbox {
  public:
    outbox(net::stream& to, const boost::asio::any_io_executor& executor) : to_(to), added_(executor), sent_(executor)
    {
    }

    void add(std::string octets)
    {
        if (gathered_.empty())
            gathered_ = std::move(octets);
        else
            gathered_ += octets;
        added_.notify();
    }
    // Behind all that was added, with its first octet as urgent data. Nothing may be added until it was answered.
    void add_urgent(std::string octets)
    {
        urgent_ = std::move(octets);
        added_.notify();
    }
    // Octets that have not been given to the connection yet.
    std::size_t size() const { return gathered_.size() + under_way_; }
    bool failed() const { return failed_; }
    // Called after each write that the connection took.
    void on_sent(std::function<void()> handler) { handler_ = std::move(handler); }
    // No more is added: send() ends when all is sent.
    void close()
    {
        closed_ = true;
        added_.notify();
    }

    // The writer. Ends after close(), or when the connection fails.
    boost::asio::awaitable<void> send()
    {
        std::string sending;
        while (!failed_) {
            if (gathered_.empty() && !urgent_.empty()) {
                const auto line = std::exchange(urgent_, {});
                const auto error = co_await to_.write_urgent(line);
                failed_ = static_cast<bool>(error);
                sent_.notify();
                continue;
            }
            if (gathered_.empty()) {
                if (closed_) break;
                co_await added_.wait();
                continue;
            }
            sending.swap(gathered_);
            gathered_.clear();
            under_way_ = sending.size();
            const auto error = co_await to_.write(sending);
            under_way_ = 0;
            failed_ = static_cast<bool>(error);
            sent_.notify();
            if (handler_ && !failed_) handler_();
        }
        ended_ = true;
        handler_ = nullptr; // it may own us
        sent_.notify();
    }
    // Waits until no more than `octets` are left, or send() has ended.
    boost::asio::awaitable<void> drained(std::size_t octets)
    {
        while (size() > octets && !ended_ && !failed_) co_await sent_.wait();
    }
    boost::asio::awaitable<void> ended()
    {
        while (!ended_) co_await sent_.wait();
    }

  private:
    net::stream& to_;
    net::wakeup added_, sent_;
    std::function<void()> handler_;
    std::string gathered_, urgent_;
    std::size_t under_way_ = 0;
    bool closed_ = false, failed_ = false, ended_ = false;
};

} // namespace gateway::sessions
