// Dates as mail writes them (RFC 5322 3.3), in UTC: "Tue, 01 Feb 2022 10:11:12 +0000".
#pragma once

#include "xproto/envelope.hpp"

#include <string>

namespace mapping {

// Times before 1970 and after the year 9999 are written as the nearest of these.
std::string rfc5322_date(xproto::unix_seconds time);

} // namespace mapping
