// Facts as people read them.
#include "gateway/cli/text.hpp"

#include "gateway/admin/json.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <unistd.h>

namespace gateway::cli {
namespace {

// Columns that UTF-8 text takes, near enough: one for each character.
std::size_t width(std::string_view text)
{
    return static_cast<std::size_t>(
        std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

// Does a character that a terminal must not be given begin here? How many octets it has.
std::size_t harmful(std::string_view text)
{
    const auto at = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0; };
    if (at(0) < 0x20 || at(0) == 0x7f) return 1;
    if (at(0) == 0xc2 && at(1) >= 0x80 && at(1) < 0xa0) return 2; // C1 controls
    const bool general =
        at(0) == 0xe2 && at(1) == 0x80 && (at(2) == 0x8e || at(2) == 0x8f || (at(2) >= 0xa8 && at(2) <= 0xae));
    const bool isolate = at(0) == 0xe2 && at(1) == 0x81 && at(2) >= 0xa6 && at(2) <= 0xa9;
    return general || isolate ? 3 : 0; // line separators and direction marks
}

} // namespace

std::string printable(std::string_view text)
{
    const auto utf8 = admin::shown_text(text);
    std::string out;
    for (std::string_view rest = utf8; !rest.empty();) {
        const auto bad = harmful(rest);
        out += bad == 0 ? rest.front() : '?';
        rest.remove_prefix(std::max<std::size_t>(bad, 1));
    }
    return out;
}

std::string age_text(std::int64_t seconds)
{
    constexpr std::array units{std::pair{86'400, "d"}, std::pair{3600, "h"}, std::pair{60, "m"}, std::pair{1, "s"}};
    if (seconds < 0) return "-" + age_text(-seconds);
    std::string out;
    for (std::size_t i = 0; i < units.size(); ++i) {
        const auto [length, name] = units[i];
        const auto n = seconds / length;
        seconds %= length;
        if (n == 0 && out.empty() && length > 1) continue;
        const bool second = !out.empty();
        if (second && n == 0) return out;
        out += (second ? " " : "") + std::to_string(n) + name;
        if (second) return out;
    }
    return out;
}

std::string size_text(std::uint64_t octets)
{
    constexpr std::array units{"KiB", "MiB", "GiB", "TiB"};
    if (octets < 1024) return std::to_string(octets) + " B";
    auto value = static_cast<double>(octets) / 1024;
    std::size_t unit = 0;
    while (value >= 1024 && unit + 1 < units.size()) {
        value /= 1024;
        ++unit;
    }
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), "%.1f %s", value, units[unit]);
    return text.data();
}

std::string time_text(std::int64_t unix_seconds)
{
    namespace chrono = std::chrono;
    const chrono::sys_seconds when{chrono::seconds{unix_seconds}};
    const auto midnight = chrono::floor<chrono::days>(when);
    const chrono::year_month_day date{midnight};
    const chrono::hh_mm_ss time{when - midnight};
    std::array<char, 64> text{};
    std::snprintf(text.data(), text.size(), "%04d-%02u-%02u %02d:%02d:%02d UTC", static_cast<int>(date.year()),
                  static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                  static_cast<int>(time.hours().count()), static_cast<int>(time.minutes().count()),
                  static_cast<int>(time.seconds().count()));
    return text.data();
}

std::string count_text(std::uint64_t n, std::string_view one, std::string_view many)
{
    return std::to_string(n) + " " + std::string(n == 1 ? one : many);
}

std::string columns(const std::vector<std::vector<std::string>>& rows)
{
    std::vector<std::size_t> widths;
    for (const auto& row : rows) {
        widths.resize(std::max(widths.size(), row.size()));
        for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], width(row[i]));
    }
    std::string out;
    for (const auto& row : rows) {
        for (std::size_t i = 0; i < row.size(); ++i) {
            out += row[i];
            if (i + 1 < row.size()) out.append(widths[i] - width(row[i]) + 2, ' ');
        }
        out += '\n';
    }
    return out;
}

bool is_terminal(int descriptor)
{
    return ::isatty(descriptor) == 1;
}

} // namespace gateway::cli
