// xproto to SMTP: the inverse of to_xproto(). The body needs no conversion: its octets follow the header's.
#pragma once

#include "mapping/received.hpp"
#include "smtp/transaction.hpp"
#include "xproto/envelope.hpp"
#include "xproto/headers_object.hpp"

#include <string>

namespace mapping {

struct smtp_message {
    smtp::transaction transaction;
    std::string header; // the header section's octets as they were, with the separator; the body follows
};

// The transaction and header as they were before to_xproto(), octet for octet.
smtp_message to_smtp(const xproto::envelope& envelope, const xproto::headers_object& headers);

} // namespace mapping
