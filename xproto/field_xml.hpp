// A header field as an element, the same way in the headers object and in the envelope (docs/xproto.md, "Objects"):
// `<RFC822.Subject fold="8" t=" Meeting on Friday"/>`, `<field n="X-Mailer" t=" m"/>`,
// `<field n="Subject" enc="base64" t="U3ViamVjdDog..."/>`. Text is an attribute, so that no name stands there twice.
#pragma once

#include "xproto/field.hpp"
#include "xproto/xml_reading.hpp"

#include <string>
#include <string_view>

namespace xproto {

// Which element a field gets, and the name that the element itself stands for: "" for the generic one.
struct field_element {
    std::string_view element;
    std::string_view name;
};

// The namespace of views, and the prefix that writers declare for it on the root when a field has one.
inline constexpr std::string_view view_namespace = "urn:xproto:view:1";
inline constexpr std::string_view view_prefix = "v";

// One element, without a line feed after it, its view inside. Precondition: is_valid(f).
void append_field(std::string& out, const field& f, const field_element& as);
// `name` is what the element itself stands for. Other attributes than n, fold, enc and t are errors.
field read_field(reading& r, const element& e, std::string_view name);

} // namespace xproto
