// The part of a report that people read.
#pragma once

#include "mapping/report/error_report.hpp"

#include <string>
#include <string_view>

namespace mapping {

// For the Subject field: the worst that has become of any recipient.
std::string_view report_subject(const error_report& report);

// Lines that end in CRLF, in UTF-8. `host` is who writes it; no more than `most` octets of any one text.
std::string report_text(const error_report& report, std::string_view host, std::size_t most);

} // namespace mapping
