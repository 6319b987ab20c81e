// Base64 (RFC 4648 section 4) as objects hold octets that XML cannot: with padding, without line breaks.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace xproto {

void append_base64(std::string& out, std::string_view octets);
std::string to_base64(std::string_view octets);

// Accepts only what to_base64() writes: no white space, padding complete, unused bits zero. One text for each value
// means that signatures may cover the text.
std::optional<std::string> from_base64(std::string_view text);

} // namespace xproto
