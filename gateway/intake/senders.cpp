// Signs for legacy senders.
#include "gateway/intake/senders.hpp"

#include "xproto/trace.hpp"

namespace gateway::intake {

senders::senders(std::shared_ptr<const site::identity> identity, std::string host)
{
    use(std::move(identity), std::move(host));
}

void senders::use(std::shared_ptr<const site::identity> identity, std::string host)
{
    const bool same_ca = identity_ && identity_->ca().own == identity->ca().own;
    identity_ = std::move(identity);
    if (same_ca) return;
    certificates_ = std::make_unique<mapping::sender_certificates>(identity_->ca(), xproto::private_key::generate(),
                                                                   std::move(host));
}

std::optional<std::string> senders::certify(xproto::envelope& envelope, mapping::assurance how,
                                            xproto::unix_seconds now)
{
    xproto::salt_recipients(envelope);
    if (envelope.from.sign) return std::nullopt;
    const auto certificate = certificates_->find(envelope.from.address, how, now);
    if (!certificate) return certificate.error().what;
    mapping::put_certificate(envelope, **certificate);
    xproto::sign_originator(envelope, certificates_->key());
    return std::nullopt;
}

} // namespace gateway::intake
