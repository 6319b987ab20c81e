// The log: one line per event, `id=` first, so that a person can grep one message's whole life.
//
//     id=4fa1.2 time=2025-11-22T01:23:45.678Z level=info event=delivered rcpt=bob@edge.example reply="250 2.0.0 ok"
//
// Whatever octets a value holds, a line stays one line and its fields stay its own: control characters, quotes, invalid
// UTF-8 and what looks like a field are quoted and escaped, and long values are cut. So a peer cannot forge a line.
#pragma once

#include <atomic>
#include <concepts>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace gateway::log {

enum class level { error, warning, info, debug };
enum class format { logfmt, json };

std::string_view to_text(level value);
std::optional<level> level_from_text(std::string_view text); // "error", "warning", "info", "debug"
std::string_view to_text(format value);
std::optional<format> format_from_text(std::string_view text); // "logfmt", "json"

// One key and its value: {"octets", 1500}, {"rcpt", address}. Text is not copied: it must outlive the call. Keys are
// the program's own words ([a-z0-9_]), never input.
struct field {
    using value_type = std::variant<std::string_view, std::int64_t, std::uint64_t, bool>;

    std::string_view key;
    value_type value;

    field(std::string_view k, std::string_view v) : key(k), value(v) {}
    field(std::string_view k, const std::string& v) : key(k), value(std::string_view(v)) {}
    field(std::string_view k, const char* v) : key(k), value(std::string_view(v)) {}
    field(std::string_view k, bool v) : key(k), value(v) {}
    template <std::signed_integral T> field(std::string_view k, T v) : key(k), value(std::int64_t{v}) {}
    template <std::unsigned_integral T>
    requires(!std::same_as<T, bool>) field(std::string_view k, T v) : key(k), value(std::uint64_t{v}) {}
};

using fields = std::initializer_list<field>;

inline constexpr std::size_t max_value_octets = 1024; // longer values are cut, and end in "..."

// The line, without its end, for an event at `unix_ms` (milliseconds since 1970, UTC). The field `id`, wherever it
// stands in `what`, comes first; without one, `id=-`. Pure: this is what the tests test.
std::string line(format style, std::int64_t unix_ms, level severity, std::string_view event, fields what);

// Takes complete lines, their line ends included. Called under the logger's lock.
using sink = std::function<void(std::string_view)>;

// Writes each line to a file descriptor by one write(2). A line that cannot be written (a full disk, a broken pipe) is
// dropped and counted in `lost`, when given: mail matters more. The program must ignore SIGPIPE.
sink to_descriptor(int descriptor, std::atomic<std::uint64_t>* lost = nullptr);

// Thread-safe. Made once in main and passed down by reference.
class logger {
  public:
    logger(level most, format style, sink out);
    logger(const logger&) = delete;
    logger& operator=(const logger&) = delete;

    bool enabled(level severity) const { return severity <= most_.load(std::memory_order_relaxed); }

    void event(level severity, std::string_view name, fields what = {})
    {
        if (enabled(severity)) write(severity, name, what);
    }
    void error(std::string_view name, fields what = {}) { event(level::error, name, what); }
    void warning(std::string_view name, fields what = {}) { event(level::warning, name, what); }
    void info(std::string_view name, fields what = {}) { event(level::info, name, what); }
    void debug(std::string_view name, fields what = {}) { event(level::debug, name, what); }

    // For SIGHUP.
    void set(level most, format style);

  private:
    void write(level severity, std::string_view name, fields what);

    std::atomic<level> most_;
    std::atomic<format> style_;
    std::mutex lock_;
    sink out_;
};

} // namespace gateway::log
