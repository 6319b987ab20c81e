// A header field written anew from its view (law L4, docs/mapping.md): RFC 5322 with RFC 2047 and 2231, or RFC 6532.
#pragma once

#include "mapping/view/field_writer.hpp"
#include "xproto/field.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace mapping::view {

// Does the view say something else than the field's own text? Then somebody has changed it, and the text is no longer
// true. A field with a view and no text is new. A view that cannot be understood changes nothing.
bool is_edited(const xproto::field& field);

// The complete field, CRLF at its end, in a form that the charset may carry. A field without a view comes back as it is
// when it fits, else from what its text says. Nothing when there is no standard form for it.
std::optional<std::string> regenerate(const xproto::field& field, header_charset charset);

enum class edit : std::uint8_t {
    none,    // the view says what the text says, or there is none
    written, // the field was written anew
    refused, // there is no standard form for what the view says, or it is not understood: the field is as it was
};

// What goes to SMTP: the field's octets as they were, or as regenerated when it was edited and there is a form for
// that.
edit append_current(std::string& out, const xproto::field& field, header_charset charset);

} // namespace mapping::view
