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
    std::string filename;     // the octets that are meant: RFC 2231 is undone, RFC 2047 is not
    std::string charset;      // of the filename, in lower case, when RFC 2231 tells it
    std::string boundary;     // of a multipart
    bool is_repeated = false; // does one of the fields stand there twice? The first one counts.

    bool operator==(const content_fields&) const = default;
};

struct content_limits {
    std::size_t boundary = 256;  // RFC 2046 allows 70; a longer one is none
    std::size_t filename = 1024; // the rest of a longer one is left out
    std::size_t word = 128;      // a longer media type, encoding or disposition is none
    std::size_t parameters = 64; // of one field; the rest are not looked at
};

// `header` is a header section, or some lines of one: fields with their line ends, folds and all.
content_fields read_content_fields(std::string_view header, const content_limits& limits = {});

} // namespace mapping::parts
