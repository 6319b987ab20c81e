// Prometheus' text exposition format, version 0.0.4. The table below is the list of what the daemon publishes.
#include "gateway/metrics/metrics.hpp"

#include <array>
#include <cassert>
#include <charconv>
#include <concepts>
#include <string_view>
#include <variant>

namespace gateway::metrics {
namespace {

using field = std::variant<counter daemon::*, gauge daemon::*, histogram daemon::*, by_protocol<counter> daemon::*,
                           by_protocol<by_side<counter>> daemon::*, by_protocol<by_side<gauge>> daemon::*,
                           by_refusal<counter> daemon::*, std::atomic<std::uint64_t> daemon::*>;

struct row {
    std::string_view name; // without the prefix isthmus_
    std::string_view type;
    field value;
    std::string_view help;
};

constexpr std::array rows{
    row{"sessions_total", "counter", &daemon::sessions_total, "Sessions begun."},
    row{"sessions_open", "gauge", &daemon::sessions_open, "Sessions open now."},
    row{"sessions_refused_total", "counter", &daemon::sessions_refused,
        "Connections turned away because a limit on sessions was reached."},
    row{"session_errors_total", "counter", &daemon::session_errors,
        "Sessions ended by a protocol error, a timeout or a broken connection."},
    row{"tls_handshakes_total", "counter", &daemon::tls_handshakes, "TLS handshakes completed."},
    row{"tls_failures_total", "counter", &daemon::tls_failures, "TLS handshakes failed."},
    row{"messages_accepted_total", "counter", &daemon::messages_accepted,
        "Messages taken on: written to disk and acknowledged."},
    row{"messages_rejected_total", "counter", &daemon::messages_rejected, "Messages refused for good."},
    row{"messages_put_off_total", "counter", &daemon::messages_put_off,
        "Messages refused for now (4xx): no space, too busy, or not committed."},
    row{"recipients_rejected_total", "counter", &daemon::recipients_rejected, "Recipients refused in session."},
    row{"octets_accepted_total", "counter", &daemon::octets_accepted, "Octets of the messages accepted."},
    row{"octets_refused_unsent_total", "counter", &daemon::octets_refused_unsent,
        "Octets that were announced and refused before they travelled."},
    row{"octets_not_needed_total", "counter", &daemon::octets_not_needed,
        "Octets that were here already, and did not have to travel again."},
    row{"octets_discarded_total", "counter", &daemon::octets_discarded,
        "Octets that arrived when what they belong to had been refused."},
    row{"refusals_total", "counter", &daemon::messages_refused, "Peers, messages and recipients refused, by reason."},
    row{"already_have_total", "counter", &daemon::already_have,
        "Repeats of messages already owned, answered without taking them again."},
    row{"recipients_delivered_total", "counter", &daemon::recipients_delivered, "Recipients that the next hop took."},
    row{"recipients_deferred_total", "counter", &daemon::recipients_deferred,
        "Attempts, by recipient, that the next hop put off or that failed for now."},
    row{"recipients_failed_total", "counter", &daemon::recipients_failed, "Recipients that failed for good."},
    row{"recipients_expired_total", "counter", &daemon::recipients_expired,
        "Recipients given up because the message stayed too long in the queue."},
    row{"octets_delivered_total", "counter", &daemon::octets_delivered, "Octets of the messages delivered."},
    row{"maybe_duplicates_total", "counter", &daemon::maybe_duplicates,
        "Messages whose last answer was lost, so that trying again may deliver them twice."},
    row{"reports_sent_total", "counter", &daemon::reports_sent, "Failure and delay reports made for senders."},
    row{"delivery_seconds", "histogram", &daemon::delivery_seconds, "From acceptance to delivery."},
    row{"queue_messages", "gauge", &daemon::queue_messages, "Messages in the queue."},
    row{"queue_octets", "gauge", &daemon::queue_octets, "Octets of the messages in the queue."},
    row{"queue_deferred_messages", "gauge", &daemon::queue_deferred, "Messages that wait for their next attempt."},
    row{"queue_oldest_seconds", "gauge", &daemon::queue_oldest_seconds, "Age of the oldest message in the queue."},
    row{"commit_messages", "histogram", &daemon::commit_messages, "Messages that shared one sync of the disk."},
    row{"commit_seconds", "histogram", &daemon::commit_seconds, "Time that a commit to disk took."},
    row{"commit_failures_total", "counter", &daemon::commit_failures, "Commits that failed; their mail was put off."},
    row{"spool_free_octets", "gauge", &daemon::spool_free_octets, "Free space on the spool's file system."},
    row{"spool_octets", "gauge", &daemon::spool_octets, "Octets that the spool occupies."},
    row{"certificate_expires_seconds", "gauge", &daemon::certificate_expires_seconds,
        "When the host's certificate expires, in seconds since 1970."},
    row{"healthy", "gauge", &daemon::healthy, "1 while mail is taken, 0 while it is put off."},
    row{"start_time_seconds", "gauge", &daemon::started_seconds, "When the daemon started, Unix time."},
    row{"reloads_total", "counter", &daemon::reloads, "Configurations read again and put to use."},
    row{"list_fetches_total", "counter", &daemon::list_fetches, "Times that a list was asked for by HTTPS."},
    row{"list_fetch_failures_total", "counter", &daemon::list_fetch_failures,
        "Of these, those that brought neither a list nor the news that it has not changed."},
    row{"lists_stale", "gauge", &daemon::lists_stale,
        "Lists by HTTPS that are too old to be used, or were never fetched."},
    row{"log_lines_lost_total", "counter", &daemon::log_lines_lost, "Log lines that could not be written."},
};

template <std::integral Number> std::string digits(Number value)
{
    return std::to_string(value);
}

// The shortest text without an exponent that reads back as the same number: 0.0005.
std::string digits(double value)
{
    std::array<char, 384> text; // the largest double has 309 digits
    return {text.data(), std::to_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed).ptr};
}

// One sample: isthmus_NAME{labels} value
void put(std::string& out, std::string_view name, std::string_view labels, const std::string& value)
{
    out.append("isthmus_").append(name);
    if (!labels.empty()) out.append("{").append(labels).append("}");
    out.append(" ").append(value).append("\n");
}

// Label values are written by this file only, but for the version.
std::string label(std::string_view key, std::string_view value)
{
    auto out = std::string(key) + "=\"";
    for (const char c : value) {
        if (c == '"' || c == '\\') out += '\\';
        if (c == '\n')
            out += "\\n";
        else
            out += c;
    }
    return out + '"';
}

std::string of(protocol p)
{
    return label("protocol", p == protocol::smtp ? "smtp" : "xproto");
}
std::string of(protocol p, side s)
{
    return of(p) + "," + label("side", s == side::server ? "server" : "client");
}

std::string_view to_text(refusal why)
{
    constexpr std::array<std::string_view, refusals> names{"certificate", "peer",   "list",  "encryption", "size",
                                                           "syntax",      "option", "trace", "sender",     "recipient",
                                                           "media_type",  "field",  "other"};
    return names[static_cast<std::size_t>(why)];
}

struct renderer {
    std::string& out;
    std::string_view name;

