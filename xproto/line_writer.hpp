// Writes control lines of xproto: the inverse of xproto/line.hpp.
#pragma once

#include "xproto/line.hpp"

namespace xproto {

// Writes one line to the end of a string, piece by piece, in the order of the grammar.
//     line_writer(out, 7, "XFER").parameter(id).parameter("message/body").octets(n).octets(0).end();
class line_writer {
  public:
    line_writer(std::string& out, std::uint32_t tag, std::string_view verb);                // a request
    line_writer(std::string& out, std::uint32_t tag, word answer, const result_code& code); // a response

    // Quoted when it has to be. The text must be UTF-8 without control characters.
    line_writer& parameter(std::string_view text);
    line_writer& octets(std::uint64_t count);
    // `(NAME)`, `(NAME=value)`: the value is quoted when it has to be.
    line_writer& group(std::string_view name);
    line_writer& group(std::string_view name, std::string_view value);
    // `(NAME text)`, `(NAME=value ERR code text)`: the text as for text(); a value without data (a default
    // std::string_view) is left out.
    line_writer& note(std::string_view name, std::string_view text);
    line_writer& answer(std::string_view name, std::string_view value, word answer, const result_code& code,
                        std::string_view text, std::size_t limit);
    // Of a response, last. Any octets: controls and what is not UTF-8 become `?`, and no more than `limit` octets are
    // taken.
    line_writer& text(std::string_view text, std::size_t limit);
    void end();

  private:
    void open(std::string_view name, std::string_view value);

    std::string& out_;
};

} // namespace xproto
