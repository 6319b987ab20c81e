// What an xproto session says of messages, handed to those who deal with them. All else is the driver's own affair.
#pragma once

#include "gateway/sessions/incoming_mail.hpp"
#include "gateway/sessions/session_driver.hpp"

#include <utility>

namespace gateway::sessions {

// For std::visit() over a session's action.
struct mail_events {
    incoming_mail& incoming;
    outgoing_mail* outgoing; // null: nothing was sent, and so nothing is said of it

    void operator()(xproto::receiving::check_object& question) const { incoming.check_object(question); }
    void operator()(xproto::receiving::append& piece) const { incoming.append(piece); }
    void operator()(xproto::receiving::finish_object& question) const { incoming.finish_object(question); }
    void operator()(xproto::receiving::check_held& question) const { incoming.check_held(question); }
    void operator()(xproto::receiving::abort& gone) const { incoming.drop(gone); }
    void operator()(xproto::sending::want_content& wanted) const { outgoing->want(wanted); }
    void operator()(xproto::sending::held& what) const { outgoing->held(what); }
    void operator()(xproto::sending::result& result) const { outgoing->result(result); }
    void operator()(xproto::sending::later_hop& later) const { outgoing->later_hop(std::move(later.what)); }
    template <class Other> void operator()(Other&) const {}
};

} // namespace gateway::sessions
