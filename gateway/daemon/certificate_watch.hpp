// Looks at the files of certificates and keys every few seconds, and says when they have changed; so new ones are in
// use without SIGHUP. Also says, day by day, that the host's certificate comes to its end.
#pragma once

#include "gateway/config/settings.hpp"
#include "gateway/log/logger.hpp"
#include "gateway/site/identity.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <vector>

namespace gateway::daemon {

// The files that the site's identity is read from.
std::vector<std::filesystem::path> certificate_files(const config::settings& settings);

class certificate_watch {
  public:
    struct hooks {
        std::function<const config::settings&()> settings;
        // The files are others, and have been for one look: two that belong together are not used half.
        std::function<void()> changed;
        std::function<void()> next_day;
    };
    static constexpr std::chrono::seconds pause{3};

    certificate_watch(boost::asio::io_context& context, hooks wanted) : timer_(context), hooks_(std::move(wanted)) {}

    void start();
    // What is there now is in use.
    void settle() { in_use_ = last_ = look(); }

  private:
    struct stamp {
        std::int64_t seconds = 0, nanoseconds = 0, octets = 0;
        std::uint64_t inode = 0;

        bool operator==(const stamp&) const = default;
    };
    using stamps = std::map<std::filesystem::path, std::optional<stamp>>;

    stamps look() const;
    void tick();

    boost::asio::steady_timer timer_;
    hooks hooks_;
    stamps in_use_, last_;
    std::chrono::steady_clock::time_point day_begun_{};
};

// Warns when the host's certificate ends soon.
void tell_of_expiry(log::logger& log, const config::settings& settings, const site::identity& site, std::int64_t now);

} // namespace gateway::daemon
