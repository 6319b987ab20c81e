// Ends peers that drip. A deadline that each octet puts off again can be put off forever by one octet at a time; here
// it moves only with progress: a request completed, or octets at a least rate.
#pragma once

#include "gateway/net/stream.hpp"

#include <chrono>
#include <cstdint>

namespace gateway::net {

class pace {
  public:
    // `least_rate`: octets per second, on average over the time allowed, that count as progress; 0: any octet does.
    pace(stream& of, std::uint64_t least_rate) : stream_(of), least_rate_(least_rate) {}

    // Before a read: the peer is to do something of this kind (any number) within `patience`.
    void expect(int kind, std::chrono::seconds patience)
    {
        const auto enough = least_rate_ * static_cast<std::uint64_t>(patience.count());
        if (kind == kind_ && !progress_ && (received_ == 0 || received_ < enough)) return;
        kind_ = kind;
        progress_ = false;
        received_ = 0;
        stream_.expires_after(patience);
    }
    void received(std::size_t octets) { received_ += octets; }
    // The peer has completed something, or had to wait for us.
    void progress() { progress_ = true; }

  private:
    stream& stream_;
    std::uint64_t least_rate_;
    std::uint64_t received_ = 0; // since the deadline was set
    int kind_ = -1;
    bool progress_ = true;
};

} // namespace gateway::net
