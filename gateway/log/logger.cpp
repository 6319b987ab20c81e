// Where lines go: levels, the lock and the file descriptor.
#include "gateway/log/logger.hpp"

#include <array>
#include <cerrno>
#include <chrono>
#include <unistd.h>
#include <utility>

namespace gateway::log {
namespace {

constexpr std::array<std::string_view, 4> level_names{"error", "warning", "info", "debug"};
constexpr std::array<std::string_view, 2> format_names{"logfmt", "json"};

template <class Enum, std::size_t n>
std::optional<Enum> find(const std::array<std::string_view, n>& names, std::string_view text)
{
    for (std::size_t i = 0; i < n; ++i)
        if (names[i] == text) return static_cast<Enum>(i);
    return std::nullopt;
}

} // namespace

std::string_view to_text(level value)
{
    return level_names[static_cast<std::size_t>(value)];
}
std::optional<level> level_from_text(std::string_view text)
{
    return find<level>(level_names, text);
}
std::string_view to_text(format value)
{
    return format_names[static_cast<std::size_t>(value)];
}
std::optional<format> format_from_text(std::string_view text)
{
    return find<format>(format_names, text);
}

sink to_descriptor(int descriptor, std::atomic<std::uint64_t>* lost)
{
    return [descriptor, lost](std::string_view whole) {
        for (auto rest = whole; !rest.empty();) {
            const auto written = ::write(descriptor, rest.data(), rest.size());
            if (written < 0 && errno == EINTR) continue;
            if (written <= 0) {
                if (lost != nullptr) lost->fetch_add(1, std::memory_order_relaxed);
                return;
            }
            rest.remove_prefix(static_cast<std::size_t>(written));
        }
    };
}

logger::logger(level most, format style, sink out) : most_(most), style_(style), out_(std::move(out)) {}

void logger::set(level most, format style)
{
    most_.store(most, std::memory_order_relaxed);
    style_.store(style, std::memory_order_relaxed);
}

void logger::write(level severity, std::string_view name, fields what)
{
    using namespace std::chrono;
    const auto now = duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count();
    auto text = line(style_.load(std::memory_order_relaxed), now, severity, name, what);
    text += '\n';
    const std::lock_guard<std::mutex> guard(lock_);
    out_(text);
}

} // namespace gateway::log
