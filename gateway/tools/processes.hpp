// What processes cost: CPU time and memory, from /proc (proc(5)).
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string_view>

namespace gateway::tools {

struct process_cost {
    double cpu_seconds = 0;     // user and system; in steps of the kernel's clock, usually 10 ms
    std::uint64_t peak_rss = 0; // octets: the most that was resident
    std::uint64_t rss = 0;      // octets: what is
};

// The fields of a /proc/PID/stat line that matter here, in clock ticks.
struct process_times {
    pid_t parent = 0;
    std::uint64_t own = 0;      // of the process: utime and stime
    std::uint64_t children = 0; // of those that have ended and were waited for: cutime and cstime

    bool operator==(const process_times&) const = default;
};
// Nothing when it is no such line. The command's name in it may hold anything, parentheses and spaces too.
std::optional<process_times> parse_stat(std::string_view line);
// A line such as "VmHWM:     5120 kB" of /proc/PID/status, in octets; 0 if there is none.
std::uint64_t parse_memory(std::string_view status, std::string_view name);

// Nothing when there is no such process.
std::optional<process_cost> cost_of(pid_t process);
// Of the process and all its descendants, those included that have ended. The memory is the sum, in which pages that
// processes share count several times.
std::optional<process_cost> cost_of_tree(pid_t root);

// Of this process.
double own_cpu_seconds();

} // namespace gateway::tools
