// Counts what a benchmark allocates, libcrypto's memory included, and reports it with the rates. Replaces operator new:
// to be included by one file of a program.
#pragma once

#include <benchmark/benchmark.h>
#include <openssl/crypto.h>

#include <cstdint>
#include <cstdlib>
#include <new>

namespace allocations {

inline std::uint64_t count = 0; // benchmarks run in one thread

inline void* take(std::size_t size, const char* = nullptr, int = 0)
{
    ++count;
    return std::malloc(size);
}

inline void* change(void* p, std::size_t size, const char*, int)
{
    ++count;
    return std::realloc(p, size);
}

inline void give_back(void* p, const char* = nullptr, int = 0)
{
    std::free(p);
}

// Before libcrypto allocates anything.
inline const bool counts_libcrypto = CRYPTO_set_mem_functions(take, change, give_back) == 1;

// Megabytes and messages a second, allocations a message: of all iterations of `state`, which began at count `before`.
inline void report(benchmark::State& state, std::size_t octets_a_message, std::uint64_t before)
{
    state.SetBytesProcessed(static_cast<std::int64_t>(octets_a_message) * state.iterations());
    state.SetItemsProcessed(state.iterations());
    const auto all = static_cast<double>(count - before);
    state.counters["allocations"] = benchmark::Counter(all, benchmark::Counter::kAvgIterations);
}

} // namespace allocations

// Not inlined: g++ 12 sees malloc() and free() then, and takes them for a mismatch.
[[gnu::noinline]] void* operator new(std::size_t size)
{
    if (void* const p = allocations::take(size)) return p;
    throw std::bad_alloc();
}

[[gnu::noinline]] void operator delete(void* p) noexcept
{
    std::free(p);
}

[[gnu::noinline]] void operator delete(void* p, std::size_t) noexcept
{
    std::free(p);
}
