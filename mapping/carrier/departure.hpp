// A message on its way out to SMTP: the transaction, and everything that stands before the body. Messages born in
// xproto go as standard mail with a carrier; legacy messages go as the octets that they were.
#pragma once

#include "smtp/transaction.hpp"
#include "xproto/envelope.hpp"
#include "xproto/headers_object.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace mapping::carrier {

// The objects as they are sent on: the envelope with the hop of the host that sends it, and with the recipients of this
// transaction only. XML and what it says.
struct native_objects {
    std::string_view envelope_xml, headers_xml; // no headers: a control message
    const xproto::envelope& envelope;
    const xproto::headers_object& headers;
};

struct departure_options {
    bool carrier = true;
    bool standard = true;         // is the header written as every mail program can take it? A control message's always
    bool eight_bit = false;       // has the body octets above 127?
    std::size_t most = 64 * 1024; // octets of the carrier's fields; a message that needs more goes without
};

struct departure {
    smtp::transaction transaction;          // with SMTPUTF8 when the header needs it
    std::string trace;                      // one Received line for each hop, and what the hops had brought
    std::string carrier;                    // empty: none was wanted, or it is too large
    std::string header;                     // the message's own fields and the separator
    std::string text;                       // of a control message: what people are shown in place of a body
    bool utf8 = false;                      // does it need SMTPUTF8?
    std::vector<std::string> refused_edits; // as smtp_message has them
};

departure depart(const native_objects& message, const departure_options& options = {});

} // namespace mapping::carrier
