// Signs for legacy senders: each message that comes in by SMTP gets a certificate for its originator from this site's
// CA and a signature by it (docs/mapping.md, "Senders"). The key is made at each start and never leaves the process.
#pragma once

#include "gateway/runtime/batch_signer.hpp"
#include "gateway/site/identity.hpp"
#include "mapping/sender_certificate.hpp"
#include "xproto/envelope.hpp"

#include <memory>
#include <optional>
#include <string>

namespace gateway::intake {

class senders {
  public:
    senders(boost::asio::io_context& context, std::shared_ptr<const site::identity> identity, std::string host);
    // After a reload: certificates from another CA, or for another host.
    void use(std::shared_ptr<const site::identity> identity, std::string host);

    // Salts the recipients and names the originator's certificate; `how` is what was checked of the address. An address
    // that no certificate can hold leaves the message unsigned, and a note why. An originator who has signed with a
    // certificate of its own keeps it.
    std::optional<std::string> certify(xproto::envelope& envelope, mapping::assurance how, xproto::unix_seconds now);
    // Signs as the originator, if certify() has found a certificate: at once, or with whoever signs in the same turn of
    // the event loop. `envelope` must stay until then.
    void sign(xproto::envelope& envelope) const;
    boost::asio::awaitable<void> sign_in_batch(xproto::envelope& envelope);

  private:
    batch_signer signer_;
    std::shared_ptr<const site::identity> identity_;
    std::unique_ptr<mapping::sender_certificates> certificates_;
};

} // namespace gateway::intake
