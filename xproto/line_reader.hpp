// Cuts what arrives into control lines and bare octets (docs/xproto.md, "Framing"). Keeps at most one unfinished line;
// everything else is views into what was given.
#pragma once

#include "xproto/errc.hpp"

#include <boost/system/result.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace xproto {

class line_reader {
  public:
    // `limit`: octets of a line with its CRLF.
    explicit line_reader(std::size_t limit) : limit_(limit) {}

    // More input. It must stay valid until all of it was taken; there must be none left from before.
    void give(std::string_view octets);
    // Has everything that was given been taken? An unfinished line has: it is kept here.
    bool empty() const { return input_.empty(); }
    // How many octets of what was given have not been taken.
    std::size_t left() const { return input_.size(); }

    // The next line without its CRLF, valid until the next call; nothing when its end has not arrived. An error is
    // found as soon as it can be, and the same one however the input was split.
    boost::system::result<std::optional<std::string_view>> take_line();
    // As many octets as are there, at most `most`, valid as long as the input. Not in the middle of a line.
    std::string_view take_octets(std::size_t most);

  private:
    std::string_view input_;
    std::string unfinished_; // the beginning of a line whose end has not arrived
    bool returned_ = false;  // is `unfinished_` the line that take_line() gave out last?
    std::size_t limit_;
};

} // namespace xproto
