// The header section of a message (RFC 5322 2.1), split into fields but not understood: every octet is where it was,
// and the fields are slices of one buffer. Made by message_splitter (mapping/to_xproto.hpp).
#pragma once

#include "xproto/headers_object.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace mapping {

// One field as it stands in the message. Points into its header_section.
struct header_field {
    std::string_view octets; // complete: name, colon, continuation lines, line ends
    std::string_view
        name; // without the white space that may stand before the colon; empty for a mailbox's "From " line
    std::string_view body; // what follows the colon, line ends included; the whole line when there is no name
};

// Does a field name equal another? ASCII letters compare without case (RFC 5322 1.2.2); `other` in any case too.
bool same_name(std::string_view name, std::string_view other);

// The size of the name that a line begins with when it is the first line of a field (white space may stand before the
// colon); 0 when it is not.
std::size_t field_name_size(std::string_view line);

class header_section {
  public:
    std::size_t size() const { return slices_.size(); }
    bool empty() const { return slices_.empty(); }
    // The field number `i`, from 0; i < size().
    header_field operator[](std::size_t i) const;

    // How many fields have this name: Received, to see a loop.
    std::size_t count(std::string_view name) const;
    // The first field with this name, or one whose octets are empty.
    header_field find(std::string_view name) const;

    // All fields and the separator, as they stood. The body follows.
    std::string_view octets() const { return octets_; }
    xproto::separator end() const { return end_; }
    // Is the rest of the header in the body, because the section was over a limit of the splitter?
    bool cut() const { return cut_; }

  private:
    friend class message_splitter;

    struct slice {
        std::uint32_t begin;
        std::uint32_t name_size;
    };

    std::string octets_;
    std::vector<slice> slices_; // ascending; a field ends where the next begins, the last one at fields_end_
    std::size_t fields_end_ = 0;
    xproto::separator end_ = xproto::separator::none;
    bool cut_ = false;
};

} // namespace mapping
