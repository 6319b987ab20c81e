// Brings messages from the spool to their next hops.
#include "gateway/delivery/dispatcher.hpp"

#include "gateway/admission/relay.hpp"
#include "gateway/delivery/hop_notices.hpp"
#include "mapping/header_section.hpp"
#include "mapping/status_table.hpp"
#include "xproto/trace.hpp"

#include <boost/asio/post.hpp>

#include <algorithm>
#include <limits>

namespace gateway::delivery {

namespace {

// Records kept from acceptance to the first attempt.
constexpr std::size_t fresh_limit = 10000;
// When something of our own failed: how soon to try again.
constexpr std::int64_t own_trouble_pause = 60;

bool pending(const spool::recipient& to)
{
    return to.state == spool::recipient_state::pending;
}

metrics::protocol protocol_of(const queue::attempt& tried)
{
    return tried.destination.starts_with("xproto:") ? metrics::protocol::xproto : metrics::protocol::smtp;
}

bool asks_for_success(const spool::recipient& to)
{
    const auto holds = [](std::string_view text, std::string_view word) {
        for (std::size_t i = 0; i + word.size() <= text.size(); ++i)
            if (mapping::same_name(text.substr(i, word.size()), word)) return true;
        return false;
    };
    return std::any_of(to.parameters.begin(), to.parameters.end(),
                       [&](const std::string& p) { return holds(p.substr(0, 7), "NOTIFY=") && holds(p, "SUCCESS"); });
}

} // namespace

dispatcher::dispatcher(runtime& gateway)
    : gateway_(gateway), schedule_(policy(), active_limit), reporter_(gateway),
      live_(std::make_shared<decltype(live_)::element_type>()), timer_(gateway.context),
      chance_(static_cast<std::uint32_t>(std::random_device{}()))
{
    gateway_.accepted = this;
    gateway_.guests = this;
}

dispatcher::~dispatcher() = default;

queue::retry_policy dispatcher::policy() const
{
    const auto& from = gateway_.settings->queue;
    queue::retry_policy made;
    made.intervals.clear();
    for (const auto interval : from.retry) made.intervals.push_back(interval.count());
    made.expire = from.expire.count();
    made.delay_notice = from.delay_notice.count();
    made.destination_pause = std::min<std::int64_t>(made.destination_pause, made.intervals.back());
    return made;
}

void dispatcher::start()
{
    gateway_.spool.for_each([this](const spool::record& message) {
        enlist(message);
        return true;
    });
    keep_sessions();
    kick();
}

void dispatcher::drain()
{
    draining_ = true;
    timer_.cancel();
    for (const auto& [key, one] : couriers_) one->drain();
    for (auto& [host, one] : guests_) one.drain();
}

void dispatcher::reconfigure()
{
    schedule_.set(policy(), active_limit);
    keep_sessions();
    kick();
}

void dispatcher::on_accepted(spool::record accepted)
{
    enlist(accepted);
    if (fresh_.size() < fresh_limit) {
        const auto id = accepted.id;
        fresh_.emplace(id, share(std::move(accepted)));
    }
    kick();
}

// Puts a message's pending recipients into the schedule, a job for each destination.
void dispatcher::enlist(const spool::record& message)
{
    queue::message_age age;
    age.created = message.created;
    age.expires = message.expires;
    age.delay_notice_sent = message.delay_notice_sent;
    std::map<std::string, queue::job> jobs;
    for (const auto& to : message.recipients) {
        if (!pending(to)) continue;
        const auto where = destination_of(to.address);
        // A route that a reload took away: the message waits for one until it expires.
        const auto key = where ? where->key : std::string("none:");
        auto& job = jobs[key];
        if (job.destination.empty()) {
            job.id = message.id;
            job.destination = key;
            job.at_once = where ? at_once(*where) : 1;
            job.when = std::numeric_limits<queue::unix_seconds>::max();
            job.milestone = queue::next_milestone(policy(), age);
            job.held = message.held;
        }
        job.when = std::min(job.when, to.next_attempt);
    }
    for (const auto& [key, job] : jobs) schedule_.add(job);
    if (message.held) note_dead_letter(message);
    if (jobs.empty()) gateway_.spool.settle(message.id);
}

void dispatcher::kick()
{
    if (kicked_ || draining_) return;
    kicked_ = true;
    boost::asio::post(gateway_.context, [this] {
        kicked_ = false;
        work();
    });
}

void dispatcher::work()
{
    if (draining_) return;
    const auto now = gateway_.now();
    for (const auto& late : schedule_.overdue(now)) milestone(late.id);
    for (const auto& next : schedule_.due(now)) attempt(next);
    forget_dead_letters();
    auto next = schedule_.next_event();
    if (!dead_letters_.empty()) next = std::min(next.value_or(now + 3600), dead_letters_.begin()->first);
    if (!next) return;
    if (*next <= now) return kick();
    timer_.expires_after(std::chrono::seconds(std::min<std::int64_t>(*next - now, 3600)));
    timer_.async_wait([this](boost::system::error_code cancelled) {
        if (!cancelled) kick();
    });
}

dispatcher::shared_record dispatcher::load(spool::entry_id id)
{
    if (const auto known = live_->find(id); known != live_->end())
        if (auto message = known->second.lock()) return message;
    auto found = gateway_.spool.find(id);
    if (!found) {
        if (found.error() != spool::errc::not_found)
            gateway_.log.error("message_unreadable", {{"id", id.text()}, {"reason", found.error().message()}});
        return nullptr;
    }
    return share(std::move(*found));
}

dispatcher::shared_record dispatcher::share(spool::record message)
{
    const auto id = message.id;
    std::weak_ptr<decltype(live_)::element_type> index = live_;
    std::weak_ptr<std::set<spool::entry_id>> withdrawn = withdrawn_;
    shared_record shared(new spool::record(std::move(message)), [index, withdrawn, id](const spool::record* gone) {
        if (const auto live = index.lock()) live->erase(id);
        if (const auto all = withdrawn.lock()) all->erase(id);
        delete gone;
    });
    (*live_)[id] = shared;
    return shared;
}

void dispatcher::attempt(const queue::attempt& next)
{
    const auto message = load(next.id);
    fresh_.erase(next.id);
    if (!message || is_withdrawn(next.id)) return schedule_.done(next.id, next.destination);
    job made;
    std::optional<destination> where;
    bool moved = false;
    for (std::size_t i = 0; i < message->recipients.size(); ++i) {
        if (!pending(message->recipients[i])) continue;
        auto to = destination_of(message->recipients[i].address);
        if (!to || to->key != next.destination) {
            moved |= to.has_value();
            continue;
        }
        where = std::move(to);
        made.recipients.push_back(i);
    }
    if (moved) enlist(*message); // the routes have changed since
    if (!where) {
        const auto later = gateway_.now() + own_trouble_pause;
        return next.destination == "none:" && !moved ? schedule_.retry(next.id, next.destination, later)
                                                     : schedule_.done(next.id, next.destination);
    }
    if (where->guest && !has_come(where->host)) {
        gateway_.log.debug("waits_for_session", {{"id", next.id.text()}, {"host", where->host}});
        schedule_.unreachable(next.id, next.destination, gateway_.now(), static_cast<std::uint32_t>(chance_()));
        return;
    }
    made.message = message;
    made.withdrawn = withdrawn_;
    made.done = [this, next, message, recipients = made.recipients, to = where->as_next()](const outcome& result) {
        if (is_withdrawn(next.id)) return settle_withdrawn(next, *message, recipients, result);
        settle(next, message, recipients, result);
        tell_followers(gateway_, *message, recipients, to, result);
    };
    deliver(std::move(made), *where);
}

void dispatcher::settle(const queue::attempt& tried, const shared_record& message,
                        const std::vector<std::size_t>& recipients, const outcome& result)
{
    std::vector<reporter::item> items;
    for (std::size_t i = 0; i < recipients.size(); ++i) {
        const auto& verdict = result.verdicts[i];
        apply(tried, *message, recipients[i], verdict);
        reporter::item item;
        item.recipient = recipients[i];
        item.verdict = verdict;
        if (verdict.outcome == mapping::verdict::kind::rejected) {
            item.action = mapping::report_action::failed;
        } else if (verdict.outcome == mapping::verdict::kind::delivered && !verdict.reports_success &&
                   asks_for_success(message->recipients[recipients[i]])) {
            item.action = mapping::report_action::relayed;
        } else {
            continue;
        }
        items.push_back(std::move(item));
    }
    if (items.empty()) return answer(tried, message, result.unreachable);
    report(tried, message, std::move(items), result.unreachable);
}

// What one verdict means for one recipient: state, log, metrics.
void dispatcher::apply(const queue::attempt& tried, spool::record& message, std::size_t recipient,
                       const mapping::verdict& verdict)
{
    auto& to = message.recipients[recipient];
    auto& counters = gateway_.counters;
    const auto protocol = protocol_of(tried);
    const auto now = gateway_.now();
    ++to.attempts;
    to.last_code = mapping::to_text(verdict.code);
    to.last_text = verdict.text;
    std::string_view event = "delivered";
    auto severity = log::level::info;
    switch (verdict.outcome) {
    case mapping::verdict::kind::delivered:
        to.state = spool::recipient_state::delivered;
        counters.recipients_delivered[protocol].add();
        counters.octets_delivered[protocol].add(message.place.octets());
        counters.delivery_seconds.observe(static_cast<double>(now - message.created));
        break;
    case mapping::verdict::kind::rejected:
        to.state = spool::recipient_state::failed;
        counters.recipients_failed[protocol].add();
        event = "failed";
        severity = log::level::warning;
        break;
    case mapping::verdict::kind::deferred: {
        queue::message_age age;
        age.created = message.created;
        age.expires = message.expires;
        to.next_attempt = queue::next_attempt(policy(), age, to.attempts, now, static_cast<std::uint32_t>(chance_()));
        counters.recipients_deferred[protocol].add();
        event = "deferred";
        break;
    }
    }
    if (verdict.maybe_duplicate) counters.maybe_duplicates[protocol].add();
    if (!gateway_.log.enabled(severity)) return;
    const auto id = message.id.text();
    gateway_.log.event(severity, event,
                       {{"id", id},
                        {"rcpt", to.address},
                        {"via", tried.destination},
                        {"code", to.last_code},
                        {"text", verdict.text},
                        {"detail", verdict.detail},
                        {"attempt", to.attempts},
                        {"maybe_duplicate", verdict.maybe_duplicate}});
}

// A failed recipient is forgotten only when its report is in the spool.
void dispatcher::report(const queue::attempt& tried, const shared_record& message, std::vector<reporter::item> items,
                        bool unreachable)
{
    std::vector<std::size_t> failed;
    for (const auto& item : items)
        if (item.action == mapping::report_action::failed) failed.push_back(item.recipient);
    auto done = [this, tried, message, failed, unreachable](bool stored) {
        for (const auto i : failed) {
            if (stored) continue;
            message->recipients[i].state = spool::recipient_state::pending;
            message->recipients[i].next_attempt = gateway_.now() + own_trouble_pause;
        }
        answer(tried, message, unreachable);
    };
    reporter_.report(message, std::move(items), std::move(done));
}

// Tells spool and schedule what is left of a job.
void dispatcher::answer(const queue::attempt& tried, const shared_record& message, bool unreachable)
{
    if (is_withdrawn(tried.id)) return schedule_.done(tried.id, tried.destination); // while its report was made
    save(*message);
    std::optional<queue::unix_seconds> next;
    for (const auto& to : message->recipients) {
        if (!pending(to)) continue;
        const auto where = destination_of(to.address);
        if ((where ? where->key : "none:") != tried.destination) continue;
        next = next ? std::min(*next, to.next_attempt) : to.next_attempt;
    }
    const auto now = gateway_.now();
    if (!next)
        schedule_.done(tried.id, tried.destination);
    else if (unreachable)
        schedule_.unreachable(tried.id, tried.destination, now, static_cast<std::uint32_t>(chance_()));
    else
        schedule_.retry(tried.id, tried.destination, *next);
    if (message->held) enlist(*message);
    kick();
}

void dispatcher::save(spool::record& message)
{
    const auto& all = message.recipients;
    if (std::none_of(all.begin(), all.end(), pending)) lay_aside(message);
    if (std::any_of(all.begin(), all.end(), pending))
        gateway_.spool.update(message);
    else
        gateway_.spool.settle(message.id);
}

bool dispatcher::retry_now(spool::entry_id id)
{
    const bool found = release(id) || schedule_.retry_now(id, gateway_.now());
    kick();
    return found;
}

std::optional<queue::job_state> dispatcher::state_of(const spool::recipient& to, spool::entry_id id) const
{
    const auto where = destination_of(to.address);
    return schedule_.find(id, where ? where->key : "none:");
}

} // namespace gateway::delivery
