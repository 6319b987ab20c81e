#include "gateway/tools/later_hops.hpp"

#include "xproto/trace.hpp"

namespace gateway::tools {

void later_hops::expect(const parcel& sent, const std::vector<xproto::recipient_answer>& refused)
{
    std::set<std::uint32_t> numbers;
    for (const auto& to : sent.recipients) numbers.insert(to.number);
    for (const auto& one : refused)
        if (!one.accepted) numbers.erase(one.number);
    if (!numbers.empty()) under_way_[sent.id] = std::move(numbers);
}

void later_hops::hear(const xproto::hop_notice& what)
{
    const auto found = under_way_.find(what.message_id);
    if (found == under_way_.end()) return;
    const bool by_smtp = what.next.starts_with(xproto::smtp_next) && what.outcome == xproto::word::ok;
    if (!by_smtp && what.outcome != xproto::word::err) return;
    for (const auto number : what.recipients) found->second.erase(number);
    if (found->second.empty() || what.recipients.empty()) under_way_.erase(found);
}

} // namespace gateway::tools
