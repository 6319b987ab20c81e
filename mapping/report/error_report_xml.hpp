// Error reports as XML: the delivery extension of an envelope that holds one (docs/xproto.md, "Error reports").
#pragma once

#include "mapping/report/error_report.hpp"
#include "xproto/envelope.hpp"
#include "xproto/extensions.hpp"
#include "xproto/object_error.hpp"

namespace mapping {

// The extension's object identifier, below the protocol's arc.
inline constexpr std::string_view report_extension_oid = "99.2.1";

// Its row in the table of extensions: a critical one that cannot be read is refused.
xproto::delivery_extension report_extension();

std::string write_xml(const error_report& report);
// Refuses what the schema does, and what is over a limit; the error names the element.
xproto::parsed<error_report> read_error_report(std::string_view xml, const error_report_limits& limits = {});

// The extension of an envelope that holds a report; nullptr: there is none.
const xproto::extension* find_report(const xproto::envelope& envelope);

// A control message: nothing but an envelope, that brings `report` to `address`. Not yet salted, signed or certified.
// Its extension is critical, because a host that cannot understand it has nothing to deliver.
xproto::envelope make_report_envelope(const error_report& report, std::string address, std::string id,
                                      xproto::unix_seconds created);

// Adds what a report in mail says to the envelope of that mail, for those who read envelopes: the mail itself stays
// what it was. False: the report would be larger than `limits` allow, and is left out.
bool add_report_view(xproto::envelope& envelope, const error_report& report, const error_report_limits& limits = {});

} // namespace mapping
