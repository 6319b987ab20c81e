// The part structure of a MIME entity (RFC 2046): where its parts stand in the body's octets, and what their fields
// say. For filters, views and the split of bodies. Nothing is ever rebuilt from it.
#pragma once

#include "mapping/parts/content_fields.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace mapping::parts {

// What the scan found odd, or did not look into.
enum class finding : std::uint8_t {
    too_deep,       // a multipart or message below limits::depth: its content is not looked into
    too_many,       // limits::parts was reached here: what follows inside has parts that are not listed
    long_header,    // the part's header is over limits::header: what its fields say is not known
    broken_header,  // the header ends with a line that is no field, which counts as content
    no_boundary,    // a multipart without a usable boundary: its content is not looked into
    not_closed,     // a multipart without its closing delimiter
    repeated_field, // Content-Type or another MIME field stands twice; the first one counts
};

struct scan_limits {
    std::size_t depth = 32;            // levels of parts below the message
    std::size_t parts = 1000;          // the message included
    std::size_t header = 64 * 1024;    // octets of one part's header
    std::size_t delimiter_line = 1024; // octets of a line that can be a delimiter
    content_limits content;
};

struct part {
    std::size_t depth = 0;     // the message: 0
    std::size_t parent = 0;    // index; of the message: its own
    std::uint64_t begin = 0;   // offset in the body where its header begins
    std::uint64_t content = 0; // where its content begins
    std::uint64_t end = 0;     // where its content ends, before the line end that belongs to the delimiter
    std::string media_type;    // as it is meant: text/plain where nothing is said (RFC 2045 5.2)
    std::string encoding;
    std::string disposition;
    std::string filename;
    std::string charset;        // of the filename
    bool is_leaf = true;        // without parts of its own, as far as was looked
    std::uint32_t findings = 0; // a bit for each

    bool has(finding f) const { return (findings >> static_cast<unsigned>(f) & 1) != 0; }
    std::uint64_t octets() const { return end - content; }

    bool operator==(const part&) const = default;
};

// The message first, then its parts in the order of their octets; what lies inside a part follows it.
using structure = std::vector<part>;

// One line for each part, indented by depth: `multipart/mixed 0-1400`, `  image/png base64 "a.png" 120-1320`.
std::string to_text(const structure& parts);

} // namespace mapping::parts
