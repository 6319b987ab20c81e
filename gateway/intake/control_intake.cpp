// One control message into the spool.
#include "gateway/intake/control_intake.hpp"

#include "gateway/intake/common.hpp"
#include "gateway/intake/senders.hpp"

namespace gateway::intake {

void store_control(runtime& gateway, xproto::envelope envelope, std::function<void(bool)> done)
{
    if (gateway.probes.take(gateway, envelope)) return done(true);
    if (const auto why = gateway.senders.certify(envelope, mapping::assurance::network, gateway.now()))
        gateway.log.info("sender_uncertified", {{"sender", envelope.from.address}, {"reason", *why}});
    gateway.senders.sign(envelope);
    auto facts = make_record(gateway, envelope);
    facts.from = spool::origin::local;
    facts.reception.peer = gateway.settings->host;
    const auto writer = gateway.spool.begin();
    writer->commit(std::move(facts), xproto::write(envelope), std::string(),
                   [&gateway, done = std::move(done)](spool::result<spool::record> stored) {
                       if (stored)
                           gateway.accepted->on_accepted(std::move(*stored));
                       else
                           gateway.log.error("commit_failed", {{"reason", stored.error().message()}});
                       done(stored.has_value());
                   });
}

} // namespace gateway::intake
