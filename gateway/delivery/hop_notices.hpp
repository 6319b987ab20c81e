// Tells whoever brought a message what has become of it here (docs/xproto.md, "Live trace").
#pragma once

#include "gateway/delivery/courier.hpp"
#include "gateway/runtime/runtime.hpp"

#include <string>
#include <vector>

namespace gateway::delivery {

// One notice for all recipients (indexes into message.recipients) that fared alike. `next`: whom the message was sent
// to, as in a signed hop.
void tell_followers(runtime& gateway, const spool::record& message, const std::vector<std::size_t>& recipients,
                    const std::string& next, const outcome& result);

} // namespace gateway::delivery
