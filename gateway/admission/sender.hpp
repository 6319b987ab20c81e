// May this peer bring mail from this originator? Validity (does the signature verify, is there a path to an anchor) is
// settled before, in xproto/trace.hpp; this is the other question, whom we let speak for whom.
#pragma once

#include "gateway/site/identity.hpp"
#include "xproto/envelope.hpp"
#include "xproto/trace.hpp"

#include <optional>
#include <string>

namespace gateway::admission {

// Why not; empty: it may. A trusted peer vouches for any originator. A known one brings only originators of its own
// domains, certified by its own CA, and hops whose certificates we can validate ourselves.
std::optional<std::string> refuse_originator(const site::known_peer& peer, const xproto::envelope& message,
                                             const xproto::trace_report& report);

} // namespace gateway::admission
