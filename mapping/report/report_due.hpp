// Who is owed a report: what NOTIFY asks for (RFC 3461 4.1, 5.2).
#pragma once

#include "mapping/report/error_report.hpp"
#include "smtp/transaction.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace mapping {

// Is a report of this action about `recipient` to be sent? NOTIFY decides, its absence means FAILURE and DELAY; a
// NOTIFY that says nothing intelligible counts as absent, because silence about lost mail is the worse mistake. Never
// when the reverse-path of `original` is null.
bool report_due(const smtp::transaction& original, const smtp::recipient& recipient, report_action action);

// The value of the first parameter with this keyword, in any case; nullptr when there is none, or it has no value.
const std::string* find_value(const std::vector<smtp::parameter>& parameters, std::string_view keyword);

} // namespace mapping
