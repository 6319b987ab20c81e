// What the writer of envelopes, the reader and forward() share: names of the document, and the elements that are also
// written alone.
#pragma once

#include "xproto/document.hpp"
#include "xproto/envelope.hpp"
#include "xproto/field_xml.hpp"

#include <array>

namespace xproto::envelope_xml {

inline constexpr document::kind kind{"envelope", "urn:xproto:envelope:1"};

// What a hop says of its reception stands in a namespace of its own, which readers that do not know it step over.
inline constexpr document::kind reception_kind{"reception", "urn:xproto:reception:1"};
inline constexpr std::size_t longest_authority = 512;

// Elements that hold legacy fields: `<RFC821.Received>`, and one for what is neither.
inline constexpr field_element received{"RFC821.Received", "Received"};
inline constexpr field_element return_path{"RFC821.Return-Path", "Return-Path"};
inline constexpr field_element other_field{"RFC821.Field", ""};

// The parts of a legacy field that have elements of their own; others are `<view name="...">`.
inline constexpr std::array<std::string_view, 12> views{"from",       "from-address", "from-comment", "by",
                                                        "by-address", "by-comment",   "via",          "with",
                                                        "id",         "for",          "date",         "path"};

// One line each, line feed included.
void append_recipient(std::string& out, const recipient& one);
void append_object(std::string& out, const object_reference& one);
void append_hop(std::string& out, const hop& step);
void append_certificate(std::string& out, const digest& name, std::string_view der);

} // namespace xproto::envelope_xml
