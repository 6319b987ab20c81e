// One chunk as one Zstandard frame (RFC 8878; docs/xproto.md, "Compressed chunks"): each stands for itself, so that a
// receiver holds no more than the chunk, and knows how large it will be before it begins.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace xproto {

// The frame, or nothing when the octets would not get smaller by a sixteenth at least.
std::optional<std::string> zstd_pack(std::string_view octets);
// What one frame, and nothing beside it, holds: exactly so many octets, or nothing.
std::optional<std::string> zstd_unpack(std::string_view frame, std::size_t octets);

} // namespace xproto
