// Dot-stuffing (RFC 5321 4.5.2), undone and done. Only CR LF ends a line and only CR LF . CR LF ends the content,
// because two servers that disagree about line ends can be made to see different mails (SMTP smuggling).
#pragma once

#include <string>
#include <string_view>

namespace smtp {

// Decodes the octets after DATA. Bare CR and LF pass as content: newline_filter judges them.
class data_decoder {
  public:
    // Takes octets off the front of `input`, never beyond CRLF.CRLF; the next piece of content: a view into `input` or
    // of a constant, empty when `input` is used up or the content has ended. Pieces are as large as the input allows.
    std::string_view take(std::string_view& input);
    bool ended() const { return state_ == state::ended; }

  private:
    enum class state {
        line_start, // after CRLF, or at the very beginning
        dot,        // "." at a line's start, dropped
        dot_cr,     // "." CR at a line's start, the CR held back until it is known what follows
        text,
        cr, // after a CR in the text
        ended,
    };
    std::string_view take_text(std::string_view& input);

    state state_ = state::line_start;
};

// Encodes content for sending after a 354. Refuses content with bare CR or LF instead of sending it: whoever calls has
// promised there is none, and a broken promise here would let others smuggle.
class data_encoder {
  public:
    // Appends the encoded piece to `out`; false: there is a bare CR or LF, the connection must be dropped unfinished.
    bool encode(std::string_view piece, std::string& out);
    // Appends the end of the content, CRLF before it if the last line has none; false as above.
    bool finish(std::string& out);

  private:
    char last_ = '\n'; // the last octet of the content; before the first a line begins
};

} // namespace smtp
