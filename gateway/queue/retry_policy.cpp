// The arithmetic of retrying.
#include "gateway/queue/retry_policy.hpp"

#include <algorithm>
#include <cassert>

namespace gateway::queue {

std::int64_t wait_after(const retry_policy& policy, std::uint32_t failures, std::uint32_t chance)
{
    assert(!policy.intervals.empty());
    const auto index = std::min<std::size_t>(failures == 0 ? 0 : failures - 1, policy.intervals.size() - 1);
    const auto interval = std::max<std::int64_t>(policy.intervals[index], 0);
    // Split, so that an interval of years does not overflow: interval * percent / 100 * chance / 2^32.
    const auto most = interval / 100 * policy.jitter_percent + interval % 100 * policy.jitter_percent / 100;
    const auto high = static_cast<std::uint64_t>(most) >> 32;
    const auto low = static_cast<std::uint64_t>(most) & 0xffffffff;
    return interval + static_cast<std::int64_t>(high * chance + (low * chance >> 32));
}

unix_seconds next_attempt(const retry_policy& policy, const message_age& age, std::uint32_t failures, unix_seconds now,
                          std::uint32_t chance)
{
    const auto at = now + wait_after(policy, failures, chance);
    return now < age.expires ? std::min(at, age.expires) : at;
}

milestone reached(const retry_policy& policy, const message_age& age, unix_seconds now)
{
    if (now >= age.expires) return milestone::expired;
    if (now >= next_milestone(policy, age)) return milestone::delay_notice;
    return milestone::none;
}

unix_seconds next_milestone(const retry_policy& policy, const message_age& age)
{
    if (policy.delay_notice <= 0 || age.delay_notice_sent) return age.expires;
    return std::min(age.created + policy.delay_notice, age.expires);
}

} // namespace gateway::queue
