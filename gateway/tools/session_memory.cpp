#include "gateway/tools/session_memory.hpp"

#include "gateway/tools/processes.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <array>
#include <cstdio>

namespace gateway::tools {

namespace asio = boost::asio;

namespace {

// Handshakes at once: enough to keep the server at work, and fewer than a listener's backlog.
constexpr std::uint32_t openings = 64;
constexpr std::chrono::milliseconds step{250};
// The server is at rest when its memory and its CPU time have not changed for so many steps.
constexpr int restful_steps = 4;

class measurement {
  public:
    measurement(session_memory_plan plan, std::chrono::milliseconds patience)
        : plan_(std::move(plan)), bench_(patience), timer_(bench_.context())
    {
        plan_.to.on_ready = [this] {
            ++ready_;
            if (clients_.size() < plan_.sessions) open();
        };
        result_.sessions = plan_.sessions;
    }

    cli::attempt<session_memory_result> run()
    {
        asio::co_spawn(bench_.context(), steps(), [this](const std::exception_ptr& bug) {
            if (bug) std::rethrow_exception(bug);
            bench_.finish();
        });
        const auto how = bench_.run();
        if (how == ending::finished && problem_.empty()) return result_;
        if (problem_.empty()) problem_ = how == ending::interrupted ? "interrupted" : "out of time";
        return cli::failure{std::to_string(ready_) + " of " + std::to_string(plan_.sessions) +
                            " sessions were open: " + problem_};
    }

  private:
    void open()
    {
        const auto index = clients_.size();
        const auto client = std::make_shared<xproto_client>(
            bench_, plan_.to, [this, index] { return next(index); },
            [](const parcel&, const xproto::client_session::result&) {});
        clients_.push_back(client);
        asio::co_spawn(bench_.context(), client->run(),
                       [this, client](const std::exception_ptr& bug, const session_report& report) {
                           if (bug) std::rethrow_exception(bug);
                           if (!over_) problem_ = "session: " + report.what;
                       });
    }

    xproto_client::parcel_ptr next(std::size_t index)
    {
        return sending_ ? std::exchange(plan_.parcels[index], nullptr) : nullptr;
    }

    asio::awaitable<void> steps()
    {
        const auto begun = std::chrono::steady_clock::now();
        const auto before = cost_of(plan_.server).value_or(process_cost{});
        result_.before = before.rss;
        while (clients_.size() < std::min(openings, plan_.sessions)) open();
        while (ready_ < plan_.sessions && problem_.empty()) co_await pause();
        const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begun;
        result_.seconds = took.count();
        co_await rest();
        const auto idle = cost_of(plan_.server).value_or(process_cost{});
        result_.idle = idle.rss;
        result_.server_cpu = idle.cpu_seconds - before.cpu_seconds;

        sending_ = true;
        for (const auto& client : clients_) client->look_for_parcels();
        co_await rest();
        result_.busy = cost_of(plan_.server).value_or(process_cost{}).rss;

        over_ = true;
        for (const auto& client : clients_) client->abort();
        co_await rest();
    }

    asio::awaitable<void> pause()
    {
        timer_.expires_after(step);
        co_await timer_.async_wait(asio::use_awaitable);
    }

    asio::awaitable<void> rest()
    {
        auto last = cost_of(plan_.server).value_or(process_cost{});
        for (int quiet = 0; quiet < restful_steps && problem_.empty();) {
            co_await pause();
            const auto now = cost_of(plan_.server).value_or(process_cost{});
            quiet = now.rss == last.rss && now.cpu_seconds - last.cpu_seconds < 0.015 ? quiet + 1 : 0;
            last = now;
        }
    }

    session_memory_plan plan_;
    workbench bench_;
    asio::steady_timer timer_;
    std::vector<std::shared_ptr<xproto_client>> clients_;
    session_memory_result result_;
    std::string problem_;
    std::uint32_t ready_ = 0;
    bool sending_ = false, over_ = false;
};

double mebioctets(std::uint64_t octets)
{
    return static_cast<double>(octets) / (1024 * 1024);
}

double kibioctets_each(std::uint64_t octets, std::uint64_t before, std::uint32_t sessions)
{
    return (static_cast<double>(octets) - static_cast<double>(before)) / 1024 / sessions;
}

} // namespace

boost::json::object session_memory_result::json() const
{
    return {{"sessions", sessions}, {"seconds", seconds}, {"server_cpu_seconds", server_cpu},
            {"rss_before", before}, {"rss_idle", idle},   {"rss_busy", busy}};
}

std::string session_memory_result::text() const
{
    std::array<char, 512> out{};
    std::snprintf(out.data(), out.size(),
                  "%u sessions opened in %.1f s (%.1f s of the server's CPU)\n"
                  "  before  %.1f MiB resident\n"
                  "  idle    %.1f MiB, %.1f KiB a session\n"
                  "  busy    %.1f MiB, %.1f KiB a session, each with half a message here",
                  sessions, seconds, server_cpu, mebioctets(before), mebioctets(idle),
                  kibioctets_each(idle, before, sessions), mebioctets(busy), kibioctets_each(busy, before, sessions));
    return out.data();
}

cli::attempt<session_memory_result> measure_sessions(session_memory_plan plan, std::chrono::milliseconds patience)
{
    return measurement(std::move(plan), patience).run();
}

} // namespace gateway::tools
