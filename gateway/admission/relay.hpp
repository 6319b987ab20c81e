// May mail go to this recipient? The rule that keeps the gateway from being an open relay: anyone may send to the
// domains that routes name, and only clients that are allowed to relay may send anywhere else (RFC 5321 7.1).
#pragma once

#include "gateway/config/settings.hpp"
#include "mapping/verdict.hpp"

#include <string_view>

namespace gateway::admission {

// The domain an address is routed by; a bare `postmaster` belongs to the site (RFC 5321 4.5.1).
std::string_view routing_domain(const config::settings& settings, std::string_view address);

// Delivered means yes; otherwise the refusal to be said to the client. `trusted`: is the client allowed to relay
// (smtp.relay_from, a trusted peer)?
mapping::verdict check_recipient(const config::settings& settings, bool trusted, std::string_view address);
// For mail of an unknown peer: the site's own domains, and no others, whatever routes name.
mapping::verdict check_stranger_recipient(const config::settings& settings, std::string_view address);

} // namespace gateway::admission
