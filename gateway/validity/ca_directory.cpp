// One memory and one queue of questions before all sources.
#include "gateway/validity/ca_directory.hpp"

#include "gateway/validity/dns_source.hpp"
#include "gateway/validity/ldap_source.hpp"

#include <algorithm>

namespace gateway::validity {

namespace asio = boost::asio;

ca_directory::ca_directory(asio::io_context& context, net::resolver& dns,
                           std::shared_ptr<const config::settings> settings)
    : ca_directory(
          std::move(settings),
          [&context, &dns](const config::settings& now, const config::directory* from) {
              return from == nullptr ? make_dns_source(dns) : make_ldap_source(context, *from, now.timeouts.dns);
          },
          std::chrono::steady_clock::now)
{
}

ca_directory::ca_directory(std::shared_ptr<const config::settings> settings, source_maker make, clock now,
                           const ca_directory_limits& limits)
    : settings_(std::move(settings)), make_(std::move(make)), now_(std::move(now)), limits_(limits),
      remembered_(limits.remembered)
{
}

ca_source* ca_directory::source_for(const std::string& domain)
{
    const auto* const from = settings_->directory_for(domain);
    auto& source = sources_[from == nullptr ? std::string() : from->domain];
    if (!source) source = make_(*settings_, from);
    return source.get();
}

void ca_directory::find(const std::string& domain, ca_receiver receiver)
{
    if (const auto* known = remembered_.find(domain); known != nullptr && now_() < known->until)
        return receiver(known->answer);
    const auto asked = waiting_.find(domain);
    if (asked != waiting_.end()) return asked->second.push_back(std::move(receiver));
    if (waiting_.size() >= limits_.look_ups)
        return receiver(ca_answer::failed("more look-ups than ca_directory.look_ups are under way"));
    auto* const source = source_for(domain);
    waiting_[domain].push_back(std::move(receiver));
    source->find(domain, [this, domain](ca_answer answer) { take(domain, std::move(answer)); });
}

void ca_directory::use(std::shared_ptr<const config::settings> settings)
{
    const bool same = settings->directories == settings_->directories;
    settings_ = std::move(settings);
    if (waiting_.empty()) retired_.clear();
    if (same) return;
    for (auto& [domain, source] : sources_) retired_.push_back(std::move(source));
    sources_.clear();
    remembered_ = xproto::recently_used<std::string, memory>(limits_.remembered);
}

void ca_directory::take(const std::string& domain, ca_answer answer)
{
    using kind = ca_answer::kind;
    const auto longest = answer.outcome == kind::found ? limits_.longest : limits_.longest_none;
    if (answer.outcome != kind::failed) remembered_.put(domain, {answer, now_() + std::min(answer.ttl, longest)});
    const auto done = waiting_.extract(domain);
    for (const auto& receiver : done.mapped()) receiver(answer);
}

} // namespace gateway::validity
