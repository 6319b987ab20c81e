// The duplicate memory: which recipients of which message a peer has already given to us, so that a repeat is told from
// a new message. An entry is kept for as long as peers may retry, then forgotten.
#pragma once

#include "gateway/spool/record.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gateway::spool {

// Two texts as one key: different pairs have different keys.
std::string duplicate_key(std::string_view peer_identity, std::string_view message_id);

struct duplicate_entry {
    unix_seconds forgotten_at = 0;
    std::vector<std::string> addresses; // of the recipients we took, as they were addressed

    static constexpr std::size_t most_addresses = 100'000;

    bool operator==(const duplicate_entry&) const = default;
};

std::string encode(const duplicate_entry& value);
std::optional<duplicate_entry> decode_duplicate(std::string_view octets); // nothing: malformed
// Only the time. What is malformed was forgotten long ago.
unix_seconds forgotten_at(std::string_view octets);

// Marks the recipients that `known` has as repeated. Returns whether any new one is left.
bool mark_repeated(std::vector<recipient>& recipients, const std::vector<std::string>& known);
// What to remember after these recipients were taken too. When that would be too much, the earlier ones are forgotten.
duplicate_entry remember(const std::vector<std::string>& known, const std::vector<recipient>& taken,
                         unix_seconds until);

} // namespace gateway::spool
