// Durations and sizes as people write them: "5m", "1h 30m" is not accepted, "50MiB". Each form is read and written
// here.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace gateway::config {

inline constexpr std::uint64_t longest_duration = 100ull * 366 * 86'400; // seconds: a hundred years

// A whole number and a unit: s, m, h, d or w. Without a unit: seconds. At most longest_duration.
std::optional<std::chrono::seconds> duration_from_text(std::string_view text);
// The largest unit that divides it: 3600 s is "1h", 90 s is "90s".
std::string to_text(std::chrono::seconds value);

// A whole number and a unit: B, KiB, MiB, GiB, TiB (powers of 1024) or kB, MB, GB, TB (powers of 1000). Without a unit:
// octets. At most 2^62.
std::optional<std::uint64_t> octets_from_text(std::string_view text);
// The largest binary unit that divides it: 65536 is "64KiB".
std::string octets_to_text(std::uint64_t value);

} // namespace gateway::config
