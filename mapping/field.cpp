// The plain form is tried, undone and compared; what does not survive that travels raw. So losslessness does not rest
// on the reading being right.
#include "mapping/field.hpp"

#include "xproto/xml_text.hpp"

#include <optional>

namespace mapping {

namespace {

// The plain form of a field, or nothing when it has no name or a line of it does not end with CRLF. Whether the result
// is right is for gives_back() to say.
std::optional<xproto::field> read_plain(const header_field& field)
{
    constexpr std::size_t usual_folds = 4;
    if (field.name.empty()) return {};
    xproto::field plain;
    auto rest = field.body;
    plain.text.reserve(rest.size());
    for (;;) {
        const auto newline = rest.find('\n');
        if (newline == std::string_view::npos || newline == 0 || rest[newline - 1] != '\r') return {};
        plain.text.append(rest, 0, newline - 1);
        rest.remove_prefix(newline + 1);
        if (rest.empty()) break;
        if (plain.folds.empty()) plain.folds.reserve(usual_folds);
        plain.folds.push_back(static_cast<std::uint32_t>(plain.text.size()));
    }
    plain.name = field.name;
    return plain;
}

// Takes `expected` off the front of `octets`, if it is there.
bool take(std::string_view& octets, std::string_view expected)
{
    if (!octets.starts_with(expected)) return false;
    octets.remove_prefix(expected.size());
    return true;
}

// Would append_octets() write exactly these?
bool gives_back(const xproto::field& plain, std::string_view octets)
{
    if (!take(octets, plain.name) || !take(octets, ":")) return false;
    const auto text = std::string_view(plain.text);
    std::size_t begin = 0;
    for (const auto fold : plain.folds) {
        if (fold < begin || fold > text.size()) return false;
        if (!take(octets, text.substr(begin, fold - begin)) || !take(octets, "\r\n")) return false;
        begin = fold;
    }
    return take(octets, text.substr(begin)) && octets == "\r\n";
}

// May the text travel in plain form: XML characters without CR and LF, and not so many that XML must write as entities
// (`&amp;`), nor so many folds, that base64 of the octets is the shorter form by far? Only what was made to be so is.
bool is_fit(const xproto::field& plain)
{
    constexpr std::size_t octets_an_entity = 5;
    constexpr std::size_t octets_a_fold = 8;
    auto extra = plain.folds.size() * octets_a_fold;
    const auto* at = plain.text.data();
    const auto* const end = at + plain.text.size();
    while ((at = xproto::xml::skip_plain(at, end)) != end) {
        const auto size = xproto::xml::character(at, end);
        if (size == 0 || *at == '\r' || *at == '\n') return false;
        if (*at == '&' || *at == '<' || *at == '"' || *at == '\t') extra += octets_an_entity;
        at += size;
    }
    return extra <= 256 + plain.text.size();
}

} // namespace

xproto::field to_field(const header_field& field)
{
    if (auto plain = read_plain(field); plain && is_fit(*plain) && gives_back(*plain, field.octets))
        return *std::move(plain);
    xproto::field raw;
    raw.name = field.name;
    raw.raw = true;
    raw.octets = field.octets;
    return raw;
}

void append_octets(std::string& out, const xproto::field& field)
{
    if (field.raw) {
        out += field.octets;
        return;
    }
    out += field.name;
    out += ':';
    std::size_t begin = 0;
    for (const auto fold : field.folds) {
        if (fold < begin || fold > field.text.size()) continue;
        out.append(field.text, begin, fold - begin);
        out += "\r\n";
        begin = fold;
    }
    out.append(field.text, begin);
    out += "\r\n";
}

} // namespace mapping
