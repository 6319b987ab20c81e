// What the MIME fields of one entity say about it (RFC 2045, 2183), as far as they can be read. Total over any octets
// and linear in them; what cannot be read is left empty.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace mapping::parts {

struct content_fields {
    std::string media_type;   // in lower case; empty when nothing readable says it
    std::string encoding;     // Content-Transfer-Encoding, in lower case; empty when none is given
    std::string disposition;  // in lower case
    std::string filename;     // octets as they are meant, RFC 2231 undone
    std::string charset;      // of the filename, when RFC 2231 tells it; in lower case
    std::string boundary;     // of a multipart
    bool is_repeated = false; // does one of the fields stand twice? The first one counts.

    bool operator==(const content_fields&) const = default;
};

struct content_limits {
    std::size_t boundary = 256;  // RFC 2046 allows 70. A longer one is none.
    std::size_t filename = 1024; // the rest is left out
};

// `header` is a header section, or some lines of one: fields with their line ends, folds and all.
content_fields read_content_fields(std::string_view header, const content_limits& limits = {});

} // namespace mapping::parts
