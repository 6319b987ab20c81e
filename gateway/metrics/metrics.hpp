// What the daemon counts, for Prometheus and for the status page. Plain members, made once in main and passed down; the
// table in metrics.cpp gives each its public name, help and labels.
//
// Each counter is written by one thread only (the event loop, or the commit thread where the comment says so) and may
// be read from any: that keeps an increment as cheap as that of a plain integer.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <string>

namespace gateway::metrics {

enum class protocol { smtp, xproto };
enum class side { server, client };

// Only grows.
class counter {
  public:
    void add(std::uint64_t n = 1) { value_.store(value() + n, std::memory_order_relaxed); }
    std::uint64_t value() const { return value_.load(std::memory_order_relaxed); }

  private:
    std::atomic<std::uint64_t> value_{0};
};

class gauge {
  public:
    void set(std::int64_t v) { value_.store(v, std::memory_order_relaxed); }
    void add(std::int64_t n = 1) { set(value() + n); }
    std::int64_t value() const { return value_.load(std::memory_order_relaxed); }

  private:
    std::atomic<std::int64_t> value_{0};
};

// Counts observations by size class. Bounds are given by the table that renders it, ascending.
class histogram {
  public:
    static constexpr std::size_t max_bounds = 12;

    explicit histogram(std::initializer_list<double> bounds);
    void observe(double value);

    std::size_t size() const { return size_; } // number of bounds
    double bound(std::size_t i) const { return bounds_[i]; }
    std::uint64_t count(std::size_t i) const { return counts_[i].value(); } // of bound i alone; i == size(): above all
    std::uint64_t total() const;
    double sum() const { return sum_.load(std::memory_order_relaxed); }

  private:
    std::array<double, max_bounds> bounds_{};
    std::array<counter, max_bounds + 1> counts_;
    std::atomic<double> sum_{0};
    std::size_t size_ = 0;
};

template <class T> struct by_protocol {
    T smtp, xproto;

    T& operator[](protocol p) { return p == protocol::smtp ? smtp : xproto; }
    const T& operator[](protocol p) const { return p == protocol::smtp ? smtp : xproto; }
};

template <class T> struct by_side {
    T server, client;

    T& operator[](side s) { return s == side::server ? server : client; }
    const T& operator[](side s) const { return s == side::server ? server : client; }
};

// Why mail was refused before or while it travelled. In the order in which it can be found out.
enum class refusal {
    certificate, // the host's: invalid, or of another host
    peer,        // who may not, from where it may not
    list,        // a third party's, or the operator's
    encryption,  // less than is wanted
    size,
    syntax, // of an object
    option, // an extension or parameter that is not wanted, or not known and critical
    trace,
    sender,
    recipient,
    media_type,
    field, // the subject, or another
    other,
};
inline constexpr std::size_t refusals = static_cast<std::size_t>(refusal::other) + 1;

template <class T> struct by_refusal {
    std::array<by_protocol<T>, refusals> all;

    by_protocol<T>& operator[](refusal why) { return all[static_cast<std::size_t>(why)]; }
    const by_protocol<T>& operator[](refusal why) const { return all[static_cast<std::size_t>(why)]; }
};

struct daemon {
    // Sessions: what is connected, and what became of connections.
    by_protocol<by_side<counter>> sessions_total;
    by_protocol<by_side<gauge>> sessions_open;
    by_protocol<counter> sessions_refused;        // over a limit, before a greeting
    by_protocol<by_side<counter>> session_errors; // ended by a protocol error, a timeout or a broken connection
    by_protocol<by_side<counter>> tls_handshakes;
    by_protocol<by_side<counter>> tls_failures;

    // Messages in: ours from commit on.
    by_protocol<counter> messages_accepted;
    by_protocol<counter> messages_rejected; // refused for good, at any stage
    by_protocol<counter> messages_put_off;  // refused for now (4xx): no space, too busy, not committed
    by_protocol<counter> recipients_rejected;
    by_protocol<counter> octets_accepted;
    by_protocol<counter> octets_refused_unsent; // announced, and refused before they travelled
    by_protocol<counter> octets_not_needed; // of leaves that were here, and of what was here of broken-off transfers
    by_protocol<counter> octets_discarded;  // that travelled for nothing: of objects refused by then
    by_refusal<counter> messages_refused;   // by reason: peers at HELO, messages and recipients after it
    by_protocol<counter> already_have;      // repeats answered from the duplicate memory

    // Messages out, counted by recipient, since each has an outcome of its own.
    by_protocol<counter> recipients_delivered;
    by_protocol<counter> recipients_deferred; // attempts; one recipient may be deferred often
    by_protocol<counter> recipients_failed;   // for good
    by_protocol<counter> octets_delivered;
    by_protocol<counter> maybe_duplicates; // the answer to the last octet was lost
    counter reports_sent;                  // failure and delay reports made here
    counter recipients_expired;
    histogram delivery_seconds{0.01, 0.1, 1, 5, 30, 60, 300, 1800, 7200, 86400}; // from commit to delivery

    // Queue.
    gauge queue_messages;
    gauge queue_octets;
    gauge queue_deferred;
    gauge queue_oldest_seconds;

    // Spool; the first three are written by the commit thread.
    histogram commit_messages{1, 2, 4, 8, 16, 32, 64, 128}; // how many shared one sync
    histogram commit_seconds{0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 2};
    counter commit_failures;
    gauge spool_free_octets;
    gauge spool_octets;

    gauge certificate_expires_seconds;
    gauge healthy;         // 1: taking mail; 0: answering 4xx
    gauge started_seconds; // Unix time
    counter reloads;
    counter list_fetches;                         // lists by HTTPS: asked for, whatever came of it
    counter list_fetch_failures;                  // of these
    gauge lists_stale;                            // lists by HTTPS that cannot be used any more, or not yet
    std::atomic<std::uint64_t> log_lines_lost{0}; // the sink's (log::to_descriptor), from any thread
};

// The whole as Prometheus text (exposition format 0.0.4). `version` is the program's.
std::string prometheus_text(const daemon& values, const std::string& version);

} // namespace gateway::metrics
