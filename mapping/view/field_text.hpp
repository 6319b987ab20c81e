// The text of a header field as readers of views want it: what follows the colon, on one line.
#pragma once

#include "xproto/field.hpp"

#include <optional>
#include <string>

namespace mapping::view {

// Nothing for a raw field whose octets are no text: no name, control characters, octets that are no UTF-8.
std::optional<std::string> field_text(const xproto::field& field);

} // namespace mapping::view
