// xproto to SMTP: the inverse of to_xproto(). The body needs no conversion: its octets follow the header's.
#pragma once

#include "mapping/received.hpp"
#include "smtp/transaction.hpp"
#include "xproto/envelope.hpp"
#include "xproto/headers_object.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace mapping {

struct smtp_message {
    smtp::transaction transaction;
    std::string header; // the header section's octets as they were, with the separator; the body follows
    std::vector<std::string> refused_edits; // names of fields whose view was edited in a way that mail has no form for
};

// The transaction and header as they were before to_xproto(), octet for octet; but a field whose view says something
// else than its text is written anew from the view, in ASCII unless the transaction has SMTPUTF8.
smtp_message to_smtp(const xproto::envelope& envelope, const xproto::headers_object& headers);

// Did the originator say this parameter of MAIL ("REQUIRETLS"; letter case does not matter)?
bool asks_for(const xproto::envelope& envelope, std::string_view parameter);

// Its two halves by themselves: the transaction, and the fields of both objects in the order in which they stand in the
// header. The pointers are into the arguments.
smtp::transaction transaction_of(const xproto::envelope& envelope);
std::vector<const xproto::field*> fields_in_order(const xproto::envelope& envelope,
                                                  const xproto::headers_object& headers);

} // namespace mapping
