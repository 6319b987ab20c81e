// The text of a header field as readers of views want it: what follows the colon, on one line.
#pragma once

#include "xproto/field.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace mapping::view {

// Nothing for a raw field whose octets are no text (no name, control characters, no UTF-8), or far too many. `unfolded`
// holds what had to be copied.
std::optional<std::string_view> field_text(const xproto::field& field, std::string& unfolded);

} // namespace mapping::view
