// One piece up to the next semicolon is read at a time; quotes and comments are undone while it is copied.
#include "mapping/parts/parameters.hpp"

#include "mapping/parts/text.hpp"

namespace mapping::parts {

namespace {

// The size of the comment (RFC 5322 3.2.2) that `text` begins with; all of it when it does not end.
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
    return text.size();
}

// Appends what stands between the quotes that `text` begins with; how many octets that was, quotes included.
std::size_t take_quoted(std::string& out, std::string_view text)
{
    std::size_t i = 1;
    for (; i < text.size() && text[i] != '"'; ++i) {
        if (text[i] == '\\' && i + 1 < text.size()) ++i;
        if (text[i] != '\r' && text[i] != '\n') out += text[i];
    }
    return i < text.size() ? i + 1 : i;
}

} // namespace

parameter_reader::parameter_reader(std::string_view body) : rest_(body)
{
    value_ = take_piece().value;
}

// Up to a semicolon. White space stays only inside of quotes, and between words.
parameter parameter_reader::take_piece()
{
    parameter out;
    auto* to = &out.value; // what stands before an `=` turns out to be the name
    std::size_t i = 0;
    std::size_t solid = 0; // the size without white space at the end
    while (i < rest_.size() && rest_[i] != ';') {
        const char c = rest_[i];
        if (c == '(') {
            i += comment_size(rest_.substr(i));
        } else if (c == '"') {
            i += take_quoted(*to, rest_.substr(i));
            solid = to->size();
        } else if (c == '=' && out.name.empty()) {
            out.value.resize(solid);
            out.name = lower(std::move(out.value));
            out.value.clear();
            solid = 0;
            ++i;
        } else if (c == '\r' || c == '\n') {
            ++i;
        } else {
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
    }
    return std::nullopt;
}

} // namespace mapping::parts
