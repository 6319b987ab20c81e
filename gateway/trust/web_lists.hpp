// Lists that are fetched by HTTPS: at start and again from time to time, in the background. What was fetched last stays
// in use, over restarts too, until there is something newer or it is stale.
#pragma once

#include "gateway/config/list_entries.hpp"
#include "gateway/log/logger.hpp"
#include "gateway/metrics/metrics.hpp"
#include "gateway/net/watchdog.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/thread_pool.hpp>

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>

namespace gateway::trust {

struct list_copy;

// Belongs to the thread of the event loop; what is large is read, written and digested in a thread of its own.
class web_lists {
  public:
    using clock = std::function<std::int64_t()>; // Unix time

    // `dog`, `log` and `counters` outlive it.
    web_lists(boost::asio::io_context& context, net::watchdog& dog, log::logger& log, metrics::daemon& counters,
              clock now);
    ~web_lists();
    web_lists(const web_lists&) = delete;
    web_lists& operator=(const web_lists&) = delete;

    // Takes up the lists with url of a configuration. Of each, the copy on the disk is in use when this returns, and
    // the server is asked.
    void use(std::shared_ptr<const config::settings> settings);

    // What is done when the entries of a list are others than before.
    void on_change(std::function<void()> act) { changed_ = std::move(act); }

    struct state {
        const config::list_entries* entries = nullptr; // null: it cannot be asked,
        std::string why;                               // for this reason
    };
    // Of one of the lists of the settings. The entries stay until the next turn of the event loop.
    state find(const config::trust_list& list) const;

  private:
    struct source;
    using shared_source = std::shared_ptr<source>;

    boost::asio::awaitable<void> follow(shared_source mine);
    boost::asio::awaitable<void> fetch(shared_source mine);
    boost::asio::awaitable<std::string> take(shared_source mine, list_copy fresh, bool parse);
    void read_copy(source& mine);
    void failed(source& mine, std::string why);
    void count_stale();
    std::filesystem::path copy_file(const config::trust_list& list) const;
    std::int64_t age(const source& one) const;
    bool is_stale(const source& one) const;

    boost::asio::io_context& context_;
    net::watchdog& dog_;
    log::logger& log_;
    metrics::daemon& counters_;
    clock now_;
    std::function<void()> changed_ = [] {};
    std::shared_ptr<const config::settings> settings_;
    std::map<std::string, shared_source> sources_;
    boost::asio::thread_pool worker_{1}; // last: nothing of it runs when the rest goes
};

} // namespace gateway::trust
