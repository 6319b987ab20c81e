// Domain names as DNS and certificates compare them: letters, digits and hyphens, IDNs as A-labels (RFC 5890), in lower
// case. Whether one name lies below another is decided label by label: `notehsco.com` is not below `ehsco.com`.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace xproto {

// The form to compare. Nothing: not a name that a host can have (an empty or too long label, a wildcard, an underscore,
// an address, a U-label that IDNA 2008 forbids).
std::optional<std::string> to_a_labels(std::string_view name);

// Both in that form. A name is at itself.
bool is_at_or_below(std::string_view name, std::string_view parent);

} // namespace xproto
