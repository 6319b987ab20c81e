// Who may share a transaction: a carrier names its recipients to all who get it, so whoever the header does not name, a
// blind carbon copy, gets one of their own (RFC 5321 7.2).
#pragma once

#include "xproto/envelope.hpp"
#include "xproto/headers_object.hpp"

#include <cstddef>
#include <vector>

namespace mapping::carrier {

// Positions, ascending, of the recipients that go first: all whom To, Cc and their like name, or, when they name none
// of them, the first alone. Never empty unless there are none. In doubt nobody is named.
std::vector<std::size_t> first_audience(const xproto::headers_object& headers,
                                        const std::vector<xproto::recipient>& recipients);

} // namespace mapping::carrier
