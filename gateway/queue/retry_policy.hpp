// When to try again, when to tell the sender that it takes long, and when to give up (RFC 5321 4.5.4.1). Pure: time and
// chance are given to it.
#pragma once

#include <cstdint>
#include <vector>

namespace gateway::queue {

using unix_seconds = std::int64_t;

// All in seconds.
struct retry_policy {
    std::vector<std::int64_t> intervals{60, 300, 900, 3600}; // after the first failure, the second...; the last repeats
    std::int64_t expire = 5 * 86400;                         // age at which a message is given up
    std::int64_t delay_notice = 4 * 3600;                    // age at which the sender is told of the delay; 0: never
    std::int64_t destination_pause = 300; // a destination that cannot be reached is probed at least this often
    std::uint32_t jitter_percent = 10;    // a wait is lengthened by up to this much, so that retries spread

    bool operator==(const retry_policy&) const = default;
};

// What the clock has in store for a message, as its record tells.
struct message_age {
    unix_seconds created = 0;
    unix_seconds expires = 0;
    bool delay_notice_sent = false;
};

// The wait after the `failures`th failure in a row (1, 2, ...). `chance` is any number, evenly distributed over all its
// values. Never less than the interval; never negative.
std::int64_t wait_after(const retry_policy& policy, std::uint32_t failures, std::uint32_t chance);

// The time of the next attempt after the `failures`th failure. Never later than `expires` while that is still to come:
// the last attempt is made then.
unix_seconds next_attempt(const retry_policy& policy, const message_age& age, std::uint32_t failures, unix_seconds now,
                          std::uint32_t chance);

enum class milestone { none, delay_notice, expired };

// What is to be done about the message's age now. Expiry comes before the notice: a message that is given up is not
// announced as late.
milestone reached(const retry_policy& policy, const message_age& age, unix_seconds now);

// When reached() will next say something new: the time of the notice while it is still to be sent, else of the expiry.
unix_seconds next_milestone(const retry_policy& policy, const message_age& age);

} // namespace gateway::queue
