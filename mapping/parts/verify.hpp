// The split of bodies put to the test with a message of the user's own: part of `isthmus map verify`.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace mapping::parts {

// Scans the body, splits off its leaves by several thresholds, writes and reads the table, and joins all of it again.
// Nothing when the same octets came back, however they were cut; else a sentence that says what differs.
std::optional<std::string> verify_split(std::string_view header, std::string_view body);

} // namespace mapping::parts
