// What must be known about content before it may be sent to a server that does not offer every extension. Learnt in
// passing, while the content streams by, at memory speed.
#pragma once

#include <cstdint>
#include <string_view>

namespace smtp {

struct content_facts {
    std::uint64_t octets = 0;
    bool eight_bit = false;    // an octet above 127 (RFC 6152)
    bool nul = false;          // an octet 0, which only BINARYMIME may carry (RFC 3030)
    bool bare_newline = false; // a CR without LF after it, or a LF without CR before it
    bool ends_in_crlf = true;  // or is empty; other content can only be sent unchanged by BDAT
    bool smtputf8 = false; // does the header need SMTPUTF8 (RFC 6531)? Not found by content_scan: the driver's to say

    bool operator==(const content_facts&) const = default;
};

class content_scan {
  public:
    void push(std::string_view octets);
    // Of all octets so far, taken as the whole content.
    content_facts facts() const;

  private:
    content_facts facts_; // bare_newline without the verdict on a CR that came last
    char last_ = 0;       // the last octet
};

} // namespace smtp
