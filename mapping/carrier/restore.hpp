// The way back: a message that SMTP brought, with the carrier that it brought, is an xproto message again. What
// verifies is given back octet for octet; what legacy hosts changed is mapped afresh and said to have changed
// (docs/mapping.md, laws L2 and L3). Nothing here checks signatures: whoever keeps the outcome does that first, with
// xproto/trace.hpp.
//
//     auto found = open(splitter.header());          // when the header is here
//     ... the body streams by; undo_encoding() may help ...
//     auto message = restore(*found.what, transaction, header, body);
#pragma once

#include "mapping/carrier/opened.hpp"
#include "mapping/header_section.hpp"
#include "mapping/to_xproto.hpp"
#include "smtp/transaction.hpp"
#include "xproto/envelope.hpp"
#include "xproto/headers_object.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace mapping::carrier {

// The body that arrived, perhaps after undo_encoding().
struct arrived_body {
    std::uint64_t octets = 0;
    xproto::digest sha256{};
    bool begins_as_sent = false; // are its first octets the body that was sent, and others follow?
};

struct restored {
    std::string headers; // the headers object: the carried octets, or made afresh
    // What becomes of the carried envelope: recipients that the transaction does not have go, others are added, objects
    // that changed are named anew. Of the hop only `legacy` and `changes` are filled in.
    xproto::forwarding envelope;
    std::string undone; // what legacy hosts did that changed nothing, in words; empty: nothing
};

struct restoration {
    std::optional<restored> message;
    std::string reason; // why there is none
};

// Added recipients have no salt yet. Fields that are mapped afresh have the views that `options` wants.
restoration restore(const opened& carried, const smtp::transaction& transaction, const header_section& arrived,
                    const arrived_body& body, const mapping_options& options = {});

} // namespace mapping::carrier
