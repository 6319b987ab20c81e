// The configuration held against the world: files, certificates, the clock.
#include "gateway/config/check.hpp"

#include "gateway/config/list_entries.hpp"
#include "xproto/certificate_issue.hpp"
#include "xproto/certificate_store.hpp"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <fstream>
#include <iterator>
#include <sys/stat.h>
#include <unistd.h>

namespace gateway::config {
namespace {

constexpr std::uintmax_t max_pem_octets = 1 << 20;
constexpr std::int64_t day = 86'400;
constexpr std::int64_t soon = 30 * day; // a certificate that ends before then wants attention

// "2025-11-22"
std::string date_text(std::int64_t unix_seconds)
{
    namespace chrono = std::chrono;
    const chrono::year_month_day date{chrono::floor<chrono::days>(chrono::sys_seconds{chrono::seconds{unix_seconds}})};
    const auto two = [](unsigned n) { return (n < 10 ? "0" : "") + std::to_string(n); };
    return std::to_string(static_cast<int>(date.year())) + "-" + two(static_cast<unsigned>(date.month())) + "-" +
           two(static_cast<unsigned>(date.day()));
}

class checker {
  public:
    checker(const settings& value, std::int64_t now) : value_(value), now_(now) {}

    problems all()
    {
        state();
        const auto anchors = certificates("tls.ca", value_.tls.ca);
        host_certificate(anchors);
        ca_key(anchors);
        for (std::size_t i = 0; i < value_.peers.size(); ++i)
            peer_ca(value_.peers[i], "peer[" + std::to_string(i + 1) + "]");
        for (std::size_t i = 0; i < value_.routes.size(); ++i) reachable(i);
        for (std::size_t i = 0; i < value_.peers.size(); ++i) called(i);
        for (std::size_t i = 0; i < value_.lists.size(); ++i) entries(i);
        return std::move(found_);
    }

  private:
    using chain = std::vector<xproto::certificate>;

    void report(problem::severity level, const std::string& key, const std::string& what)
    {
        const auto at = value_.places.find(key);
        const auto place = at == value_.places.end() ? position{} : at->second;
        found_.push_back({level, value_.file.string(), place, key, what});
    }
    void wrong(const std::string& key, const std::string& what) { report(problem::severity::error, key, what); }
    void warn(const std::string& key, const std::string& what) { report(problem::severity::warning, key, what); }

    void state()
    {
        const auto& path = value_.state;
        std::error_code error;
        if (!std::filesystem::is_directory(path, error))
            return wrong("state", path.string() + " is no folder; `isthmus init` makes one");
        if (access(path.c_str(), R_OK | W_OK | X_OK) != 0)
            wrong("state", path.string() + " cannot be written to: " + std::strerror(errno));
    }

    // The whole file, or nothing after a report.
    std::optional<std::string> read(const std::string& key, const std::filesystem::path& path)
    {
        std::error_code error;
        const auto size = std::filesystem::file_size(path, error);
        if (error) {
            wrong(key, path.string() + " cannot be read: " + error.message());
            return std::nullopt;
        }
        if (size > max_pem_octets) {
            wrong(key, path.string() + " is too large to be a certificate or key");
            return std::nullopt;
        }
        std::ifstream in(path, std::ios::binary);
        if (!in) {
            wrong(key, path.string() + " cannot be read: " + std::strerror(errno));
            return std::nullopt;
        }
        return std::string(std::istreambuf_iterator<char>(in), {});
    }

    // All certificates of a PEM file; empty after a report.
    chain certificates(const std::string& key, const std::filesystem::path& path)
    {
        const auto text = read(key, path);
        if (!text) return {};
        auto all = xproto::certificate::all_from_pem(*text);
        if (all) return std::move(*all);
        wrong(key, path.string() + ": " + all.error().what);
        return {};
    }

    std::optional<xproto::private_key> private_key(const std::string& key, const std::filesystem::path& path)
    {
        const auto text = read(key, path);
        if (!text) return std::nullopt;
        struct stat facts {};
        if (stat(path.c_str(), &facts) == 0 && (facts.st_mode & (S_IRWXG | S_IRWXO)) != 0)
            warn(key, path.string() + " may be read or changed by others; chmod 600 makes it private");
        auto made = xproto::private_key::from_pem(*text);
        if (made) return std::move(*made);
        wrong(key, path.string() + ": " + made.error().what);
        return std::nullopt;
    }

    // Reports by `level` what is wrong with a certificate's time.
    void in_time(const std::string& key, const std::filesystem::path& path, const xproto::certificate& c,
                 problem::severity level)
    {
        const auto clock = "; the clock says " + date_text(now_) + ", is it right?";
        if (now_ < c.not_before())
            return report(level, key, path.string() + " is valid only from " + date_text(c.not_before()) + clock);
        if (now_ > c.not_after())
            return report(level, key, path.string() + " expired on " + date_text(c.not_after()) + clock);
        if (c.not_after() - now_ < soon) warn(key, path.string() + " expires on " + date_text(c.not_after()));
    }

