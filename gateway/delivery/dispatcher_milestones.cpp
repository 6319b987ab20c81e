// What the dispatcher does about the age of a message: the notice of a delay, and the end of its patience.
#include "gateway/delivery/dispatcher.hpp"

#include <algorithm>

namespace gateway::delivery {

namespace {

// When something of our own failed, or an attempt is under way: how soon to look again.
constexpr std::int64_t look_again = 60;

bool pending(const spool::recipient& to)
{
    return to.state == spool::recipient_state::pending;
}

} // namespace

void dispatcher::milestone(spool::entry_id id)
{
    const auto message = load(id);
    if (!message) {
        schedule_.remove(id);
        return;
    }
    const auto now = gateway_.now();
    queue::message_age age;
    age.created = message->created;
    age.expires = message->expires;
    age.delay_notice_sent = message->delay_notice_sent;
    const auto what = queue::reached(policy(), age, now);
    if (what == queue::milestone::expired) return expire(message);
    if (what == queue::milestone::delay_notice) {
        message->delay_notice_sent = age.delay_notice_sent = true;
        std::vector<reporter::item> items;
        for (std::size_t i = 0; i < message->recipients.size(); ++i) {
            const auto& to = message->recipients[i];
            if (!pending(to)) continue;
            reporter::item item;
            item.recipient = i;
            item.action = mapping::report_action::delayed;
            item.verdict = mapping::verdict::deferred({4, 4, 7}, to.last_text.empty() ? "still waiting" : to.last_text);
            items.push_back(std::move(item));
        }
        reporter_.report(message, std::move(items), [this, message](bool) { save(*message); });
    }
    schedule_.set_milestone(id, queue::next_milestone(policy(), age));
}

void dispatcher::expire(const shared_record& message)
{
    const auto id = message->id;
    // An attempt under way may still succeed: wait for its outcome.
    for (const auto& to : message->recipients) {
        if (!pending(to)) continue;
        const auto state = state_of(to, id);
        if (state && state->state == queue::job_state::kind::active)
            return schedule_.set_milestone(id, gateway_.now() + look_again);
    }
    std::vector<reporter::item> items;
    for (std::size_t i = 0; i < message->recipients.size(); ++i) {
        auto& to = message->recipients[i];
        if (!pending(to)) continue;
        to.state = spool::recipient_state::expired;
        reporter::item item;
        item.recipient = i;
        item.verdict = mapping::verdict::rejected(
            {5, 4, 7}, "delivery time expired" + (to.last_text.empty() ? std::string() : ": " + to.last_text));
        gateway_.counters.recipients_expired.add();
        gateway_.log.warning("expired", {{"id", id.text()}, {"rcpt", to.address}, {"text", item.verdict.text}});
        items.push_back(std::move(item));
    }
    schedule_.remove(id);
    reporter_.report(message, std::move(items), [this, message](bool stored) {
        if (stored) {
            save(*message);
            if (message->held) enlist(*message);
            return;
        }
        for (auto& to : message->recipients)
            if (to.state == spool::recipient_state::expired) to.state = spool::recipient_state::pending;
        enlist(*message);
    });
}

} // namespace gateway::delivery
