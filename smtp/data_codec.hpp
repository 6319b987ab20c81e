// Dot-stuffing (RFC 5321 4.5.2), undone and done. Only CR LF ends a line and only CR LF . CR LF ends the content,
// because two servers that disagree about line ends can be made to see different mails (SMTP smuggling).
#pragma once

#include <string>
#include <string_view>

namespace smtp {

// What to do with a CR without LF after it or a LF without CR before it, in content received.
enum class newline_policy {
    reject,    // refuse the message; what follows stays content until CRLF.CRLF
    normalize, // replace each by CRLF
    carry,     // keep the octets as they are
};

// Applies a newline_policy to octets that carry no framing of their own (BDAT chunks), in pieces of any size.
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
    newline_policy policy_;
    bool after_cr_ = false; // the last octet was a CR, held back until it is known what follows
    bool refused_ = false;
};

// Decodes the octets after DATA.
class data_decoder {
  public:
    explicit data_decoder(newline_policy policy) : policy_(policy) {}

    // Takes octets off the front of `input`, never beyond CRLF.CRLF; the next piece of content: a view into `input` or
    // of a constant, empty when `input` is used up or the content has ended. Pieces are as large as the input allows.
    std::string_view take(std::string_view& input);
    bool ended() const { return state_ == state::ended; }
    // Has policy `reject` met a bare CR or LF? Nothing more is handed out then; the octets before it have been.
    bool refused() const { return refused_; }

  private:
    enum class state {
        line_start, // after CRLF, or at the very beginning
        dot,        // "." at a line's start, to be dropped
        dot_cr,     // "." CR at a line's start
        text,
        cr, // CR in the text, held back until it is known what follows
        ended,
    };
    std::string_view swallow(std::string_view& input);
    std::string_view bare(std::string_view kept);

    newline_policy policy_;
    state state_ = state::line_start;
    bool refused_ = false;
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
    bool line_start_ = true;
    bool after_cr_ = false;
};

} // namespace smtp
