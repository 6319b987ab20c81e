// SMTP to xproto: a legacy message, whatever its octets, becomes three objects from which to_smtp() makes the same
// octets again (law L1, docs/mapping.md). Nothing is refused here: what cannot be read is carried raw.
#pragma once

#include "mapping/header_section.hpp"
#include "mapping/message_splitter.hpp"
#include "mapping/view/describe.hpp"
#include "smtp/transaction.hpp"
#include "xproto/envelope.hpp"
#include "xproto/headers_object.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace mapping {

struct mapping_limits {
    // Received and Return-Path fields travel in the envelope up to these; the ones after them are ordinary fields of
    // the headers object, so that a message with ten thousand of them still makes an envelope that every host accepts.
    std::size_t legacy_fields = xproto::envelope_limits{}.legacy_fields;
    std::size_t legacy_octets = 64 * 1024;
    // Text that is read for views and the views made of it, all fields together; the fields after them have none.
    std::size_t view_octets = 256 * 1024;
};

struct objects {
    xproto::envelope envelope; // without trace; the originator not yet signed
    std::string headers;       // message/headers as XML
};

// What is a matter of taste.
struct mapping_options {
    view::wanted views = view::wanted::needed;
};

// The objects of a message whose octets have all passed through the splitter. `id` is the xproto message id, `created`
// when the message was taken on. Certificate and signature of the originator are added by the caller.
objects to_xproto(const smtp::transaction& transaction, const message_splitter& message, std::string id,
                  xproto::unix_seconds created, const mapping_limits& limits = {}, const mapping_options& options = {});

// The type and subtype of a Content-Type field's body (RFC 2045 5.1) in lower case: "multipart/mixed". Empty when it
// does not begin with two tokens of at most 127 octets and a slash.
std::string media_type_of(std::string_view content_type);

} // namespace mapping
