// The part of a report that machines read: message/delivery-status (RFC 3464 section 2), disposition-notification (RFC
// 8098 section 3) or feedback-report (RFC 5965 section 3), in the global form of RFC 6533 where one is needed and may
// be. report_reader.hpp is the inverse.
#pragma once

#include "mapping/report/error_report.hpp"

#include <string>
#include <string_view>

namespace mapping {

struct machine_part {
    std::string type;   // "message/delivery-status"
    std::string octets; // lines that end in CRLF, at most 998 octets each
};

// `utf8`: may it hold UTF-8? If not, addresses beyond ASCII are escaped (RFC 6533 section 3), and other texts show `?`.
// No more than `most` octets of any one text.
machine_part write_machine_part(const error_report& report, bool utf8, std::size_t most);

// "delivery-status": what the multipart's report-type says.
std::string_view report_type(report_kind kind);

} // namespace mapping
