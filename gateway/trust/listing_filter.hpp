// The filter that asks lists before it passes a question on: SMTP clients by their addresses, and all senders.
#pragma once

#include "gateway/admission/filter.hpp"
#include "gateway/trust/lists.hpp"

namespace gateway::trust {

class listing_filter final : public admission::filter {
  public:
    // Both outlive it.
    listing_filter(trust::lists& lists, admission::filter& next) : lists_(lists), next_(next) {}
    void judge(admission::stage now, const admission::mail_facts& mail, handler done) override;

  private:
    trust::lists& lists_;
    admission::filter& next_;
};

} // namespace gateway::trust
