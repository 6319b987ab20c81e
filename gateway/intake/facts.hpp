// Who brings a message, as the sessions know it.
#pragma once

#include "gateway/admission/rules.hpp"
#include "gateway/net/stream.hpp"
#include "gateway/site/identity.hpp"
#include "gateway/spool/record.hpp"
#include "xproto/envelope.hpp"

#include <memory>
#include <optional>
#include <string>

namespace gateway::intake {

struct client_facts {
    std::string hello;    // what the SMTP client called itself; not verified
    std::string address;  // its IP address
    std::string protocol; // RFC 3848 keyword
    spool::tls_facts tls;
    bool trusted = false;                      // may it relay (smtp.relay_from)?
    spool::origin from = spool::origin::smtp;  // or local: a message made here
    std::optional<admission::mail_facts> mail; // for the filter; none: it is not to be asked (any more)
};

struct peer_facts {
    std::string host; // proved
    std::string address;
    spool::tls_facts tls;
    bool resumes = false; // may it ask what is here of messages that broke off (STAT)?
    std::shared_ptr<const site::known_peer> known;
    xproto::reception reception; // how its name was proved
};

// Of a peer of xproto that has proved its name over this connection.
peer_facts proved_peer(const net::stream& connection, const std::string& host,
                       std::shared_ptr<const site::known_peer> known);

} // namespace gateway::intake