    void operator()(const counter& c) { put(out, name, "", digits(c.value())); }
    void operator()(const gauge& g) { put(out, name, "", digits(g.value())); }
    void operator()(const std::atomic<std::uint64_t>& n) { put(out, name, "", digits(n.load())); }
    void operator()(const by_protocol<counter>& c)
    {
        for (const auto p : {protocol::smtp, protocol::xproto}) put(out, name, of(p), digits(c[p].value()));
    }
    void operator()(const by_refusal<counter>& v)
    {
        for (const auto p : {protocol::smtp, protocol::xproto})
            for (std::size_t i = 0; i < refusals; ++i) {
                const auto why = static_cast<refusal>(i);
                put(out, name, of(p) + "," + label("reason", to_text(why)), digits(v[why][p].value()));
            }
    }
    template <class T> void operator()(const by_protocol<by_side<T>>& v)
    {
        for (const auto p : {protocol::smtp, protocol::xproto})
            for (const auto s : {side::server, side::client}) put(out, name, of(p, s), digits(v[p][s].value()));
    }
    void operator()(const histogram& h)
    {
        std::uint64_t below = 0;
        for (std::size_t i = 0; i <= h.size(); ++i) {
            below += h.count(i);
            put(out, std::string(name) + "_bucket", label("le", i == h.size() ? "+Inf" : digits(h.bound(i))),
                digits(below));
        }
        put(out, std::string(name) + "_sum", "", digits(h.sum()));
        put(out, std::string(name) + "_count", "", digits(below));
    }
};

void describe(std::string& out, std::string_view name, std::string_view type, std::string_view help)
{
    out.append("# HELP isthmus_").append(name).append(" ").append(help).append("\n");
    out.append("# TYPE isthmus_").append(name).append(" ").append(type).append("\n");
}

} // namespace

histogram::histogram(std::initializer_list<double> bounds)
{
    assert(bounds.size() <= max_bounds);
    for (const double b : bounds) {
        assert(size_ == 0 || b > bounds_[size_ - 1]);
        bounds_[size_++] = b;
    }
}

void histogram::observe(double value)
{
    std::size_t i = 0;
    while (i < size_ && value > bounds_[i]) ++i;
    counts_[i].add();
    sum_.store(sum() + value, std::memory_order_relaxed);
}

std::uint64_t histogram::total() const
{
    std::uint64_t all = 0;
    for (std::size_t i = 0; i <= size_; ++i) all += count(i);
    return all;
}

std::string prometheus_text(const daemon& values, const std::string& version)
{
    std::string out;
    out.reserve(16 * 1024);
    describe(out, "build_info", "gauge", "Always 1; the version is its label.");
    put(out, "build_info", label("version", version), "1");
    for (const auto& r : rows) {
        describe(out, r.name, r.type, r.help);
        std::visit([&](auto member) { renderer{out, r.name}(values.*member); }, r.value);
    }
    return out;
}

} // namespace gateway::metrics
