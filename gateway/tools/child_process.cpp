#include "gateway/tools/child_process.hpp"

#include "gateway/tools/processes.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <thread>
#include <utility>

namespace gateway::tools {

namespace {

using clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds poll_interval{5};
constexpr child_process::seconds last_patience{10};

clock::time_point after(child_process::seconds wait)
{
    return clock::now() + std::chrono::duration_cast<clock::duration>(wait);
}

double in_seconds(const timeval& t)
{
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
}

// In the child: only what may be called between fork and exec.
[[noreturn]] void become(char* const* arguments, int output, int error)
{
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    const int null = ::open("/dev/null", O_RDONLY);
    ::dup2(null, STDIN_FILENO);
    ::dup2(output, STDOUT_FILENO);
    ::dup2(error, STDERR_FILENO);
    ::execvp(arguments[0], arguments);
    ::_exit(127);
}

} // namespace

cli::attempt<child_process> child_process::start(const std::vector<std::string>& arguments,
                                                 const std::filesystem::path& standard_error)
{
    std::array<int, 2> pipe{};
    if (::pipe2(pipe.data(), O_CLOEXEC) != 0) return cli::failure{std::string("pipe: ") + std::strerror(errno)};
    const int error = ::open(standard_error.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    if (error < 0) {
        ::close(pipe[0]);
        ::close(pipe[1]);
        return cli::failure{standard_error.string() + ": " + std::strerror(errno)};
    }
    std::vector<std::string> owned = arguments;
    std::vector<char*> words;
    for (auto& one : owned) words.push_back(one.data());
    words.push_back(nullptr);

    child_process made;
    made.pid_ = ::fork();
    if (made.pid_ == 0) become(words.data(), pipe[1], error);
    ::close(pipe[1]);
    ::close(error);
    made.output_ = pipe[0];
    if (made.pid_ < 0) return cli::failure{std::string("fork: ") + std::strerror(errno)};
    return {boost::system::in_place_value, std::move(made)};
}

child_process::child_process(child_process&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)), output_(std::exchange(other.output_, -1)), heard_(std::move(other.heard_)),
      status_(other.status_), cpu_seconds_(other.cpu_seconds_)
{
}

child_process::~child_process()
{
    if (output_ >= 0) ::close(output_);
    if (pid_ < 0 || status_ || stop(last_patience)) return;
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
}

std::optional<std::string> child_process::read_line(seconds patience)
{
    const auto deadline = after(patience);
    for (;;) {
        if (const auto end = heard_.find('\n'); end != heard_.npos) {
            auto line = heard_.substr(0, end);
            heard_.erase(0, end + 1);
            return line;
        }
        const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - clock::now()).count();
        if (left <= 0) return std::nullopt;
        pollfd ready{output_, POLLIN, 0};
        if (::poll(&ready, 1, static_cast<int>(left)) <= 0) continue;
        std::array<char, 4096> piece{};
        const auto got = ::read(output_, piece.data(), piece.size());
        if (got == 0 || (got < 0 && errno != EINTR)) return std::nullopt;
        if (got > 0) heard_.append(piece.data(), static_cast<std::size_t>(got));
    }
}

std::optional<int> child_process::wait(seconds patience)
{
    const auto deadline = after(patience);
    while (!status_) {
        int raw = 0;
        rusage used{};
        if (::wait4(pid_, &raw, WNOHANG, &used) == pid_) {
            status_ = WIFEXITED(raw) ? WEXITSTATUS(raw) : 128 + WTERMSIG(raw);
            cpu_seconds_ = in_seconds(used.ru_utime) + in_seconds(used.ru_stime);
            break;
        }
        if (clock::now() >= deadline) break;
        std::this_thread::sleep_for(poll_interval);
    }
    return status_;
}

std::optional<int> child_process::stop(seconds patience)
{
    if (!status_) ::kill(pid_, SIGTERM);
    return wait(patience);
}

double child_process::cpu_seconds() const
{
    if (status_) return cpu_seconds_;
    const auto cost = cost_of(pid_);
    return cost ? cost->cpu_seconds : 0;
}

std::string own_program()
{
    std::error_code ec;
    const auto path = std::filesystem::read_symlink("/proc/self/exe", ec);
    return ec ? "/proc/self/exe" : path.string();
}

} // namespace gateway::tools
