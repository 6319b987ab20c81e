// What becomes of mail that cannot be delivered and has no sender to tell, reports above all: RFC 5321 6.1 forbids to
// report about it, so it is laid aside in the queue, held, until an operator retries or deletes it, or its time is
// over.
#include "gateway/delivery/dispatcher.hpp"

#include <algorithm>

namespace gateway::delivery {

namespace {

// More are not kept, so that a flood of them cannot fill the spool: the oldest goes first.
constexpr std::size_t most_dead_letters = 1000;

bool is_undelivered(const spool::recipient& to)
{
    return to.state == spool::recipient_state::failed || to.state == spool::recipient_state::expired;
}

} // namespace

// Nothing happens to messages that have a sender, or were delivered. What failed counts as pending again, with the last
// status beside it.
void dispatcher::lay_aside(spool::record& message)
{
    const auto keep = gateway_.settings->queue.dead_letters.count();
    if (!message.sender.empty() || keep == 0) return;
    for (auto& to : message.recipients) {
        if (!is_undelivered(to)) continue;
        to.state = spool::recipient_state::pending;
        to.next_attempt = 0;
        message.held = true;
        gateway_.log.warning("dead_letter", {{"id", message.id.text()}, {"rcpt", to.address}, {"text", to.last_text}});
    }
    if (message.held) message.expires = gateway_.now() + keep;
}

// By an operator: the message is delivered like any other again, for as long as a new one. False: it was not held.
bool dispatcher::release(spool::entry_id id)
{
    const auto is_this = [id](const auto& row) { return row.second == id; };
    const auto found = std::find_if(dead_letters_.begin(), dead_letters_.end(), is_this);
    if (found == dead_letters_.end()) return false;
    const auto message = load(id);
    dead_letters_.erase(found);
    if (!message) return false;
    message->held = false;
    message->expires = gateway_.now() + gateway_.settings->queue.expire.count();
    gateway_.spool.update(*message);
    schedule_.release(id);
    enlist(*message);
    schedule_.retry_now(id, gateway_.now());
    return true;
}

void dispatcher::note_dead_letter(const spool::record& message)
{
    const auto [begin, end] = dead_letters_.equal_range(message.expires);
    const auto is_this = [&](const auto& row) { return row.second == message.id; };
    if (std::none_of(begin, end, is_this)) dead_letters_.emplace(message.expires, message.id);
}

void dispatcher::forget_dead_letters()
{
    const auto now = gateway_.now();
    while (!dead_letters_.empty() &&
           (dead_letters_.begin()->first <= now || dead_letters_.size() > most_dead_letters)) {
        const auto oldest = dead_letters_.begin();
        if (!forget(oldest->second)) dead_letters_.erase(oldest);
    }
}

} // namespace gateway::delivery
