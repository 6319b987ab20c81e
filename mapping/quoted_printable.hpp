// Quoted-printable (RFC 2045 6.7), both ways. Any octets; CRLF is a line end, every other CR or LF is data.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace mapping {

std::string to_quoted_printable(std::string_view octets);
// The strict form that to_quoted_printable() writes; nothing for anything else.
std::optional<std::string> from_quoted_printable(std::string_view text);

} // namespace mapping
