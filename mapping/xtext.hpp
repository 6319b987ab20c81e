// The encodings of DSN parameters: xtext (RFC 3461 section 4) of ENVID and ORCPT, unitext (RFC 6533 section 3) of
// addresses beyond ASCII.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace mapping {

// Octets to xtext: `+`, `=` and everything but printable ASCII becomes `+XX`. Any octets.
std::string to_xtext(std::string_view octets);
// Refuses what is no xtext: a `+` without two upper-case hexadecimal digits, octets that should have been encoded.
// Lower-case digits are taken, for those who write them.
std::optional<std::string> from_xtext(std::string_view text);

// UTF-8 to 7-bit unitext (utf-8-addr-xtext): space, `\`, `+`, `=` and characters beyond ASCII become `\x{HEX}`. Nothing
// for text that is no UTF-8 or holds control characters other than white space.
std::optional<std::string> to_unitext(std::string_view utf8);
// Each `\x{HEX}` becomes its character; UTF-8 stays. Refuses surrogates, numbers above 10FFFF, anything else after `\`,
// and text that is no UTF-8.
std::optional<std::string> from_unitext(std::string_view text);

} // namespace mapping
