// What the administration API asks, answered from the daemon's parts.
#include "gateway/daemon/controller.hpp"

#include "gateway/admission/relay.hpp"
#include "gateway/policy/path_guard.hpp"
#include "gateway/site/identity.hpp"
#include "smtp/address.hpp"

#include <unistd.h>

#include <algorithm>

namespace gateway::daemon {

namespace {

constexpr std::size_t most_listed = 1000;

std::string_view to_text(spool::recipient_state state)
{
    switch (state) {
    case spool::recipient_state::pending: return "waiting";
    case spool::recipient_state::delivered: return "delivered";
    case spool::recipient_state::failed: return "failed";
    case spool::recipient_state::expired: return "expired";
    case spool::recipient_state::repeated: return "repeated";
    }
    return "waiting";
}

bool same_text(std::string_view a, std::string_view b)
{
    return config::canonical_domain(a) == config::canonical_domain(b); // ASCII letters without case
}

bool matches(const admin::queue_filter& filter, const spool::record& message)
{
    if (!filter.sender.empty() && !same_text(filter.sender, message.sender)) return false;
    const auto any = [&](const auto& test) {
        return std::any_of(message.recipients.begin(), message.recipients.end(), test);
    };
    if (!filter.recipient.empty() && !any([&](const auto& to) { return same_text(filter.recipient, to.address); }))
        return false;
    return filter.domain.empty() || any([&](const auto& to) {
               const auto at = to.address.rfind('@');
               return at != std::string::npos && same_text(filter.domain, to.address.substr(at + 1));
           });
}

} // namespace

controller::controller(runtime& gateway, delivery::dispatcher& deliveries, std::string version,
                       std::function<reload_outcome()> reload)
    : gateway_(gateway), deliveries_(deliveries), version_(std::move(version)), reload_(std::move(reload)),
      started_(gateway.now())
{
    gateway_.counters.started_seconds.set(started_);
}

void controller::refresh_gauges()
{
    auto& counters = gateway_.counters;
    const auto usage = gateway_.spool.usage();
    const auto counts = deliveries_.counts();
    counters.queue_messages.set(static_cast<std::int64_t>(usage.messages));
    counters.queue_octets.set(static_cast<std::int64_t>(usage.octets));
    counters.queue_deferred.set(
        static_cast<std::int64_t>(counts.jobs - counts.active - counts.held - deliveries_.due()));
    counters.spool_free_octets.set(static_cast<std::int64_t>(usage.free_octets));
    counters.spool_octets.set(static_cast<std::int64_t>(usage.disk_octets));
    std::int64_t oldest = 0;
    gateway_.spool.for_each([&](const spool::record& first) {
        if (first.held) return true; // a dead letter waits for nobody but the operator
        oldest = std::max<std::int64_t>(0, gateway_.now() - first.created);
        return false;
    });
    counters.queue_oldest_seconds.set(oldest);
    counters.certificate_expires_seconds.set(gateway_.identity->host().not_after());
    counters.healthy.set(health().ok ? 1 : 0);
}

admin::status controller::status()
{
    refresh_gauges();
    const auto& counters = gateway_.counters;
    const auto& settings = *gateway_.settings;
    admin::status made;
    made.version = version_;
    made.pid = ::getpid();
    made.started = started_;
    made.uptime_seconds = gateway_.now() - started_;
    made.site = settings.site;
    made.host = settings.host;
    made.config = settings.file.string();
    made.addresses = addresses_;
    made.certificate_until = gateway_.identity->host().not_after();
    const auto open = [&](metrics::protocol protocol, metrics::side side) {
        return static_cast<std::uint64_t>(counters.sessions_open[protocol][side].value());
    };
    made.sessions.smtp_server = open(metrics::protocol::smtp, metrics::side::server);
    made.sessions.smtp_client = open(metrics::protocol::smtp, metrics::side::client);
    made.sessions.xproto_server = open(metrics::protocol::xproto, metrics::side::server);
    made.sessions.xproto_client = open(metrics::protocol::xproto, metrics::side::client);
    const auto counts = deliveries_.counts();
    made.queue.messages = static_cast<std::uint64_t>(counters.queue_messages.value());
    made.queue.due = deliveries_.due();
    made.queue.active = counts.active;
    made.queue.deferred = static_cast<std::uint64_t>(counters.queue_deferred.value());
    made.queue.octets = static_cast<std::uint64_t>(counters.queue_octets.value());
    made.queue.oldest_seconds = counters.queue_oldest_seconds.value();
    const auto both = [](const auto& pair) { return pair.smtp.value() + pair.xproto.value(); };
    made.totals["accepted"] = both(counters.messages_accepted);
    made.totals["rejected"] = both(counters.messages_rejected);
    made.totals["put_off"] = both(counters.messages_put_off);
    made.totals["already_have"] = both(counters.already_have);
    made.totals["delivered"] = both(counters.recipients_delivered);
    made.totals["deferred"] = both(counters.recipients_deferred);
    made.totals["failed"] = both(counters.recipients_failed);
    made.totals["octets_refused_unsent"] = both(counters.octets_refused_unsent);
    made.totals["reports"] = counters.reports_sent.value();
    made.health = health();
    return made;
}

admin::health controller::health()
{
    admin::health made;
    const auto spool = gateway_.spool.health();
    made.ok = spool.state == spool::health_report::condition::ok;
    if (!made.ok) made.problems.push_back("spool: " + spool.text);
    return made;
}

std::string controller::metrics()
{
    refresh_gauges();
    return metrics::prometheus_text(gateway_.counters, version_);
}

admin::queued_message controller::describe(const spool::record& message) const
{
    admin::queued_message made;
    made.id = message.id.text();
    made.xproto_id = message.message_id;
    made.sender = message.sender;
    made.accepted = message.created;
    made.expires = message.expires;
    made.held = message.held;
    made.protocol = message.reception.protocol;
    made.peer = message.reception.peer;
    made.envelope_octets = message.place.envelope_octets;
    made.headers_octets = message.place.headers_octets;
    made.body_octets = message.place.body_octets;
    for (const auto& to : message.recipients) {
        admin::queued_recipient entry;
        entry.number = to.number;
        entry.address = to.address;
        entry.state = to_text(to.state);
        entry.attempts = to.attempts;
        entry.last_code = to.last_code;
        entry.last_text = to.last_text;
        if (to.state == spool::recipient_state::pending && !message.held) {
            const auto state = deliveries_.state_of(to, message.id);
            entry.next_attempt = state ? state->when : to.next_attempt;
            if (state && state->state == queue::job_state::kind::active) entry.state = "active";
            const auto host = deliveries_.awaited_host(to);
            if (!host.empty()) {
                entry.next_attempt = 0; // nobody knows
                entry.last_text = "waits until " + host + " opens a session";
            }
        }
        made.recipients.push_back(std::move(entry));
    }
    return made;
}

std::vector<admin::queued_message> controller::queue_list(const admin::queue_filter& filter)
{
    std::vector<admin::queued_message> found;
    const auto after = spool::entry_id::parse(filter.after).value_or(spool::entry_id());
    const auto most = std::min(filter.limit, most_listed);
    const auto visit = [&](const spool::record& message) {
        if (matches(filter, message)) found.push_back(describe(message));
        return found.size() < most;
    };
    if (most > 0) gateway_.spool.for_each(visit, after);
    return found;
}

std::optional<admin::queued_message> controller::queue_show(std::string_view id)
{
    const auto parsed = spool::entry_id::parse(id);
    if (!parsed) return std::nullopt;
    const auto found = gateway_.spool.find(*parsed);
    if (!found) return std::nullopt;
    return describe(*found);
}

boost::system::result<std::string> controller::queue_read(std::string_view id, admin::object which,
                                                          std::uint64_t offset, std::size_t octets)
{
    const auto parsed = spool::entry_id::parse(id);
    if (!parsed) return make_error_code(spool::errc::not_found);
    const auto message = gateway_.spool.find(*parsed);
    if (!message) return message.error();
    const auto reader = gateway_.spool.open(*message);
    if (!reader) return reader.error();
    if (which == admin::object::body) {
        if (offset >= message->place.body_octets) return std::string();
        const auto piece = (*reader)->body(offset);
        if (!piece) return piece.error();
        return std::string(piece->substr(0, octets));
    }
    auto whole = which == admin::object::envelope ? (*reader)->envelope() : (*reader)->headers();
    if (!whole) return whole.error();
    return offset >= whole->size() ? std::string() : whole->substr(offset, octets);
}

std::uint64_t controller::for_each_id(std::optional<std::string_view> id,
                                      const std::function<bool(spool::entry_id)>& act)
{
    if (id) {
        const auto parsed = spool::entry_id::parse(*id);
        return parsed && act(*parsed) ? 1 : 0;
    }
    std::vector<spool::entry_id> all;
    gateway_.spool.for_each([&](const spool::record& message) {
        all.push_back(message.id);
        return true;
    });
    std::uint64_t count = 0;
    for (const auto one : all) count += act(one) ? 1 : 0;
    return count;
}

std::vector<admin::pinned_domain> controller::pins()
{
    std::vector<admin::pinned_domain> all;
    for (const auto& [domain, pin] : gateway_.paths.remembered().all())
        if (pin.until > gateway_.now()) all.push_back({domain, pin.until, pin.secure});
    return all;
}

bool controller::pin_delete(std::string_view domain)
{
    return gateway_.paths.forget(config::canonical_domain(domain));
}

std::uint64_t controller::queue_retry(std::optional<std::string_view> id)
{
    return for_each_id(id, [this](spool::entry_id one) { return deliveries_.retry_now(one); });
}

std::uint64_t controller::queue_delete(std::optional<std::string_view> id)
{
    return for_each_id(id, [this](spool::entry_id one) { return deliveries_.forget(one); });
}

admin::control::probe_outcome controller::traceroute_send(const std::string& address, std::uint32_t hops)
{
    const auto& settings = *gateway_.settings;
    if (!smtp::parse_mailbox(address)) return {{}, address + " is no address that mail can have"};
    const auto* route = settings.route_for(admission::routing_domain(settings, address));
    if (route == nullptr) return {{}, "there is no route for " + address};
    if (route->via != config::route_via::xproto)
        return {{},
                settings.host + " itself hands this mail to SMTP, at " + config::to_text(route->to) +
                    ": nobody can follow it there"};
    return {gateway_.probes.send(gateway_, address, hops), {}};
}

std::optional<admin::traceroute_step> controller::traceroute_show(std::string_view id)
{
    const auto* probe = gateway_.probes.find(id);
    if (probe == nullptr) return std::nullopt;
    using kind = admin::traceroute_step::kind;
    admin::traceroute_step made;
    made.failure = probe->failure;
    if (!probe->failure.empty()) made.state = kind::failed;
    if (probe->back)
        made.milliseconds = std::chrono::duration_cast<std::chrono::milliseconds>(*probe->back - probe->sent).count();
    if (!probe->answer) return made;
    made.state = kind::answered;
    made.hop = probe->answer->hop;
    made.host = probe->answer->host;
    made.next = probe->answer->next;
    made.arrival = probe->answer->arrival;
    return made;
}

} // namespace gateway::daemon
