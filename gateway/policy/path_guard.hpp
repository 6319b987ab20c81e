// Keeps mail for domains that demand xproto from leaving by SMTP: asks for their published policies, remembers them as
// pins, and answers for each domain whether SMTP will do.
#pragma once

#include "gateway/log/logger.hpp"
#include "gateway/net/resolver.hpp"
#include "gateway/policy/pins.hpp"
#include "gateway/policy/published_policy.hpp"

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>

namespace gateway::policy {

class path_guard {
  public:
    using clock = std::function<std::int64_t()>; // Unix time
    // Domains that may not be sent to by SMTP now, and why.
    using refusals = std::map<std::string, std::string>;

    path_guard(net::resolver& dns, log::logger& log, std::filesystem::path pins, clock now)
        : dns_(dns), log_(log), pins_(std::move(pins)), now_(std::move(now))
    {
    }

    // Why the pins cannot be read; empty: they could.
    std::string load() { return pins_.load(now_()); }

    // `done` runs once, at once or later. Domains in canonical form.
    void may_use_smtp(const std::set<std::string>& domains, std::function<void(refusals)> done);
    // Asks for the policies of domains that mail goes to by xproto, so that it is known when it no longer could.
    void learn(const std::set<std::string>& domains);

    const pins& remembered() const { return pins_; }
    // False: there is none. A policy that is still published makes the next one.
    bool forget(const std::string& domain);

  private:
    struct inquiry;

    bool can_be_asked(const std::string& domain) const;
    std::string judge(const std::string& domain, const net::dns_answer& answer);
    void remember(const std::string& domain, const published_policy& found, bool secure);

    net::resolver& dns_;
    log::logger& log_;
    pins pins_;
    clock now_;
    std::int64_t silent_until_ = 0;              // the DNS did not answer; until then it is not asked again
    std::map<std::string, std::int64_t> learnt_; // domains that learn() has asked about, and when
};

} // namespace gateway::policy
