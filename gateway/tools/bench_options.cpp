#include "gateway/tools/bench_options.hpp"

#include "gateway/config/quantity.hpp"

#include <CLI/CLI.hpp>

namespace gateway::tools {

namespace {

constexpr std::uint64_t most_messages = 100'000'000;
constexpr std::uint64_t largest_message = std::uint64_t{1} << 30;
constexpr std::uint32_t most_sessions = 10'000;

} // namespace

std::chrono::milliseconds bench_amount::limit() const
{
    return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::duration<double>(seconds));
}

void add_amount_options(CLI::App& command, bench_amount& into)
{
    command.add_option("--messages", into.messages, "how many")
        ->check(CLI::Range(std::uint64_t{1}, most_messages))
        ->capture_default_str();
    command
        .add_option_function<std::string>(
            "--size",
            [&into](const std::string& text) {
                const auto octets = config::octets_from_text(text);
                if (!octets || *octets > largest_message)
                    throw CLI::ValidationError("--size", "wanted a size such as 1024, 10kB or 5MiB; found " + text);
                into.octets = *octets;
            },
            "the size of each message, with its header")
        ->default_str("1024")
        ->type_name("OCTETS");
    command.add_option("--sessions", into.sessions, "sessions at once")
        ->check(CLI::Range(std::uint32_t{1}, most_sessions))
        ->capture_default_str();
    command.add_option("--seconds", into.seconds, "give up after so long")
        ->check(CLI::PositiveNumber)
        ->capture_default_str();
}

} // namespace gateway::tools
