// A control message made here (docs/xproto.md, "Control messages"): it is certified, signed and put into the spool like
// any other message, but has no headers and no body.
#pragma once

#include "gateway/runtime/runtime.hpp"
#include "xproto/envelope.hpp"

#include <functional>

namespace gateway::intake {

// `done` runs when the message is durable, with true, or when it could not be stored.
void store_control(runtime& gateway, xproto::envelope envelope, std::function<void(bool)> done);

} // namespace gateway::intake
