// By stat(): the files are few, and any file system has it.
#include "gateway/daemon/certificate_watch.hpp"

#include <sys/stat.h>

namespace gateway::daemon {

constexpr std::int64_t certificate_notice = 30 * 86'400; // seconds before its end

std::vector<std::filesystem::path> certificate_files(const config::settings& settings)
{
    const auto& own = settings.tls;
    std::vector<std::filesystem::path> all{own.certificate, own.key, own.ca, own.ca_key};
    for (const auto& peer : settings.peers)
        if (!peer.ca.empty()) all.push_back(peer.ca);
    for (const auto* some : {&settings.trust.known_ca, &settings.trust.trusted_ca})
        all.insert(all.end(), some->begin(), some->end());
    return all;
}

certificate_watch::stamps certificate_watch::look() const
{
    stamps found;
    for (const auto& path : certificate_files(hooks_.settings())) {
        struct stat facts {};
        auto& one = found[path];
        if (::stat(path.c_str(), &facts) != 0) continue;
        one = stamp{facts.st_mtim.tv_sec, facts.st_mtim.tv_nsec, facts.st_size, facts.st_ino};
    }
    return found;
}

void certificate_watch::start()
{
    settle();
    day_begun_ = std::chrono::steady_clock::now();
    hooks_.next_day();
    tick();
}

void certificate_watch::tick()
{
    timer_.expires_after(pause);
    timer_.async_wait([this](boost::system::error_code ec) {
        if (ec) return;
        auto now = look();
        const bool quiet = now == last_;
        last_ = std::move(now);
        if (quiet && last_ != in_use_) {
            in_use_ = last_; // told once, whatever becomes of it
            hooks_.changed();
        }
        const auto time = std::chrono::steady_clock::now();
        if (time - day_begun_ >= std::chrono::hours(24)) {
            day_begun_ = time;
            hooks_.next_day();
        }
        tick();
    });
}

void tell_of_expiry(log::logger& log, const config::settings& settings, const site::identity& site, std::int64_t now)
{
    const auto left = site.host().not_after() - now;
    if (left >= certificate_notice) return;
    log.warning("certificate_expires", {{"certificate", settings.tls.certificate.string()},
                                        {"days", left < 0 ? 0 : left / 86'400},
                                        {"expired", left < 0 ? "yes" : "no"}});
}

} // namespace gateway::daemon
