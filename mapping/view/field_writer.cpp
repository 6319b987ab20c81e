// A fold is CRLF before white space that was to be written anyway, so that unfolding gives back what was meant.
#include "mapping/view/field_writer.hpp"

#include "mapping/view/encoded_word.hpp"
#include "smtp/address.hpp"

namespace mapping::view {

namespace {

constexpr std::size_t attached = 2; // octets that must find room behind a word: a comma, the end of a group

} // namespace

bool field_writer::can_hold(std::string_view text) const
{
    return charset_ == header_charset::utf8 || smtp::is_ascii(text);
}

void field_writer::fold(std::string_view space)
{
    octets_ += "\r\n";
    line_begin_ = octets_.size();
    octets_ += space;
}

void field_writer::word(std::string_view text, std::string_view space)
{
    if (has_word_ && !space.empty() && column() + space.size() + text.size() + attached > line)
        fold(space);
    else if (has_word_)
        octets_ += space;
    octets_ += text;
    has_word_ = true;
}

void field_writer::attach(std::string_view text)
{
    octets_ += text;
}

void field_writer::encoded(std::string_view text, std::string_view space)
{
    constexpr std::size_t too_little = 24; // of one line, to begin an encoded word there
    while (!text.empty()) {
        const auto used = column() + (has_word_ ? space.size() : 0);
        const auto left = used + 1 < longest_encoded_line ? longest_encoded_line - used - 1 : 0;
        if (left >= too_little) {
            if (has_word_) octets_ += space;
            octets_ += take_encoded_word(text, left);
        } else {
            if (!has_word_) octets_.pop_back(); // the space after the colon: a very long name has a line to itself
            fold(space);
            octets_ += take_encoded_word(text, longest_encoded_line - space.size() - 1);
        }
        has_word_ = true;
        space = " ";
    }
}

std::size_t field_writer::room() const
{
    return column() + 1 + attached < line ? line - column() - 1 - attached : 0;
}

std::optional<std::string> field_writer::take() &&
{
    if (octets_.ends_with(": ")) octets_.pop_back();
    octets_ += "\r\n";
    for (std::size_t begin = 0; begin < octets_.size();) {
        const auto end = octets_.find("\r\n", begin);
        if (end - begin > longest_line) return {};
        begin = end + 2;
    }
    return std::move(octets_);
}

} // namespace mapping::view
