// How many octets of bodies are in memory, for one writer and for all, and who waits for them to become fewer. Lives on
// the event loop; what is in flight was handed to the commit thread and comes back with its report.
#pragma once

#include "gateway/spool/disk.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

namespace gateway::spool {

struct writer_flow {
    std::uint64_t in_flight = 0;
    std::function<void()> on_drained; // set while the writer waits
};

class traffic {
  public:
    explicit traffic(const disk_limits& limits) : limits_(limits) {}

    void buffered(std::uint64_t octets) { buffered_ += octets; }
    void unbuffered(std::uint64_t octets) { buffered_ -= octets; }
    void departed(std::uint64_t octets) { in_flight_ += octets; }
    void arrived(std::uint64_t octets) { in_flight_ -= octets; }

    std::uint64_t octets() const { return buffered_ + in_flight_; }
    // Should bodies go to disk that could otherwise wait in memory?
    bool heavy() const { return octets() > limits_.memory_octets; }
    // Counts only what is in flight: that becomes fewer by itself, so waiting for it ends.
    bool congested(const writer_flow& one) const
    {
        return one.in_flight > limits_.writer_octets || in_flight_ > limits_.memory_octets;
    }

    void wait(const std::shared_ptr<writer_flow>& one) { waiting_.push_back(one); }
    // Takes out the handlers of those that need not wait any longer.
    std::vector<std::function<void()>> released()
    {
        std::vector<std::function<void()>> handlers;
        std::erase_if(waiting_, [&](const std::weak_ptr<writer_flow>& entry) {
            const auto one = entry.lock();
            if (!one || !one->on_drained) return true;
            if (congested(*one)) return false;
            handlers.push_back(std::move(one->on_drained));
            one->on_drained = nullptr;
            return true;
        });
        return handlers;
    }

  private:
    disk_limits limits_;
    std::uint64_t buffered_ = 0;
    std::uint64_t in_flight_ = 0;
    std::vector<std::weak_ptr<writer_flow>> waiting_;
};

} // namespace gateway::spool
