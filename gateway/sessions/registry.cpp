// The live sessions.
#include "gateway/sessions/registry.hpp"

namespace gateway::sessions {

void registry::drain_all()
{
    // A session that has nothing under way may end, and leave the list, inside drain().
    for (auto it = live_.begin(); it != live_.end();) (it++)->drain();
}

void registry::review_all()
{
    for (auto it = live_.begin(); it != live_.end();) (it++)->review();
}

void registry::abort_all()
{
    for (auto it = live_.begin(); it != live_.end();) (it++)->abort();
}

std::uint64_t registry::from(const std::string& address) const
{
    const auto found = by_address_.find(address);
    return found == by_address_.end() ? 0 : found->second;
}

registry::place::place(registry& owner, metrics::protocol protocol, metrics::side side, std::string address)
    : owner_(owner), open_(owner.counters_.sessions_open[protocol][side]), address_(std::move(address))
{
    owner_.counters_.sessions_total[protocol][side].add();
    open_.add(1);
    if (side == metrics::side::client) address_.clear();
    if (address_.empty()) return;
    ++owner_.total_;
    ++owner_.by_address_[address_];
}

registry::place::~place()
{
    open_.add(-1);
    if (address_.empty()) return;
    --owner_.total_;
    const auto found = owner_.by_address_.find(address_);
    if (--found->second == 0) owner_.by_address_.erase(found);
}

} // namespace gateway::sessions
