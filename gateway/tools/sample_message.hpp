// Messages for load tests: of an exact size, and harmless to every hop.
#pragma once

#include <cstddef>
#include <string>

namespace gateway::tools {

// A text message of exactly `octets`: CRLF line ends, ASCII, no line that begins with a dot. Never shorter than its
// header, some 250 octets; nor one octet longer than it, as a line needs two.
std::string sample_message(std::size_t octets, const std::string& from, const std::string& to);

} // namespace gateway::tools
