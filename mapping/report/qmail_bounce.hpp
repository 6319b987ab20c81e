// Bounces of qmail and its descendants: text for people, but of a form that its author has published for programs
// (QSBMF, "the qmail-send bounce message format").
#pragma once

#include "mapping/report/error_report.hpp"

#include <string_view>

namespace mapping {

// The body of such a bounce: adds the host and the recipients. False, and nothing added: it is none.
bool read_qmail_bounce(std::string_view body, error_report& to, const error_report_limits& limits);

} // namespace mapping
