#include "gateway/tools/load_result.hpp"

#include "gateway/tools/processes.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

namespace gateway::tools {

void load_result::accepted(clock::time_point sent)
{
    ++accepted_;
    const auto waited = std::chrono::duration_cast<std::chrono::microseconds>(clock::now() - sent).count();
    latencies_.push_back(static_cast<std::uint32_t>(std::min<std::int64_t>(waited, UINT32_MAX)));
}

void load_result::refused(const std::string& why)
{
    ++refused_;
    problem(why);
}

void load_result::lost(const std::string& why)
{
    ++lost_;
    problem(why);
}

void load_result::problem(const std::string& what)
{
    if (problem_.empty()) problem_ = what;
}

double load_result::seconds() const
{
    const auto until = end_ == clock::time_point{} ? clock::now() : end_;
    return std::chrono::duration<double>(until - begin_).count();
}

double load_result::latency_ms(double share) const
{
    if (latencies_.empty()) return 0;
    auto sorted = latencies_;
    const auto place = static_cast<std::ptrdiff_t>(share * static_cast<double>(sorted.size() - 1));
    std::nth_element(sorted.begin(), sorted.begin() + place, sorted.end());
    return sorted[static_cast<std::size_t>(place)] / 1000.0;
}

boost::json::object load_result::json() const
{
    const auto rate = seconds() > 0 ? static_cast<double>(accepted_) / seconds() : 0;
    return {{"accepted", accepted_},
            {"refused", refused_},
            {"lost", lost_},
            {"seconds", seconds()},
            {"messages_per_second", rate},
            {"latency_ms", {{"p50", latency_ms(0.5)}, {"p99", latency_ms(0.99)}, {"max", latency_ms(1)}}},
            {"cpu_seconds", own_cpu_seconds()},
            {"problem", problem_}};
}

std::string load_result::text() const
{
    std::array<char, 256> line{};
    const auto rate = seconds() > 0 ? static_cast<double>(accepted_) / seconds() : 0;
    std::snprintf(line.data(), line.size(),
                  "%llu accepted, %llu refused, %llu lost in %.3f s: %.0f messages/s; answer after %.2f ms (median), "
                  "%.2f ms (99 %%); %.2f s of CPU",
                  static_cast<unsigned long long>(accepted_), static_cast<unsigned long long>(refused_),
                  static_cast<unsigned long long>(lost_), seconds(), rate, latency_ms(0.5), latency_ms(0.99),
                  own_cpu_seconds());
    return problem_.empty() ? line.data() : std::string(line.data()) + "\nfirst problem: " + problem_;
}

} // namespace gateway::tools
