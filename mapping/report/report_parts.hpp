// The parts of a report in mail (RFC 6522): what stands between the boundaries of the outermost multipart, never
// deeper. One pass without recursion over octets that anybody may have sent.
#pragma once

#include "mapping/header_section.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace mapping {

struct report_part {
    std::string type;     // "message/delivery-status"; empty: it does not say, or not clearly
    std::string octets;   // without the transfer encoding
    bool damaged = false; // could the transfer encoding not be undone? Then the octets are as they came.
};

struct report_part_limits {
    std::size_t parts = 16;                // the later ones are passed over
    std::size_t header_octets = 16 * 1024; // of one part
};

// The value of a parameter of a Content-Type field's body (RFC 2045 5.1), unquoted; empty: there is none.
std::string content_type_parameter(std::string_view content_type, std::string_view name);

// No parts when `header` does not begin a multipart with a boundary.
std::vector<report_part> read_report_parts(const header_section& header, std::string_view body,
                                           const report_part_limits& limits = {});

// `octets` without a transfer encoding (RFC 2045 section 6) as software really writes it: lower-case digits, white
// space, missing padding. False: it cannot be undone, and `octets` stays as it is.
bool undo_transfer_encoding(std::string_view encoding, std::string& octets);

} // namespace mapping
