// What a server says about itself in its greeting and in its answer to HELO: versions, name, nonce, limits, options
// (docs/xproto.md, "Session set-up"); and a client, of window and limits, with DUPLEX.
#pragma once

#include "xproto/line_writer.hpp"
#include "xproto/options.hpp"
#include "xproto/session.hpp"
#include "xproto/window.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace xproto {

struct announcement {
    std::vector<std::string> versions;    // VER=0.9;1.0
    std::string host;                     // HOST=mx1.example, in lower case
    std::string nonce;                    // NONCE=, as octets: 16 to 64
    option_set options;                   // (PIPE) (ZSTD)
    std::optional<xproto::window> window; // WINDOW=64;16777216
    // LIMITS: what the server takes at most. Those not told are unlimited.
    std::uint64_t chunk = unlimited;
    std::uint64_t objects[3] = {unlimited, unlimited, unlimited};
    std::uint64_t recipients = unlimited;
    std::uint64_t unasked = unlimited; // without NOW it means nothing

    static constexpr std::uint64_t unlimited = ~std::uint64_t{0};
};

// Writes what is there; a value that is empty or unlimited is left out.
void write_announcement(const extension_table& table, line_writer& line, const announcement& what);
// Replaces in `what` all that the groups tell; unknown groups, options that are not in the table among them, are
// ignored. False when a known one cannot be understood.
bool read_announcement(const extension_table& table, std::string_view groups, announcement& what);
// The same for one item.
bool read_announcement(const extension_table& table, const group_item& item, announcement& what);

// A host name as sessions use it: letters, digits, hyphens and dots, at most 253 octets, in lower case. Nothing else.
std::optional<std::string> host_name(std::string_view text);
// A nonce as HELO and the greeting write it, lower-case hexadecimal, and back.
std::string nonce_text(std::string_view nonce);
std::optional<std::string> nonce_from_text(std::string_view text);

} // namespace xproto
