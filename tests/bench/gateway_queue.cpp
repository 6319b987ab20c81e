// What a job costs in the schedule: time for each operation, and octets of memory, with as many jobs waiting as the
// argument says.
#include "gateway/queue/schedule.hpp"

#include <benchmark/benchmark.h>

#include <malloc.h>

#include <string>

namespace {

using namespace gateway::queue;

constexpr std::uint64_t destinations = 1000;

job numbered(std::uint64_t number)
{
    job j;
    j.id = entry_id(1'700'000'000'000'000 + number);
    j.destination = "smtp:mx" + std::to_string(number % destinations) + ".example:25";
    j.when = static_cast<unix_seconds>(number * 7919 % 3600);
    j.milestone = j.when + 14400;
    return j;
}

void fill(schedule& queue, std::uint64_t jobs)
{
    for (std::uint64_t i = 0; i < jobs; ++i) queue.add(numbered(i));
}

// The allocator's own word; the counter says octets for each job, and the time is that of filling.
void memory(benchmark::State& state)
{
    const auto jobs = static_cast<std::uint64_t>(state.range(0));
    for ([[maybe_unused]] auto each : state) {
        const auto before = mallinfo2();
        schedule queue(retry_policy{}, 1000);
        fill(queue, jobs);
        const auto after = mallinfo2();
        const auto octets = after.uordblks + after.hblkhd - before.uordblks - before.hblkhd;
        state.counters["octets_a_job"] = static_cast<double>(octets) / static_cast<double>(jobs);
    }
    state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(memory)->Arg(1000)->Arg(100'000)->Arg(1'000'000)->Unit(benchmark::kMillisecond);

// A message comes in, is attempted and put off, is attempted again and delivered: among so many others.
void life_of_a_message(benchmark::State& state)
{
    schedule queue(retry_policy{}, 1000);
    fill(queue, static_cast<std::uint64_t>(state.range(0)));
    std::uint64_t number = 1'000'000'000;
    for ([[maybe_unused]] auto each : state) {
        auto j = numbered(++number);
        j.when = -2;
        queue.add(j);
        for (const auto& tried : queue.due(-2)) queue.retry(tried.id, tried.destination, -1);
        benchmark::DoNotOptimize(queue.next_event());
        for (const auto& tried : queue.due(-1)) queue.done(tried.id, tried.destination);
    }
    state.SetItemsProcessed(state.iterations());
}
BENCHMARK(life_of_a_message)->Arg(1000)->Arg(100'000)->Arg(1'000'000);

} // namespace
