// A header field of a message as a field of an xproto object, and back, octet for octet.
#pragma once

#include "mapping/header_section.hpp"
#include "xproto/headers_object.hpp"

#include <string>

namespace mapping {

enum class line_end { crlf, lf };

// In plain form when its lines have these ends, that gives back the same octets and is not much longer than they are;
// else raw.
xproto::field to_field(const header_field& octets, line_end lines = line_end::crlf);

// Appends the octets of a field, a plain one with the line ends that it had or with others. Total: fold offsets that
// are not ascending or lie beyond the text are passed over.
void append_octets(std::string& out, const xproto::field& field);
void append_octets(std::string& out, const xproto::field& field, line_end lines);

// The fields of an object as a header section that ends with an empty line, for whoever looks into the body. Plain
// fields have CRLF whatever they had.
std::string header_of(const xproto::headers_object& headers);

} // namespace mapping
