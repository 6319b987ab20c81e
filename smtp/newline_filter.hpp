// What happens to a CR or LF that stands alone in content received (RFC 5321 2.3.8 forbids them). They are how one mail
// can be made to look like two to a server that takes LF for a line's end, so nobody gets them unless configured.
#pragma once

#include <string_view>

namespace smtp {

// What to do with a CR without LF after it or a LF without CR before it, in content received.
enum class newline_policy {
    reject,    // refuse the message; what follows stays content until CRLF.CRLF
    normalize, // replace each by CRLF
    carry,     // keep the octets as they are
};

// Applies a newline_policy to content, in pieces of any size. Pieces handed out are as large as the input allows.
class newline_filter {
  public:
    explicit newline_filter(newline_policy policy) : policy_(policy) {}

    // Takes octets off the front of `input`; the next piece of content: a view into `input` or of a constant, empty
    // when `input` is used up or the content is refused. Call until it is empty.
    std::string_view take(std::string_view& input);
    // The content is over: the CR that was held back, if any, as content.
    std::string_view finish();
    // Has policy `reject` met a bare CR or LF? Nothing more is handed out then; the octets before it have been.
    bool refused() const { return refused_; }

  private:
    std::string_view replace_bare(std::string_view before);

    newline_policy policy_;
    bool after_cr_ = false; // the last octet was a CR, held back until it is known what follows
    bool refused_ = false;
};

} // namespace smtp
