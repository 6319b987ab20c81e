// May this peer bring mail from this originator? Validity (does the signature verify, is there a path to an anchor) is
// settled before, in xproto/trace.hpp; this is the other question, whom we let speak for whom.
#pragma once

#include "gateway/site/identity.hpp"
#include "xproto/envelope.hpp"
#include "xproto/trace.hpp"

#include <optional>
#include <string>
#include <vector>

namespace gateway::admission {

// Why not; empty: it may. A trusted peer vouches for any originator. A known one brings only originators of its own
// domains, certified by its own CA; the null sender only of its own hosts; and only hops that the CA of the host in
// question has certified. One that is unknown, and valid all the same, is held to the same. `everybody` is whom we
// know.
std::optional<std::string> refuse_originator(const site::known_peer& peer,
                                             const std::vector<const site::known_peer*>& everybody,
                                             const xproto::envelope& message, const xproto::trace_report& report);

} // namespace gateway::admission
