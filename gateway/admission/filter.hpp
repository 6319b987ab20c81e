// The filter that every message passes on its way in, stage by stage, before its octets travel where the protocol can
// ask first. An interface: what answers may take its time, and may ask others.
#pragma once

#include "gateway/admission/rules.hpp"

#include <boost/asio/awaitable.hpp>

#include <functional>
#include <memory>

namespace gateway::admission {

class filter {
  public:
    using handler = std::function<void(ruling)>;

    virtual ~filter() = default;
    // `done` runs once, at once or later, in the event loop's thread. The facts are looked at only before this returns.
    // Nobody is asked about a message that a ruling has exempted or refused.
    virtual void judge(stage now, const mail_facts& mail, handler done) = 0;
};

// The rules of the configuration as it is at the moment of the question.
class rule_filter final : public filter {
  public:
    using settings_source = std::function<std::shared_ptr<const config::settings>()>;

    explicit rule_filter(settings_source settings) : settings_(std::move(settings)) {}
    void judge(stage now, const mail_facts& mail, handler done) override;

  private:
    settings_source settings_;
};

// The same for coroutines.
boost::asio::awaitable<ruling> ask(filter& whom, stage now, const mail_facts& mail);

} // namespace gateway::admission
