// Splits a message into header section and body while it streams, and digests the body in passing. Takes any octets in
// any pieces and refuses nothing: whatever is not a header field is body.
//
// What is a field: a name of printable ASCII characters, white space if the sender was old-fashioned (RFC 5322 4.5), a
// colon, and all following lines that begin with a space or a tab. A line ends with LF; a CR before it belongs to the
// line end, any other CR is an octet of the line. The first line may be a mailbox's "From " line. The header ends
// with the first empty line, or before the first line that is none of these, or with the message.
#pragma once

#include "mapping/header_section.hpp"
#include "xproto/digest.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace mapping {

// Holds the header section in memory, never the body.
class message_splitter {
  public:
    struct limits {
        // A header section larger than this is cut at a field's border: the rest travels as the beginning of the body,
        // so that nothing needs to be refused and nothing is lost. Less than 4 GiB.
        std::size_t header_octets = 1 << 20;
        std::size_t fields = 4096;
    };
    // Octets of the body, to be stored in this order. `held` lives until the next call; `fresh` points into the input.
    struct body_pieces {
        std::string_view held;
        std::string_view fresh;
    };

    explicit message_splitter(limits l);
    message_splitter();

    body_pieces push(std::string_view octets);
    // No more octets follow. To be called exactly once.
    body_pieces finish();

    // Is all of the header here? So it is when push() has given out octets of the body.
    bool has_header() const { return in_body_; }
    // When has_header().
    const header_section& header() const { return header_; }
    // After finish().
    std::uint64_t body_octets() const { return body_octets_; }
    const xproto::digest& body_digest() const { return body_digest_; }

  private:
    bool take_line();
    bool take_field(std::string_view line);
    void end_with(xproto::separator end, std::size_t octets);
    void cut_before_line();
    void cut_before_field();
    body_pieces pass(std::string_view fresh);

    header_section header_;        // its octets_ also hold the line that is not complete yet
    std::size_t line_begin_ = 0;   // where that line begins
    std::string held_;             // what was taken for header and turned out to be body
    bool in_body_ = false;         // has the header ended?
    xproto::sha256_stream digest_; // of the body
    xproto::digest body_digest_{};
    std::uint64_t body_octets_ = 0;
    limits limits_;
};

} // namespace mapping
