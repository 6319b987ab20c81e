// xproto to SMTP: the inverse of to_xproto(). The body needs no conversion: its octets follow the header's.
#pragma once

#include "smtp/transaction.hpp"
#include "xproto/envelope.hpp"
#include "xproto/headers_object.hpp"

#include <string>
#include <vector>

namespace mapping {

struct smtp_message {
    smtp::transaction transaction;
    std::string header; // the header section's octets as they were, with the separator; the body follows
};

// The transaction and header as they were before to_xproto(), octet for octet.
smtp_message to_smtp(const xproto::envelope& envelope, const xproto::headers_object& headers);

// The Received line (RFC 5321 4.4) of one hop, CRLF at the end, for prepending. `hop.protocol` becomes the with clause;
// a single recipient may be named in the for clause, several never are (RFC 5321 7.2: it would disclose a Bcc).
std::string received_line(const xproto::hop& hop, const std::string& only_recipient);

// All hops as Received lines, newest first.
std::string received_lines(const std::vector<xproto::hop>& trace);

} // namespace mapping
