// Octets made shorter and back (RFC 1950, RFC 1951): the wall in front of zlib.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace mapping::carrier {

std::string deflate(std::string_view octets);

// Nothing when the octets are damaged, cut off, followed by others, or would become more than `most`: a few octets can
// promise gigabytes, so what they become is bounded while it grows.
std::optional<std::string> inflate(std::string_view octets, std::size_t most);

} // namespace mapping::carrier
