// The message/headers object: one XML element for each header field, in order (docs/xproto.md, "Objects").
// Names that standards define have elements of their own (`RFC822.Subject`, `RFC2045.Content-Type`); all others use the
// generic element with a name attribute (`n`), because a field name may hold characters that an XML name may not.
#pragma once

#include "xproto/field.hpp"
#include "xproto/object_error.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace xproto {

// What stands between the last header field and the body.
enum class separator {
    crlf, // the empty line of RFC 5322
    lf,   // an empty line that ends in a bare LF
    none, // nothing: the message has no body, no header, or its header breaks off into the body
};

struct headers_object {
    std::vector<field> fields; // Received and Return-Path fields are not here but in the envelope
    separator end = separator::crlf;

    bool operator==(const headers_object&) const = default;
};

struct headers_limits {
    std::size_t octets = 4 << 20;
    std::size_t fields = 16384;
    std::size_t elements = 65536; // fields, and what extensions put into them
};

// Precondition: each field is_valid(); the plain ones have the same line ends; one without a line end (raw form) is the
// last, and `end` is none.
std::string write(const headers_object& object);
parsed<headers_object> read_headers(std::string_view xml, const headers_limits& limits = {});

} // namespace xproto