    void host_certificate(const chain& anchors)
    {
        const auto& path = value_.tls.certificate;
        const auto all = certificates("tls.certificate", path);
        const auto key = private_key("tls.key", value_.tls.key);
        if (all.empty()) return;
        const auto& own = all.front();
        in_time("tls.certificate", path, own, problem::severity::error);
        if (!own.names_host(value_.host))
            wrong("tls.certificate", path.string() + " does not name the host " + value_.host);
        if (key && (own.key() == nullptr || !(*own.key() == key->public_part())))
            wrong("tls.key", value_.tls.key.string() + " is not the key of " + path.string());
        if (anchors.empty() || now_ < own.not_before() || now_ > own.not_after()) return;
        const xproto::certificate_store store(anchors);
        const auto path_found = store.validate(own, {all.begin() + 1, all.end()}, xproto::purpose::host, now_);
        if (!path_found)
            warn("tls.certificate",
                 path.string() + " does not come from tls.ca, so peers that were given that will not believe it: " +
                     path_found.error().what);
    }

    void ca_key(const chain& anchors)
    {
        const auto key = private_key("tls.ca_key", value_.tls.ca_key);
        if (anchors.empty()) return;
        const auto& own = anchors.front();
        in_time("tls.ca", value_.tls.ca, own, problem::severity::error);
        if (key && (own.key() == nullptr || !(*own.key() == key->public_part())))
            wrong("tls.ca_key", value_.tls.ca_key.string() + " is not the key of " + value_.tls.ca.string());
    }

    // By what a peer's certificate can be valid that has no ca of its own.
    void validated_by(const peer& p, const std::string& key)
    {
        std::string ways;
        const auto add = [&](const std::string& name, const std::vector<std::filesystem::path>& files) {
            for (const auto& file : files) ways += (ways.empty() ? "" : ", ") + name + " " + file.string();
        };
        add("trust.trusted_ca", value_.trust.trusted_ca);
        add("trust.known_ca", value_.trust.known_ca);
        const bool dns = access(value_.dns.trust_anchor.c_str(), R_OK) == 0;
        if (dns || !value_.directories.empty()) {
            ways += ways.empty() ? "delegation" : ", or delegation";
            ways += dns ? " in signed DNS" : " in a [[directory]]";
            if (dns && !value_.directories.empty()) ways += " or a [[directory]]";
        }
        if (!ways.empty())
            return report(problem::severity::note, key, p.host + " has no ca, and is validated by " + ways);
        warn(key, "nothing can validate " + p.host +
                      ": it has no ca, there is neither trust.known_ca nor trust.trusted_ca, and without "
                      "dns.trust_anchor (" +
                      value_.dns.trust_anchor.string() + ") and [[directory]] nobody can delegate to it");
    }

    // A peer's CA that is over is that peer's trouble, and does not keep the gateway from running.
    void peer_ca(const peer& p, const std::string& peer_key)
    {
        if (p.ca.empty()) return validated_by(p, peer_key);
        const auto key = peer_key + ".ca";
        const auto anchors = certificates(key, p.ca);
        for (const auto& a : anchors) in_time(key, p.ca, a, problem::severity::warning);
        for (const auto& a : anchors)
            if (!a.is_ca()) return warn(key, p.ca.string() + " is not the certificate of a CA");
    }

    void entries(std::size_t i)
    {
        const auto& list = value_.lists[i];
        const auto name = "list[" + std::to_string(i + 1) + "]";
        if (!list.ca.empty()) certificates(name + ".ca", list.ca);
        if (list.file.empty()) return;
        const list_limits limits{value_.limits.list_octets, value_.limits.list_entries};
        const auto read = list_entries::read(list.by, list.file, limits);
        if (read) return;
        const auto line = read.error().line == 0 ? "" : ":" + std::to_string(read.error().line);
        wrong(name + ".file", list.file.string() + line + ": " + read.error().what);
    }

    // A peer that may send mail in our sessions needs some to send it in.
    void called(std::size_t i)
    {
        const auto& p = value_.peers[i];
        const auto leads = [&](const route& r) {
            return r.via == route_via::xproto && r.session == session_by::us && r.host == p.host;
        };
        if (!p.duplex || std::any_of(value_.routes.begin(), value_.routes.end(), leads)) return;
        warn("peer[" + std::to_string(i + 1) + "].duplex",
             "has no effect: no route leads to " + p.host + ", so that this gateway opens no session to it");
    }

    // The first route that matches wins; one that an earlier route covers is never used.
    void reachable(std::size_t i)
    {
        const auto& mine = value_.routes[i].domain;
        for (std::size_t j = 0; j < i; ++j) {
            if (!matches(value_.routes[j].domain, mine) && value_.routes[j].domain != mine) continue;
            const auto name = "route[" + std::to_string(i + 1) + "].domain";
            return warn(name, "is never used: route[" + std::to_string(j + 1) + "], \"" + value_.routes[j].domain +
                                  "\", comes first");
        }
    }

    const settings& value_;
    std::int64_t now_;
    problems found_;
};

} // namespace

problems check_files(const settings& value, std::int64_t now)
{
    return checker(value, now).all();
}

} // namespace gateway::config
