// The spool's state of health and its sizes: set by the commit thread, read by the event loop. Changes are told to the
// operator once.
#pragma once

#include "gateway/spool/spool.hpp"

#include <atomic>
#include <functional>
#include <mutex>
#include <string>
#include <utility>

namespace gateway::spool {

class condition {
  public:
    condition(poster post, std::function<void(std::string)> notice) : post_(std::move(post)), notice_(std::move(notice))
    {
    }

    health_report health() const
    {
        const std::lock_guard lock(mutex_);
        return health_;
    }

    void set(health_report::condition state, std::string text)
    {
        {
            const std::lock_guard lock(mutex_);
            const bool news = state != health_.state;
            health_ = {state, text};
            if (!news) return;
        }
        tell(state == health_report::condition::ok ? "the spool takes mail again" : std::move(text));
    }

    // To the operator, on the event loop.
    void tell(std::string text) const
    {
        if (notice_) post_([notice = notice_, text = std::move(text)] { notice(text); });
    }

    std::atomic<std::uint64_t> messages{0}, octets{0}, segments{0}, disk_octets{0}, free_octets{0};

  private:
    poster post_;
    std::function<void(std::string)> notice_;
    mutable std::mutex mutex_;
    health_report health_;
};

} // namespace gateway::spool
