// The live sessions.
#include "gateway/sessions/registry.hpp"

#include <utility>

namespace gateway::sessions {

namespace {

// A review validates a chain of certificates: some tenths of a millisecond.
constexpr std::size_t reviews_a_turn = 16;

} // namespace

void registry::drain_all()
{
    // A session that has nothing under way may end, and leave the list, inside drain().
    for (auto it = live_.begin(); it != live_.end();) (it++)->drain();
}

bool registry::begin_reviews()
{
    ++round_;
    return !std::exchange(reviewing_, true);
}

bool registry::review_some()
{
    const auto is_due = [this] { return !live_.empty() && live_.front().reviewed_ != round_; };
    for (std::size_t i = 0; i < reviews_a_turn && is_due(); ++i) {
        auto& next = live_.front();
        next.reviewed_ = round_;
        live_.splice(live_.end(), live_, live_.begin()); // first: it may leave the list in its review
        next.review();
    }
    reviewing_ = is_due();
    return reviewing_;
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
