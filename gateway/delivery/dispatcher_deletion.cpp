// A message that the operator deletes, perhaps while it is being sent.
#include "gateway/delivery/dispatcher.hpp"

namespace gateway::delivery {

bool dispatcher::forget(spool::entry_id id)
{
    if (!gateway_.spool.find(id)) return false;
    schedule_.remove(id);
    fresh_.erase(id);
    std::erase_if(dead_letters_, [id](const auto& row) { return row.second == id; });
    gateway_.spool.settle(id);
    const bool under_way = live_->contains(id);
    gateway_.log.warning("deleted", {{"id", id.text()}, {"under_way", under_way}});
    if (!under_way) return true;
    withdrawn_->insert(id);
    for (const auto& [key, one] : couriers_) one->withdraw(id);
    for (auto& [host, one] : guests_) one.withdraw(id);
    return true;
}

// Of a message that was deleted meanwhile: what was delivered all the same is told. Nothing is tried again, stored or
// reported.
void dispatcher::settle_withdrawn(const queue::attempt& tried, spool::record& message,
                                  const std::vector<std::size_t>& recipients, const outcome& result)
{
    const auto id = message.id.text();
    for (std::size_t i = 0; i < recipients.size(); ++i) {
        const auto& verdict = result.verdicts[i];
        const bool delivered = verdict.outcome == mapping::verdict::kind::delivered;
        if (delivered) apply(tried, message, recipients[i], verdict);
        gateway_.log.warning("deletion_ended", {{"id", id},
                                                {"rcpt", message.recipients[recipients[i]].address},
                                                {"via", tried.destination},
                                                {"delivered", delivered},
                                                {"not_known", verdict.maybe_duplicate},
                                                {"text", verdict.text}});
    }
    schedule_.done(tried.id, tried.destination);
    kick();
}

} // namespace gateway::delivery
