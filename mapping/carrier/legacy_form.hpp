// A native message's header as standard mail (RFC 5322, RFC 2045): what legacy software reads, with whatever it misses
// put before the message's own fields. Nothing is lost by it: the objects travel in the carrier.
#pragma once

#include "xproto/envelope.hpp"
#include "xproto/headers_object.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace mapping::carrier {

struct legacy_form {
    std::string header;    // the fields, without the empty line
    std::size_t added = 0; // so many at its beginning are not the message's own: Date, From, Message-ID, MIME
    bool utf8 = false;     // it can go only by SMTPUTF8
    std::vector<std::string> refused_edits; // as smtp_message has them
};

// `eight_bit`: has the body octets above 127?
legacy_form to_legacy_form(const xproto::envelope& envelope, const xproto::headers_object& headers, bool eight_bit);

// The body that stands for a message without headers and body, which is there for its envelope: text for people.
std::string control_text(const xproto::envelope& envelope);

} // namespace mapping::carrier
