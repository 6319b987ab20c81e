// How much a receiver lets a sender have under way at once: `WINDOW=messages;octets` (docs/xproto.md, "The window").
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace xproto {

// Messages: how many may be open, from their first XFER to their last answer; a sender that opens more is refused.
// Octets: how many a receiver has permitted and not yet answered, in objects larger than a chunk; the receiver keeps
// this one by itself, by delaying its permission. A single object may be larger than the whole window.
struct window {
    std::uint32_t messages = 64;
    std::uint64_t octets = 16 << 20;

    bool operator==(const window&) const = default;
};

// `64;16777216`, both at least 1.
std::string to_text(const window& value);
std::optional<window> window_from_text(std::string_view text);

} // namespace xproto
