// The charsets that mail names (RFC 2978), to UTF-8. The only file of the mapping that knows iconv.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace mapping::view {

// Nothing when the charset is not in the table, or the octets are not of it. Only names of the table ever reach iconv,
// because its own syntax of names can load and do more than a stranger should be able to ask for.
std::optional<std::string> to_utf8(std::string_view charset, std::string_view octets);

} // namespace mapping::view
