// Text from elsewhere made fit to stand in a header line or a report.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace mapping {

// The text with each control character, and each octet that is no UTF-8, replaced by '?'; without `utf8`, each octet
// above 127 too. White space is spaces afterwards. At most `most` octets, cut between characters.
std::string printable(std::string_view text, bool utf8, std::size_t most);

// An atom (RFC 5322 3.2.3) or a dotted row of them: everything else is replaced by '?'. At most `most` octets.
std::string atom(std::string_view text, std::size_t most);

} // namespace mapping
