// Tag lists (RFC 6376 3.2): DKIM-Signature, ARC-Seal, Autocrypt. White space inside a value is there to fold it.
#include "mapping/view/lexer.hpp"
#include "mapping/view/syntaxes.hpp"

#include <algorithm>
#include <array>

namespace mapping::view {

namespace {

// Tags whose values are base64 or lists with colons: white space in them means nothing at all.
constexpr std::array<std::string_view, 6> spaceless{"b", "bh", "h", "z", "keydata", "q"};

bool is_name_character(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
}

bool is_spaceless(std::string_view name)
{
    return std::find(spaceless.begin(), spaceless.end(), name) != spaceless.end();
}

// Runs of white space made one space, or taken out.
std::string collapsed(std::string_view text, std::string_view space)
{
    std::string out;
    for (;;) {
        text = trimmed(text);
        const auto word = text.substr(0, text.find_first_of(" \t"));
        out += word;
        text.remove_prefix(word.size());
        if (text.empty()) return out;
        out += space;
    }
}

// Where a value without spaces may be folded: behind a colon, in base64 anywhere.
std::size_t piece_size(std::string_view value)
{
    constexpr std::size_t widest = 64;
    if (value.size() <= widest) return value.size();
    const auto colon = value.rfind(':', widest - 1);
    if (colon != std::string_view::npos) return colon + 1;
    const auto next = value.find(':');
    return next == std::string_view::npos ? widest : next + 1;
}

void write_tag(field_writer& out, const item& tag)
{
    const auto without_space = is_spaceless(tag.name);
    auto begin = tag.name + '=';
    for (std::string_view value = tag.value; !value.empty() || !begin.empty(); begin.clear()) {
        const auto size = without_space ? piece_size(value) : std::min(value.find(' '), value.size());
        out.word(begin.append(value, 0, size));
        value.remove_prefix(size);
        if (!without_space && !value.empty()) value.remove_prefix(1);
    }
}

} // namespace

bool read_tags(std::string_view text, items& out)
{
    for (;;) {
        const auto piece = text.substr(0, text.find(';'));
        const auto tag = trimmed(piece);
        if (!tag.empty()) {
            const auto equals = tag.find('=');
            const auto name = trimmed(tag.substr(0, equals));
            if (equals == std::string_view::npos || name.empty() || out.size() == most_items) return false;
            if (!std::all_of(name.begin(), name.end(), is_name_character)) return false;
            item i;
            i.what = kind::tag;
            i.name = name;
            i.value = collapsed(tag.substr(equals + 1), is_spaceless(name) ? "" : " ");
            out.push_back(std::move(i));
        }
        if (piece.size() == text.size()) return !out.empty();
        text.remove_prefix(piece.size() + 1);
    }
}

bool write_tags(field_writer& out, const items& what)
{
    if (!are_all(what, kind::tag)) return false;
    for (const auto& i : what) {
        if (!out.can_hold(i.name) || !out.can_hold(i.value)) return false;
        write_tag(out, i);
        if (&i != &what.back()) out.attach(";");
    }
    return true;
}

// Who splits at semicolons and takes white space out has all that there is.
bool are_plain_tags(std::string_view)
{
    return true;
}

} // namespace mapping::view
