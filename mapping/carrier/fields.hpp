// Carrier fields: the objects of an xproto message inside the header of an ordinary one, where software that does not
// know them passes over them (docs/mapping.md, "Carriers"):
//
//     Xproto-Carrier: v=1; n=1/2; h=R7V0...; d=
//             eNrtWVtv4kgW...
//
// `d` is a piece of what is carried, deflated and in base64; `n` says which piece of how many; `h` is the SHA-256 of
// what is carried, the same in all of its fields. White space means nothing anywhere, so that folding them anew does no
// harm; nor does their order.
#pragma once

#include "mapping/header_section.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mapping::carrier {

constexpr std::string_view field_name = "Xproto-Carrier";

// What is carried.
struct content {
    std::string envelope; // the message/envelope object, octet for octet
    std::string headers;  // the message/headers object; empty: the message has none, it is for control
    // The header as it went out, without trace lines, carrier fields and separator. Empty: the octets that to_smtp()
    // gives.
    std::string header;
    std::size_t added = 0; // so many fields at its beginning are not the message's own

    bool operator==(const content&) const = default;
};

struct limits {
    std::size_t encoded = 1 << 20; // octets of base64 that are read
    std::size_t decoded = 8 << 20; // octets of what is carried
    std::size_t fields = 512;      // of one carrier
};

// The fields, each with CRLF at its end and no line longer than 78 octets. Nothing when they would be more than `most`
// octets.
std::optional<std::string> write_fields(const content& what, std::size_t most);

// What a search for carrier fields has found.
struct found {
    bool any = false;               // are there carrier fields at all?
    std::optional<content> what;    // what they carry
    std::string reason;             // or why they cannot be read: a sentence for the log
    std::vector<std::size_t> where; // their indexes in the header, ascending
};

// Reads the carrier whose field stands first. Others, left from an earlier crossing, count as ordinary fields.
found find_fields(const header_section& header, const limits& bounds = {});

} // namespace mapping::carrier
