// A header field as every mail program can take it: 7-bit (RFC 5322, RFC 2047) or UTF-8 (RFC 6532), with nothing in it
// that SMTP must not carry. What the message itself has is untouched: it travels in the carrier.
#pragma once

#include "mapping/view/regenerate.hpp"
#include "xproto/field.hpp"

#include <string>
#include <string_view>

namespace mapping::carrier {

// Can these octets, a complete field, go out as they are: a name, a colon, lines of printable characters that end with
// CRLF, none longer than 998 octets? Characters beyond ASCII only with `utf8`.
bool is_standard(std::string_view octets, bool utf8);

// Has the field an address that only SMTPUTF8 can carry, because it has no form in ASCII?
bool needs_utf8(const xproto::field& field);

// Has it a name that a header can have? A mailbox's "From " line has none.
bool is_sendable(const xproto::field& field);

// Appends the field with CRLF at its end: as it is when it is_standard(), else the nearest that is. Nothing when it is
// not sendable.
view::edit append_standard(std::string& out, const xproto::field& field, bool utf8);

} // namespace mapping::carrier
