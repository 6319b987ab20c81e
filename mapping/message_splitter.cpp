// The header is gathered line by line in one buffer; each complete line is looked at once.
#include "mapping/message_splitter.hpp"

#include <cassert>
#include <cstring>
#include <limits>

namespace mapping {

namespace {

bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

} // namespace

message_splitter::message_splitter(limits l) : limits_(l)
{
    assert(limits_.header_octets < std::numeric_limits<std::uint32_t>::max());
}

message_splitter::message_splitter() : message_splitter(limits{}) {}

message_splitter::body_pieces message_splitter::push(std::string_view octets)
{
    held_.clear();
    while (!in_body_ && !octets.empty()) {
        const auto* const newline = static_cast<const char*>(std::memchr(octets.data(), '\n', octets.size()));
        const auto size = newline ? static_cast<std::size_t>(newline - octets.data()) + 1 : octets.size();
        header_.octets_.append(octets, 0, size);
        octets.remove_prefix(size);
        // Before anything else, so that the outcome does not depend on how much of the line is here.
        if (header_.octets_.size() > limits_.header_octets) {
            header_.cut_ = true;
            cut_before_field();
        } else if (newline && !take_line()) {
            cut_before_line();
        }
    }
    return pass(octets);
}

message_splitter::body_pieces message_splitter::finish()
{
    held_.clear();
    if (!in_body_ && line_begin_ < header_.octets_.size() && !take_line()) cut_before_line();
    if (!in_body_) end_with(xproto::separator::none, 0);
    const auto last = pass({});
    body_digest_ = digest_.finish();
    return last;
}

// Is the line at line_begin_, which reaches to the end of the buffer, one of the header? Its line end may be missing
// only at the end of the message.
bool message_splitter::take_line()
{
    const auto line = std::string_view(header_.octets_).substr(line_begin_);
    if (line == "\r\n") {
        end_with(xproto::separator::crlf, 2);
        return true;
    }
    if (line == "\n") {
        end_with(xproto::separator::lf, 1);
        return true;
    }
    if (is_blank(line.front())) {
        if (header_.empty()) return false; // continues nothing
    } else if (!take_field(line)) {
        return false;
    }
    line_begin_ = header_.octets_.size();
    return true;
}

bool message_splitter::take_field(std::string_view line)
{
    const auto name = field_name_size(line);
    const auto is_mailbox_line = line_begin_ == 0 && line.starts_with("From ");
    if (name == 0 && !is_mailbox_line) return false;
    if (header_.size() == limits_.fields) {
        header_.cut_ = true;
        return false;
    }
    header_.slices_.push_back({static_cast<std::uint32_t>(line_begin_), static_cast<std::uint32_t>(name)});
    return true;
}

// The header ends here, with `octets` of a separator.
void message_splitter::end_with(xproto::separator end, std::size_t octets)
{
    header_.end_ = end;
    header_.fields_end_ = header_.octets_.size() - octets;
    in_body_ = true;
}

void message_splitter::cut_before_line()
{
    held_.assign(header_.octets_, line_begin_);
    header_.octets_.resize(line_begin_);
    end_with(xproto::separator::none, 0);
}

// The field that the line at line_begin_ belongs to is body.
void message_splitter::cut_before_field()
{
    if (is_blank(header_.octets_[line_begin_]) && !header_.empty()) {
        line_begin_ = header_.slices_.back().begin;
        header_.slices_.pop_back();
    }
    cut_before_line();
}

message_splitter::body_pieces message_splitter::pass(std::string_view fresh)
{
    if (!held_.empty()) digest_.update(held_);
    if (!fresh.empty()) digest_.update(fresh);
    body_octets_ += held_.size() + fresh.size();
    return {held_, fresh};
}

} // namespace mapping
