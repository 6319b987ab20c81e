// The carrier of a message that SMTP brought, read.
#pragma once

#include "mapping/carrier/fields.hpp"
#include "mapping/header_section.hpp"
#include "xproto/envelope.hpp"
#include "xproto/headers_object.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mapping::carrier {

// A carrier whose objects fit together: the envelope names the headers object by size and digest.
struct opened {
    content what;
    xproto::envelope envelope;
    xproto::headers_object headers;
    std::vector<std::size_t> where; // the carrier fields, in the header that arrived

    // As the envelope names it; null: it does not.
    const xproto::object_reference* object(std::string_view type) const;
    const xproto::object_reference* body() const { return object("message/body"); }
    bool is_control() const { return envelope.objects.empty(); }
};

struct opening {
    bool any = false;           // are there carrier fields?
    std::optional<opened> what; // absent: the message is the legacy message that it is
    std::string reason;         // why, for the log
};

opening open(const header_section& header, const limits& bounds = {}, const xproto::envelope_limits& envelope = {},
             const xproto::headers_limits& headers = {});

} // namespace mapping::carrier
