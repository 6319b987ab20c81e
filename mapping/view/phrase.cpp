// Words are joined with a space where there was white space, and decoded together: then encoded words inside
// quotations, which should not be there, are understood as well.
#include "mapping/view/phrase.hpp"

#include "mapping/view/encoded_word.hpp"
#include "mapping/view/lexer.hpp"

#include <algorithm>

namespace mapping::view {

namespace {

constexpr std::size_t longest_phrase = 900; // as atoms or quotation

bool is_atoms(std::string_view phrase)
{
    for (;;) {
        const auto space = phrase.find(' ');
        if (!is_atom(phrase.substr(0, space))) return false;
        if (space == std::string_view::npos) return true;
        phrase.remove_prefix(space + 1);
    }
}

// Words with the space before each; the first has none.
void write_words(field_writer& out, std::string_view text)
{
    auto space = std::string_view(" ");
    while (!text.empty()) {
        const auto word = text.substr(0, text.find(' '));
        out.word(word, space);
        text.remove_prefix(word.size());
        space = text.substr(0, std::min(text.find_first_not_of(' '), text.size()));
        text.remove_prefix(space.size());
        if (text.empty()) out.attach(space);
    }
}

} // namespace

std::optional<std::string> read_phrase(std::string_view text)
{
    std::string joined;
    lexer in(text);
    auto begins = true;
    for (;;) {
        const auto before = in.position();
        if (!in.skip()) return {};
        if (in.at_end()) return decode_words(joined);
        if (in.position() != before && !begins) joined += ' ';
        begins = false;
        if (in.peek() == '"') {
            if (!in.quoted_string(joined)) return {};
        } else if (const auto size = encoded_word_size(in.rest()); size != 0) {
            joined += in.rest().substr(0, size);
            in.advance(size);
        } else if (in.peek() == ')' || in.peek() == '\\') {
            return {};
        } else {
            joined += in.peek();
            in.advance(1);
        }
    }
}

void write_phrase(field_writer& out, std::string_view phrase)
{
    if (!out.can_hold(phrase) || phrase.find("=?") != std::string_view::npos || phrase.size() > longest_phrase)
        return out.encoded(phrase);
    if (is_atoms(phrase)) return write_words(out, phrase);
    const auto whole = quoted(phrase);
    if (whole.size() <= out.room() || phrase.find("  ") != std::string_view::npos || phrase.starts_with(' '))
        return out.word(whole);
    write_words(out, whole);
}

} // namespace mapping::view
