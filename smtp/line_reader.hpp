// Cuts a stream into command lines (RFC 5321 2.3.8). Only CRLF ends a line. A line that is too long, or holds a NUL, a
// bare CR or a bare LF, is reported once and never handed out.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace smtp {

class line_reader {
  public:
    enum class status {
        more,     // all input taken, no whole line yet
        line,     // text() is a line without its CRLF
        too_long, // reported as soon as the limit is passed; the rest of the line is skipped without storing it
        bare_lf,  // reported at once, so that a peer who ends lines with LF learns why; skipped up to the next CRLF
        bare_cr,
        nul,
    };

    // The limit is in octets of a line with its CRLF.
    explicit line_reader(std::size_t limit) : most_(limit < 2 ? 0 : limit - 2) {}

    // Takes octets off the front of `input`.
    status read(std::string_view& input);
    // After status::line, until the next read(): a view into the input, or of the reader's own memory.
    std::string_view text() const { return text_; }
    // Has a line begun whose end has not come?
    bool pending() const { return (!kept_.empty() && !spent_) || skipping_; }
    void clear();

  private:
    bool skip(std::string_view& input);
    status judge(std::string_view line);

    std::size_t most_; // octets of a line without its CRLF
    std::string kept_;
    std::string_view text_;
    bool spent_ = false; // is kept_ the line that was handed out last?
    bool skipping_ = false;
    bool skipped_cr_ = false; // was the last skipped octet a CR?
};

} // namespace smtp
