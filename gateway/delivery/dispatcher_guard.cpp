// Mail for a domain that demands xproto does not leave by SMTP (docs/xproto.md, "Published policy").
#include "gateway/delivery/dispatcher.hpp"

#include "gateway/admission/relay.hpp"
#include "gateway/delivery/job_parts.hpp"
#include "gateway/policy/path_guard.hpp"

namespace gateway::delivery {

std::string dispatcher::recipient_domain(const job& work, std::size_t position) const
{
    const auto& to = work.message->recipients[work.recipients[position]];
    return config::canonical_domain(admission::routing_domain(*gateway_.settings, to.address));
}

// Hands a job to its courier, as far as its recipients' domains let it go that way.
void dispatcher::deliver(job work, const destination& where)
{
    const auto& settings = *gateway_.settings;
    std::set<std::string> domains;
    for (std::size_t i = 0; i < work.recipients.size(); ++i) {
        auto domain = recipient_domain(work, i);
        const auto* route = settings.route_for(domain);
        const bool obeys = route != nullptr && route->policy == config::route_policy::obey;
        if (obeys || where.via == config::route_via::xproto) domains.insert(std::move(domain));
    }
    if (where.via == config::route_via::xproto) {
        gateway_.paths.learn(domains);
        return courier_for(where).deliver(std::move(work));
    }
    if (domains.empty()) return courier_for(where).deliver(std::move(work));
    const auto kept = std::make_shared<job>(std::move(work));
    gateway_.paths.may_use_smtp(domains, [this, kept, where](const policy::path_guard::refusals& refused) {
        deliver_allowed(std::move(*kept), where, refused);
    });
}

void dispatcher::deliver_allowed(job work, const destination& where, const std::map<std::string, std::string>& refused)
{
    std::vector<std::size_t> allowed;
    std::vector<std::string> reasons; // of the others
    for (std::size_t i = 0; i < work.recipients.size(); ++i) {
        const auto why = refused.find(recipient_domain(work, i));
        if (why == refused.end())
            allowed.push_back(i);
        else
            reasons.push_back(why->second);
    }
    if (reasons.empty()) return courier_for(where).deliver(std::move(work));
    const auto hold_back = [&reasons](job held) {
        outcome made;
        for (const auto& why : reasons) made.verdicts.push_back(mapping::verdict::deferred({4, 7, 1}, why));
        held.done(std::move(made));
    };
    if (allowed.empty()) return hold_back(std::move(work));
    auto [now, held] = divide(std::move(work), allowed);
    courier_for(where).deliver(std::move(now));
    hold_back(std::move(held));
}

} // namespace gateway::delivery
