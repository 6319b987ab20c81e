// Text in the sense of XML 1.0 and UTF-8: what may stand in an object, a header or a report as it is.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace mapping {

// The size of the well-formed UTF-8 sequence (RFC 3629) that `text` begins with; 0 when there is none.
std::size_t utf8_sequence(std::string_view text);

// UTF-8 of the characters of XML 1.0 (2.2) except CR and LF: no control characters below U+0020 but the tab, no
// surrogates, no U+FFFE and U+FFFF.
bool is_xml_text(std::string_view text);

// The text with each control character, and each octet that is no UTF-8, replaced by '?'; without `utf8`, each octet
// above 127 too. White space is spaces afterwards. At most `most` octets, cut between characters.
std::string printable(std::string_view text, bool utf8, std::size_t most);

// An atom (RFC 5322 3.2.3) or a dotted row of them: everything else is replaced by '?'. At most `most` octets.
std::string atom(std::string_view text, std::size_t most);

} // namespace mapping
