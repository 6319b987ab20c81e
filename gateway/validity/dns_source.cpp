// TLSA records, judged.
#include "gateway/validity/dns_source.hpp"

#include "xproto/delegation.hpp"

#include <algorithm>

namespace gateway::validity {

namespace {

using net::dns_answer;

ca_answer judge(const std::string& name, const dns_answer& got)
{
    if (got.dnssec == dns_answer::state::bogus) return ca_answer::failed(name + ": bogus by DNSSEC: " + got.why);
    if (!got.definite()) return ca_answer::failed(name + ": " + got.why);
    // That there is nothing need not be proved: it gives nobody anything.
    if (!got.found()) return ca_answer::none(name + " has no TLSA record", got.ttl);
    if (!got.secure()) return ca_answer::none(name + " is not secured by DNSSEC", got.ttl);
    std::vector<xproto::certificate_association> records;
    const auto count = std::min(got.records.size(), xproto::most_associations);
    for (std::size_t i = 0; i < count; ++i)
        if (auto one = xproto::certificate_association::from_rdata(got.records[i])) records.push_back(*std::move(one));
    return ca_answer::found(std::move(records), got.ttl);
}

class dns_source final : public ca_source {
  public:
    explicit dns_source(net::resolver& dns) : dns_(dns) {}

    void find(const std::string& domain, ca_receiver receiver) override
    {
        const auto name = xproto::delegation_record(domain);
        auto take = [name, receiver = std::move(receiver),
                     alive = std::weak_ptr<const bool>(alive_)](const dns_answer& got) {
            if (!alive.expired()) receiver(judge(name, got));
        };
        dns_.look_up(name, net::dns_type::tlsa, std::move(take));
    }

  private:
    net::resolver& dns_;
    std::shared_ptr<const bool> alive_ = std::make_shared<bool>(true);
};

} // namespace

std::unique_ptr<ca_source> make_dns_source(net::resolver& dns)
{
    return std::make_unique<dns_source>(dns);
}

} // namespace gateway::validity
