#include "gateway/tools/processes.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <string>
#include <vector>

namespace gateway::tools {

namespace fs = std::filesystem;

namespace {

std::string read_all(const fs::path& path)
{
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

template <class T> std::optional<T> number(std::string_view digits)
{
    T value{};
    const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (parsed.ec != std::errc{} || parsed.ptr != digits.data() + digits.size()) return std::nullopt;
    return value;
}

double seconds(std::uint64_t ticks)
{
    return static_cast<double>(ticks) / static_cast<double>(::sysconf(_SC_CLK_TCK));
}

std::optional<process_times> times_of(pid_t process)
{
    return parse_stat(read_all("/proc/" + std::to_string(process) + "/stat"));
}

process_cost cost(pid_t process, std::uint64_t ticks)
{
    const auto status = read_all("/proc/" + std::to_string(process) + "/status");
    return {seconds(ticks), parse_memory(status, "VmHWM"), parse_memory(status, "VmRSS")};
}

} // namespace

std::optional<process_times> parse_stat(std::string_view line)
{
    // pid (comm) state ppid pgrp session tty_nr tpgid flags minflt cminflt majflt cmajflt utime stime cutime cstime
    constexpr std::size_t wanted = 15;
    const auto name_end = line.rfind(')');
    if (name_end == line.npos) return std::nullopt;
    auto rest = line.substr(name_end + 1);
    std::array<std::string_view, wanted> fields; // from the state on
    for (auto& field : fields) {
        const auto begin = rest.find_first_not_of(" \n");
        if (begin == rest.npos) return std::nullopt;
        rest.remove_prefix(begin);
        field = rest.substr(0, rest.find_first_of(" \n"));
        rest.remove_prefix(field.size());
    }
    const auto parent = number<pid_t>(fields[1]);
    const auto user = number<std::uint64_t>(fields[11]), system = number<std::uint64_t>(fields[12]);
    const auto user_ended = number<std::uint64_t>(fields[13]), system_ended = number<std::uint64_t>(fields[14]);
    if (!parent || !user || !system || !user_ended || !system_ended) return std::nullopt;
    return process_times{*parent, *user + *system, *user_ended + *system_ended};
}

std::uint64_t parse_memory(std::string_view status, std::string_view name)
{
    const auto at = status.find(std::string(name) + ":");
    if (at == status.npos) return 0;
    auto value = status.substr(at + name.size() + 1);
    value.remove_prefix(std::min(value.find_first_not_of(" \t"), value.size()));
    return number<std::uint64_t>(value.substr(0, value.find(' '))).value_or(0) * 1024;
}

std::optional<process_cost> cost_of(pid_t process)
{
    const auto times = times_of(process);
    if (!times) return std::nullopt;
    return cost(process, times->own);
}

std::optional<process_cost> cost_of_tree(pid_t root)
{
    std::map<pid_t, process_times> all;
    std::error_code ec;
    for (const auto& entry : fs::directory_iterator("/proc", ec)) {
        const auto process = number<pid_t>(entry.path().filename().string());
        if (!process) continue;
        if (const auto times = times_of(*process)) all.emplace(*process, *times);
    }
    if (all.count(root) == 0) return std::nullopt;
    process_cost sum;
    std::vector<pid_t> open{root};
    while (!open.empty()) {
        const auto process = open.back();
        open.pop_back();
        const auto& times = all[process];
        const auto one = cost(process, times.own + times.children);
        sum.cpu_seconds += one.cpu_seconds;
        sum.peak_rss += one.peak_rss;
        sum.rss += one.rss;
        for (const auto& [child, its] : all)
            if (its.parent == process) open.push_back(child);
    }
    return sum;
}

double own_cpu_seconds()
{
    rusage used{};
    ::getrusage(RUSAGE_SELF, &used);
    const auto in_seconds = [](const timeval& t) {
        return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
    };
    return in_seconds(used.ru_utime) + in_seconds(used.ru_stime);
}

} // namespace gateway::tools
