// One piece up to the next semicolon is read at a time; quotes and comments are undone while it is copied.
#include "mapping/parts/parameters.hpp"

#include "mapping/parts/text.hpp"

namespace mapping::parts {

namespace {

// The size of the comment (RFC 5322 3.2.2) that `text` begins with; npos when it does not end.
std::size_t comment_size(std::string_view text)
{
    std::size_t depth = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '\\') {
            ++i;
        } else if (text[i] == '(') {
            ++depth;
        } else if (text[i] == ')' && --depth == 0) {
            return i + 1;
        }
    }
    return std::string_view::npos;
}

} // namespace

parameter_reader::parameter_reader(std::string_view body) : rest_(body)
{
    auto first = take_piece();
    is_flawed_ = is_flawed_ || !first.name.empty();
    value_ = std::move(first.value);
}

// At a parenthesis; how many octets that was. One in the middle of an unquoted value is part of it: `report(1).pdf`.
std::size_t parameter_reader::take_comment(std::string& to, std::string_view text, bool is_value)
{
    const auto size = comment_size(text);
    if (size == std::string_view::npos) {
        is_flawed_ = true;
        return text.size();
    }
    const auto ends_word = size == text.size() || text[size] == ';' || is_space(text[size]);
    if (!is_value || to.empty() || is_space(to.back()) || ends_word) return size;
    to += '(';
    return 1;
}

// At a quotation mark: appends what is meant; how many octets that was, quotation marks included.
std::size_t parameter_reader::take_quoted(std::string& to, std::string_view text)
{
    is_flawed_ = is_flawed_ || !to.empty();
    std::size_t i = 1;
    for (; i < text.size() && text[i] != '"'; ++i) {
        if (text[i] == '\\' && i + 1 < text.size()) ++i;
        if (text[i] != '\r' && text[i] != '\n') to += text[i];
    }
    if (i < text.size()) return i + 1;
    is_flawed_ = true;
    return i;
}

// Up to a semicolon. White space stays only inside of quotes, and between words.
parameter parameter_reader::take_piece()
{
    parameter out;
    auto* to = &out.value; // what stands before an `=` turns out to be the name
    std::size_t i = 0;
    std::size_t solid = 0; // the size without white space at the end
    auto has_equals = false, is_quoted = false;
    while (i < rest_.size() && rest_[i] != ';') {
        const char c = rest_[i];
        if (c == '(') {
            i += take_comment(*to, rest_.substr(i), has_equals && !is_quoted);
            if (!to->empty() && to->back() == '(') solid = to->size();
        } else if (c == '"') {
            i += take_quoted(*to, rest_.substr(i));
            solid = to->size();
            is_quoted = true;
        } else if (c == '=' && !has_equals) {
            out.value.resize(solid);
            out.name = lower(std::move(out.value));
            out.value.clear();
            solid = 0;
            is_flawed_ = is_flawed_ || is_quoted || out.name.empty();
            has_equals = true;
            ++i;
        } else if (c == '\r' || c == '\n') {
            ++i;
        } else {
            is_flawed_ = is_flawed_ || (is_quoted && !is_space(c));
            if (!is_space(c) || !to->empty()) *to += c;
            if (!is_space(c)) solid = to->size();
            ++i;
        }
    }
    to->resize(solid);
    rest_.remove_prefix(i < rest_.size() ? i + 1 : i);
    return out;
}

std::optional<parameter> parameter_reader::next()
{
    while (!rest_.empty()) {
        auto piece = take_piece();
        if (!piece.name.empty()) return piece;
        is_flawed_ = is_flawed_ || !piece.value.empty();
    }
    return std::nullopt;
}

} // namespace mapping::parts
