// Reports in mail as values: delivery status (RFC 3464, RFC 6533), disposition (RFC 8098), abuse feedback (RFC 5965),
// and what other software sends instead. What can be known is; the rest is kept as it was written, and a flaw says so.
// No recipient is ever guessed from text that is meant for people.
#pragma once

#include "mapping/header_section.hpp"
#include "mapping/report/error_report.hpp"

#include <optional>
#include <string_view>

namespace mapping {

// Is it worth keeping the body of a message with this header for read_report()?
bool may_be_report(const header_section& header, bool null_sender);

// Nothing when the message is no report. `body` may be cut anywhere; no more than `limits.octets` of it are read.
std::optional<error_report> read_report(const header_section& header, std::string_view body,
                                        const error_report_limits& limits = {});

} // namespace mapping
