// What a domain publishes about mail to it (docs/xproto.md, "Published policy"): a TXT record at `_xproto.DOMAIN`.
#pragma once

#include "gateway/net/resolver.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace gateway::policy {

struct published_policy {
    enum class mode {
        enforce, // mail goes by xproto or not at all
        testing, // mail may go by SMTP, and the sender's log says that it should not have
        none,    // there was a policy once; there is none any more
    };
    mode what = mode::none;
    std::chrono::seconds max_age{}; // how long it holds when it cannot be asked for again

    bool operator==(const published_policy&) const = default;
};

inline constexpr std::chrono::seconds longest_age{366 * 86400};
// The longest that one without DNSSEC is remembered.
inline constexpr std::chrono::seconds longest_unsigned_age{7 * 86400};

std::string policy_name(std::string_view domain);
// `v=xproto1; mode=enforce; max_age=604800`: the version first, then fields in any order; unknown ones are passed over.
// Nothing when it is malformed, or a record about something else.
std::optional<published_policy> read_policy(std::string_view text);
// The policy of an answer: nothing when it has none, or more than one.
std::optional<published_policy> read_policy(const net::dns_answer& answer);

} // namespace gateway::policy
