// This host's step on the way of a message that it sends on: its hop, signed, and the envelope with it.
#pragma once

#include "gateway/runtime/runtime.hpp"
#include "gateway/site/identity.hpp"
#include "xproto/envelope.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace gateway::delivery {

struct own_step {
    xproto::hop hop;
    bool instead_of_last = false; // is there one by this host already, which says that it was not sent on yet?

    // Leaves the recipients of these numbers only in `message`. What is to be signed for the hop then; an error when
    // one of them is not there.
    xproto::parsed<std::string> prepare(xproto::envelope& message, const std::vector<std::uint32_t>& keep);
    // After prepare(): the envelope `xml` with the signed hop, and these recipients. `message` then says the same.
    xproto::parsed<std::string> send(std::string_view xml, xproto::envelope& message, xproto::signature made,
                                     const site::identity& identity);
};

// The hop of this host for `stored`, to be sent to `next`. One that is_unsent() is taken out of `message`: what it says
// about the message's coming is taken over.
own_step begin_step(const runtime& gateway, const site::identity& identity, const spool::record& stored,
                    xproto::envelope& message, std::string next);

} // namespace gateway::delivery
