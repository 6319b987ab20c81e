// Verdicts as notices.
#include "gateway/delivery/hop_notices.hpp"

#include "mapping/status_table.hpp"

#include <algorithm>

namespace gateway::delivery {

namespace {

xproto::word word_of(mapping::verdict::kind outcome)
{
    switch (outcome) {
    case mapping::verdict::kind::delivered: return xproto::word::ok;
    case mapping::verdict::kind::deferred: return xproto::word::tmp;
    case mapping::verdict::kind::rejected: return xproto::word::err;
    }
    return xproto::word::tmp;
}

bool alike(const xproto::hop_notice& a, const xproto::hop_notice& b)
{
    return a.outcome == b.outcome && a.code == b.code && a.text == b.text &&
           a.recipients.size() < xproto::most_noted_recipients;
}

} // namespace

void tell_followers(runtime& gateway, const spool::record& message, const std::vector<std::size_t>& recipients,
                    const std::string& next, const outcome& result)
{
    if (!gateway.traces.is_followed({message.peer_identity, message.message_id})) return;
    std::vector<xproto::hop_notice> notices;
    for (std::size_t i = 0; i < recipients.size(); ++i) {
        auto said = mapping::to_result(result.verdicts[i]);
        xproto::hop_notice one;
        one.message_id = message.message_id;
        one.host = gateway.settings->host;
        one.next = next;
        one.time = gateway.now();
        one.outcome = word_of(result.verdicts[i].outcome);
        one.code = said.code;
        one.text = std::move(said.text);
        auto same = std::find_if(notices.begin(), notices.end(), [&](const auto& other) { return alike(other, one); });
        if (same == notices.end()) same = notices.insert(notices.end(), std::move(one));
        same->recipients.push_back(message.recipients[recipients[i]].number);
    }
    for (const auto& one : notices) gateway.traces.tell(message.peer_identity, one);
}

} // namespace gateway::delivery
