// Takes back what a mail system did to a body because its next hop could not take eight bits (RFC 6152): parts encoded
// as quoted-printable or base64 are decoded again. It is a guess, tried a few ways, and only a result with the digest
// of the body that was sent is one.
#pragma once

#include "mapping/carrier/restore.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace mapping::carrier {

// The body that was sent, when `body`, which arrived with this header, is nothing but another encoding of it. Takes a
// bounded number of passes over it; depth and number of parts are bounded too.
std::optional<std::string> undo_encoding(const opened& carried, const header_section& arrived, std::string_view body);

} // namespace mapping::carrier
