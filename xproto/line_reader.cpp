// Lines end in CRLF and begin with `[`. What cannot become a line is refused at its first octet, so that a peer that
// speaks another protocol is not waited for.
#include "xproto/line_reader.hpp"

#include <algorithm>
#include <cassert>

namespace xproto {

void line_reader::give(std::string_view octets)
{
    assert(input_.empty());
    input_ = octets;
}

boost::system::result<std::optional<std::string_view>> line_reader::take_line()
{
    if (returned_) {
        unfinished_.clear();
        returned_ = false;
    }
    if (input_.empty()) return std::nullopt;
    if (unfinished_.empty() && input_.front() != '[') return errc::not_a_line;

    const std::size_t room = limit_ - unfinished_.size();
    const auto newline = input_.substr(0, room).find('\n');
    if (newline == input_.npos) {
        if (input_.size() >= room) return errc::line_too_long;
        unfinished_ += input_;
        input_ = {};
        return std::nullopt;
    }
    std::string_view line = input_.substr(0, newline);
    input_.remove_prefix(newline + 1);
    if (!unfinished_.empty()) {
        unfinished_ += line;
        returned_ = true;
        line = unfinished_;
    }
    if (!line.ends_with('\r')) return errc::bare_newline;
    line.remove_suffix(1);
    return line;
}

std::string_view line_reader::take_octets(std::size_t most)
{
    assert(returned_ || unfinished_.empty());
    const auto taken = input_.substr(0, most);
    input_.remove_prefix(taken.size());
    return taken;
}

} // namespace xproto
