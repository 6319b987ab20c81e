// A header field of a message as a field of an xproto object, and back, octet for octet.
#pragma once

#include "mapping/header_section.hpp"
#include "xproto/field.hpp"

#include <string>

namespace mapping {

// In plain form when that gives back the same octets and is not much longer than they are, else raw.
xproto::field to_field(const header_field& octets);

// Appends the octets of a field. Total: fold offsets that are not ascending or lie beyond the text are passed over.
void append_octets(std::string& out, const xproto::field& field);

} // namespace mapping
