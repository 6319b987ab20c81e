// The machine-readable part of a delivery report: message/delivery-status (RFC 3464 section 2), or
// message/global-delivery-status (RFC 6533 4.1) when an address beyond ASCII can be shown as it is.
#pragma once

#include "mapping/report.hpp"

#include <string>
#include <string_view>

namespace mapping {

struct delivery_status {
    std::string octets; // lines that end in CRLF, at most 998 octets each
    bool utf8 = false;  // is it the global one?
};

// `utf8`: may it hold UTF-8? Then it is global where an address needs that, and only there.
delivery_status write_delivery_status(const report_facts& facts, bool utf8, const report_limits& limits);

// The value of the first parameter with this keyword, in any case; nullptr when there is none, or it has no value.
const std::string* find_value(const std::vector<smtp::parameter>& parameters, std::string_view keyword);
// Is there one with this keyword, with or without a value?
bool has_parameter(const std::vector<smtp::parameter>& parameters, std::string_view keyword);

} // namespace mapping
