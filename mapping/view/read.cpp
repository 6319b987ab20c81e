// Text to items, and what all syntaxes share.
#include "mapping/view/view.hpp"

#include "mapping/view/encoded_word.hpp"
#include "xproto/xml_text.hpp"

namespace mapping::view {

namespace {

std::string_view trimmed(std::string_view text)
{
    const auto begin = text.find_first_not_of(" \t");
    if (begin == std::string_view::npos) return {};
    return text.substr(begin, text.find_last_not_of(" \t") + 1 - begin);
}

std::optional<items> read_text(std::string_view text)
{
    auto decoded = decode_words(trimmed(text));
    if (!decoded) return {};
    for (auto& c : *decoded)
        if (c == '\t') c = ' ';
    items out(1);
    out.front().value = *std::move(decoded);
    return out;
}

} // namespace

// UTF-8 that XML can hold, without control characters: neither C0 nor C1 nor DEL.
bool is_clean(std::string_view text)
{
    const auto* at = text.data();
    const auto* const end = at + text.size();
    while ((at = xproto::xml::skip_plain(at, end)) != end) {
        const auto size = xproto::xml::character(at, end);
        const auto first = static_cast<unsigned char>(*at);
        if (size == 0 || first < ' ' || first == 0x7F) return false;
        if (first == 0xC2 && static_cast<unsigned char>(at[1]) < 0xA0) return false;
        at += size;
    }
    return true;
}

std::optional<items> read(syntax s, std::string_view text)
{
    if (text.size() > longest_text) return {};
    std::optional<items> out;
    switch (s) {
    case syntax::text: out = read_text(text); break;
    default: return {};
    }
    if (!out || out->size() > most_items) return {};
    for (const auto& i : *out)
        if (!is_clean(i.value) || !is_clean(i.name)) return {};
    return out;
}

} // namespace mapping::view
