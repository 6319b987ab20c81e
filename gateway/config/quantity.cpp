// Durations and sizes: a whole number and a unit.
#include "gateway/config/quantity.hpp"

#include <array>
#include <charconv>
#include <span>

namespace gateway::config {
namespace {

struct unit {
    std::string_view name;
    std::uint64_t factor;
};

// The first without a name is what a bare number means.
constexpr std::array durations{unit{"", 1},     unit{"s", 1},      unit{"m", 60},
                               unit{"h", 3600}, unit{"d", 86'400}, unit{"w", 604'800}};
constexpr std::array sizes{unit{"", 1},
                           unit{"B", 1},
                           unit{"KiB", 1ull << 10},
                           unit{"MiB", 1ull << 20},
                           unit{"GiB", 1ull << 30},
                           unit{"TiB", 1ull << 40},
                           unit{"kB", 1'000},
                           unit{"MB", 1'000'000},
                           unit{"GB", 1'000'000'000},
                           unit{"TB", 1'000'000'000'000}};

constexpr std::uint64_t largest = 1ull << 62;

std::optional<std::uint64_t> read(std::string_view text, std::span<const unit> units, std::uint64_t most)
{
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{}) return std::nullopt;
    const auto name = text.substr(static_cast<std::size_t>(end - text.data()));
    for (const auto& u : units)
        if (u.name == name) return number <= most / u.factor ? std::optional(number * u.factor) : std::nullopt;
    return std::nullopt;
}

std::string write(std::uint64_t value, std::span<const std::string_view> names, std::span<const unit> units)
{
    const unit* best = nullptr;
    for (const auto name : names)
        for (const auto& u : units)
            if (u.name == name && value % u.factor == 0 && (best == nullptr || u.factor > best->factor)) best = &u;
    if (value == 0) best = nullptr;
    const auto factor = best != nullptr ? best->factor : 1;
    return std::to_string(value / factor) + std::string(best != nullptr ? best->name : names.front());
}

} // namespace

std::optional<std::chrono::seconds> duration_from_text(std::string_view text)
{
    const auto value = read(text, durations, longest_duration);
    if (!value) return std::nullopt;
    return std::chrono::seconds(*value);
}

std::string to_text(std::chrono::seconds value)
{
    constexpr std::array<std::string_view, 5> names{"s", "m", "h", "d", "w"};
    return write(static_cast<std::uint64_t>(value.count()), names, durations);
}

std::optional<std::uint64_t> octets_from_text(std::string_view text)
{
    return read(text, sizes, largest);
}

std::string octets_to_text(std::uint64_t value)
{
    constexpr std::array<std::string_view, 5> names{"B", "KiB", "MiB", "GiB", "TiB"};
    return write(value, names, sizes);
}

} // namespace gateway::config
