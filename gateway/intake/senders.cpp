// Signs for legacy senders.
#include "gateway/intake/senders.hpp"

#include "xproto/trace.hpp"

namespace gateway::intake {

namespace {

bool wants_signature(const xproto::envelope& envelope)
{
    return envelope.from.certificate && !envelope.from.sign;
}

} // namespace

senders::senders(boost::asio::io_context& context, std::shared_ptr<const site::identity> identity, std::string host)
    : signer_(context, xproto::private_key::generate())
{
    use(std::move(identity), std::move(host));
}

void senders::use(std::shared_ptr<const site::identity> identity, std::string host)
{
    const bool same_ca = identity_ && identity_->ca().own == identity->ca().own;
    identity_ = std::move(identity);
    if (same_ca) return;
    certificates_ = std::make_unique<mapping::sender_certificates>(identity_->ca(), signer_.key(), std::move(host));
}

std::optional<std::string> senders::certify(xproto::envelope& envelope, mapping::assurance how,
                                            xproto::unix_seconds now)
{
    xproto::salt_recipients(envelope);
    if (envelope.from.sign) return std::nullopt;
    const auto certificate = certificates_->find(envelope.from.address, how, now);
    if (!certificate) return certificate.error().what;
    mapping::put_certificate(envelope, **certificate);
    return std::nullopt;
}

void senders::sign(xproto::envelope& envelope) const
{
    if (wants_signature(envelope)) xproto::sign_originator(envelope, signer_.key());
}

boost::asio::awaitable<void> senders::sign_in_batch(xproto::envelope& envelope)
{
    if (!wants_signature(envelope)) co_return;
    auto octets = xproto::origin_octets(envelope);
    auto made = co_await signer_.sign(std::move(octets));
    envelope.from.sign = std::move(made);
}

} // namespace gateway::intake
