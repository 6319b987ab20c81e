// The delivery extensions that this host understands.
#pragma once

#include "xproto/envelope.hpp"
#include "xproto/object_error.hpp"

#include <optional>

namespace gateway::intake {

// Why the message must be refused: an extension that is critical is not known, or says nothing that can be read. The
// others may say what they like.
std::optional<xproto::object_error> refuse_extensions(const xproto::envelope& message);

} // namespace gateway::intake
