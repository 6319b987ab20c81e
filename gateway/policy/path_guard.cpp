// A pin decides at once; without one the DNS is asked.
#include "gateway/policy/path_guard.hpp"

#include <algorithm>

namespace gateway::policy {

namespace {

constexpr std::int64_t silence = 60;   // after a failure, mail does not wait for the DNS
constexpr std::int64_t a_while = 3600; // how often learn() asks about a domain
constexpr std::size_t most_learnt = 10'000;

std::string refusal(const std::string& domain)
{
    return domain + " takes mail by xproto only, and no route leads there by xproto";
}

} // namespace

struct path_guard::inquiry {
    refusals refused;
    std::size_t open = 1; // questions, and the asking of them
    std::function<void(refusals)> done;

    void end_one()
    {
        if (--open == 0) done(std::move(refused));
    }
};

// A domain literal has no policy; nor has a name that the DNS could not hold.
bool path_guard::can_be_asked(const std::string& domain) const
{
    return !domain.empty() && domain.front() != '[' && domain.find('.') != domain.npos;
}

void path_guard::may_use_smtp(const std::set<std::string>& domains, std::function<void(refusals)> done)
{
    const auto all = std::make_shared<inquiry>();
    all->done = std::move(done);
    for (const auto& domain : domains) {
        if (pins_.find(domain, now_()) != nullptr) {
            all->refused[domain] = refusal(domain);
            log_.warning("downgrade_refused", {{"domain", domain}, {"by", "pin"}});
            // The policy may have been lifted, or extended: ask, for the next attempt.
            learn({domain});
            continue;
        }
        if (!can_be_asked(domain) || now_() < silent_until_) continue;
        ++all->open;
        dns_.look_up(policy_name(domain), net::dns_type::txt, [this, all, domain](const net::dns_answer& answer) {
            auto why = judge(domain, answer);
            if (!why.empty()) {
                log_.warning("downgrade_refused",
                             {{"domain", domain}, {"by", "policy"}, {"dnssec", net::to_text(answer.dnssec)}});
                all->refused[domain] = std::move(why);
            }
            all->end_one();
        });
    }
    all->end_one();
}

void path_guard::learn(const std::set<std::string>& domains)
{
    for (const auto& domain : domains) {
        auto& asked = learnt_[domain];
        if (!can_be_asked(domain) || now_() < silent_until_ || now_() < asked + a_while) continue;
        asked = now_();
        dns_.look_up(policy_name(domain), net::dns_type::txt,
                     [this, domain](const net::dns_answer& answer) { judge(domain, answer); });
    }
    if (learnt_.size() > most_learnt) learnt_.clear();
}

// Why mail may not go there by SMTP; empty: it may.
std::string path_guard::judge(const std::string& domain, const net::dns_answer& answer)
{
    if (answer.dnssec == net::dns_answer::state::bogus) {
        log_.warning("policy_bogus", {{"domain", domain}, {"reason", answer.why}});
        return "what " + domain + " publishes about its mail cannot be believed now";
    }
    if (!answer.definite()) {
        log_.info("policy_unknown", {{"domain", domain}, {"reason", answer.why}});
        silent_until_ = now_() + silence;
        return {};
    }
    const auto found = read_policy(answer);
    if (!found) return {};
    switch (found->what) {
    case published_policy::mode::enforce: remember(domain, *found, answer.secure()); return refusal(domain);
    case published_policy::mode::testing: log_.info("downgrade_testing", {{"domain", domain}}); break;
    case published_policy::mode::none: break;
    }
    // Only what is signed lifts a pin: anybody could say that there is no policy any more.
    if (answer.secure()) forget(domain);
    return {};
}

void path_guard::remember(const std::string& domain, const published_policy& found, bool secure)
{
    const bool known = pins_.find(domain, now_()) != nullptr;
    const auto age = secure ? found.max_age : std::min(found.max_age, longest_unsigned_age);
    const auto failed = pins_.put(domain, {now_() + age.count(), secure}, now_());
    if (!failed.empty()) return log_.error("pin_not_kept", {{"domain", domain}, {"reason", failed}});
    if (!known) log_.info("pinned", {{"domain", domain}, {"max_age", age.count()}, {"secure", secure}});
}

bool path_guard::forget(const std::string& domain)
{
    if (pins_.find(domain, now_()) == nullptr) return false;
    const auto failed = pins_.remove(domain);
    if (!failed.empty()) log_.error("pin_not_kept", {{"domain", domain}, {"reason", failed}});
    log_.info("unpinned", {{"domain", domain}});
    return true;
}

} // namespace gateway::policy
