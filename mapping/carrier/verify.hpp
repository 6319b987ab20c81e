// Law L2 put to the test with messages of the user's own: part of `isthmus map verify`, and of the tests.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace mapping::carrier {

// Sends the three objects of an xproto message as standard mail with a carrier, and takes that for what SMTP
// brought. Nothing when the objects came back octet for octet; else a sentence that says what did not. A message
// without headers and body is for control: both are empty.
std::optional<std::string> verify_round_trip(std::string_view envelope_xml, std::string_view headers_xml,
                                             std::string_view body);

} // namespace mapping::carrier
