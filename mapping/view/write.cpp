// One function for each syntax.
#include "mapping/view/write.hpp"

#include <algorithm>

namespace mapping::view {

namespace {

constexpr std::size_t longest_word = 900; // leaves room for a name in a line of 998

bool needs_encoding(const field_writer& out, std::string_view word)
{
    return !out.can_hold(word) || word.find("=?") != std::string_view::npos || word.size() > longest_word;
}

// White space that a relay may take for its own: at an end, or more than anybody types.
bool has_fragile_space(std::string_view text)
{
    constexpr std::string_view wide = "         ";
    return text.starts_with(' ') || text.ends_with(' ') || text.find(wide) != std::string_view::npos;
}

bool write_text(field_writer& out, const items& what)
{
    if (what.size() != 1 || what.front().what != kind::text) return false;
    write_text(out, what.front().value);
    return true;
}

} // namespace

void write_text(field_writer& out, std::string_view text)
{
    if (has_fragile_space(text)) return out.encoded(text);
    std::size_t at = 0;
    while (at < text.size()) {
        const auto begin = text.find_first_not_of(' ', at);
        const auto space = begin == at ? std::string_view(" ") : text.substr(at, begin - at);
        auto end = std::min(text.find(' ', begin), text.size());
        if (!needs_encoding(out, text.substr(begin, end - begin))) {
            out.word(text.substr(begin, end - begin), space);
            at = end;
            continue;
        }
        // Words side by side that all need it go together, with the space between them.
        while (end < text.size()) {
            const auto next = text.find_first_not_of(' ', end);
            const auto next_end = std::min(text.find(' ', next), text.size());
            if (!needs_encoding(out, text.substr(next, next_end - next))) break;
            end = next_end;
        }
        out.encoded(text.substr(begin, end - begin), space);
        at = end;
    }
}

std::optional<std::string> write(std::string_view name, syntax s, const items& what, header_charset charset)
{
    field_writer out(name, charset);
    switch (s) {
    case syntax::text:
        if (!write_text(out, what)) return {};
        break;
    default: return {};
    }
    return std::move(out).take();
}

} // namespace mapping::view
