// What lies between an xproto session's driver and the two who deal with its messages: whoever takes those that come
// (sessions/incoming_mail.hpp) and whoever sends (delivery/xproto_outgoing.hpp).
#pragma once

#include "gateway/net/stream.hpp"
#include "gateway/sessions/outbox.hpp"
#include "xproto/transfers.hpp"

#include <memory>
#include <string>

namespace gateway::config {
struct settings;
}
namespace gateway::site {
class identity;
}

namespace gateway::sessions {

// As those two see it.
class session_driver {
  public:
    // Keeps it, and with it the session and themselves, while they wait for something.
    virtual std::shared_ptr<void> kept() = 0;
    // They have told the session something, and it is to go on. Within the driver's own loop, which goes on by itself,
    // this does nothing.
    virtual void go_on() = 0;
    virtual net::stream& connection() = 0;
    virtual outbox& out() = 0;

  protected:
    ~session_driver() = default;
};

// Whoever sends, as the driver sees it.
class outgoing_mail {
  public:
    virtual ~outgoing_mail() = default;

    // Begins as many messages as there are, and room for. False: none.
    virtual bool take_jobs() = 0;
    virtual void want(const xproto::sending::want_content& wanted) = 0;
    virtual void held(const xproto::sending::held& what) = 0;
    virtual void result(const xproto::sending::result& result) = 0;
    virtual void later_hop(xproto::hop_notice what) = 0;
    // Octets have left: there may be room for more.
    virtual void content_room() = 0;
    // The session is over. Called once, before the end; what has no result by now is lost to this session.
    virtual void leave() = 0;
};

// Whoever has mail for hosts that open sessions to this gateway: it waits until they do.
class guest_mail {
  public:
    // The host at the other end of this session is proved, and takes mail in it.
    virtual std::unique_ptr<outgoing_mail> welcome(const std::string& host, xproto::sending_half& session,
                                                   session_driver& driver,
                                                   std::shared_ptr<const config::settings> settings,
                                                   std::shared_ptr<const site::identity> identity) = 0;

  protected:
    ~guest_mail() = default;
};

} // namespace gateway::sessions
