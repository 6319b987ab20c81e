// A program run as a child: its first words read, its end waited for, and never left behind.
#pragma once

#include "gateway/cli/common.hpp"

#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace gateway::tools {

class child_process {
  public:
    using seconds = std::chrono::duration<double>;

    // Runs `arguments` (the program's path or name first). What it says on standard output is kept for read_line(),
    // what it says on standard error goes to a file. It dies with this process, whatever happens.
    static cli::attempt<child_process> start(const std::vector<std::string>& arguments,
                                             const std::filesystem::path& standard_error);
    // SIGTERM and, if that does not help in time, SIGKILL.
    ~child_process();
    child_process(child_process&& other) noexcept;
    child_process& operator=(child_process&&) = delete;

    pid_t pid() const { return pid_; }
    // The next line of its standard output. Nothing: it ended, or has not said anything in time.
    std::optional<std::string> read_line(seconds patience);
    // Waits for its end: the exit status as a shell gives it (128 + signal). Nothing: it still runs.
    std::optional<int> wait(seconds patience);
    // SIGTERM, then wait().
    std::optional<int> stop(seconds patience);
    // What it has used, until its end if that has been waited for.
    double cpu_seconds() const;

  private:
    child_process() = default;

    pid_t pid_ = -1;
    int output_ = -1;
    std::string heard_;
    std::optional<int> status_;
    double cpu_seconds_ = 0;
};

// This very program, for children of its own kind.
std::string own_program();

} // namespace gateway::tools
