// placeholder until mapping/sender_certificate.hpp is there
#pragma once
#include "gateway/site/identity.hpp"
#include "xproto/envelope.hpp"
#include <memory>
#include <string>
namespace gateway::intake {
class senders {
  public:
    senders(std::shared_ptr<const site::identity> identity, std::string host);
    void use(std::shared_ptr<const site::identity> identity, std::string host);
    void certify(xproto::envelope& envelope, bool trusted, xproto::unix_seconds now);
};
}
