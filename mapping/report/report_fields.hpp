// The fields of a report's part that machines read: blocks of `Name: text`, with an empty line between them (RFC 3464
// 2.1). Takes what software really sends: any line ends, blank lines with spaces in them, lines that are no fields.
#pragma once

#include "mapping/report/error_report.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace mapping {

using report_block = std::vector<report_field>;

struct report_blocks {
    std::vector<report_block> blocks; // none of them empty
    std::vector<std::string> flaws;
};

// Names as written, texts without the white space around them, a fold as one space, a tab as a space. What is over
// `limits` is left out, and a flaw says so.
report_blocks read_report_blocks(std::string_view octets, const error_report_limits& limits);

// One field, its CRLF included; the inverse. Folded at spaces before octet 78 where the text has words. What no line of
// mail can hold becomes `?`; without `utf8`, characters beyond ASCII too.
std::string report_line(std::string_view name, std::string_view text, bool utf8, std::size_t most);

// `type; text`, or a text alone. A type is an atom: what is none belongs to the text.
typed_text read_typed(std::string_view text);
std::string to_text(const typed_text& value);

// A date (RFC 5322 3.3, obsolete forms and comments included) between 1970 and 9999; nothing for anything else.
std::optional<xproto::unix_seconds> date_from_text(std::string_view text);

} // namespace mapping
