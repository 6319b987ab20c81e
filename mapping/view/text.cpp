// Unstructured fields (RFC 5322 3.6.5): Subject, Comments, and all that are not known.
#include "mapping/view/encoded_word.hpp"
#include "mapping/view/lexer.hpp"
#include "mapping/view/syntaxes.hpp"

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

// The end of the word that begins at `begin`, or of the last one after it, when they all need to be encoded: they go
// together, with the space between them.
std::size_t end_of_encoded(const field_writer& out, std::string_view text, std::size_t begin)
{
    auto end = std::min(text.find(' ', begin), text.size());
    while (end < text.size()) {
        const auto next = text.find_first_not_of(' ', end);
        const auto next_end = std::min(text.find(' ', next), text.size());
        if (!needs_encoding(out, text.substr(next, next_end - next))) break;
        end = next_end;
    }
    return end;
}

} // namespace

bool read_text(std::string_view text, items& out)
{
    auto decoded = decode_words(trimmed(text));
    if (!decoded) return false;
    std::replace(decoded->begin(), decoded->end(), '\t', ' ');
    item i;
    i.value = *std::move(decoded);
    out.push_back(std::move(i));
    return true;
}

bool write_text(field_writer& out, const items& what)
{
    if (what.size() != 1 || what.front().what != kind::text) return false;
    const std::string_view text = what.front().value;
    if (has_fragile_space(text)) {
        out.encoded(text);
        return true;
    }
    for (std::size_t at = 0; at < text.size();) {
        const auto begin = text.find_first_not_of(' ', at);
        const auto space = text.substr(at, begin - at);
        auto end = std::min(text.find(' ', begin), text.size());
        const auto word = text.substr(begin, end - begin);
        if (needs_encoding(out, word)) {
            end = end_of_encoded(out, text, begin);
            out.encoded(text.substr(begin, end - begin), space);
        } else {
            out.word(word, space);
        }
        at = end;
    }
    return true;
}

bool is_plain_text(std::string_view text)
{
    return text.find("=?") == std::string_view::npos;
}

} // namespace mapping::view
