// The plain form is tried, undone and compared; what does not survive that travels raw. So losslessness does not rest
// on the reading being right.
#include "mapping/field.hpp"

#include <algorithm>
#include <optional>

namespace mapping {

namespace {

// The plain form of a field, or nothing when its lines do not all end with CRLF or its colon is not where it should be.
// Whether the result is right is for gives_back() to say.
std::optional<xproto::field> read_plain(const header_field& field)
{
    if (field.name.empty() || field.octets[field.name.size()] != ':') return {};
    xproto::field plain;
    auto rest = field.body;
    for (;;) {
        const auto newline = rest.find('\n');
        if (newline == std::string_view::npos || newline == 0 || rest[newline - 1] != '\r') return {};
        plain.text.append(rest, 0, newline - 1);
        rest.remove_prefix(newline + 1);
        if (rest.empty()) break;
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

// Is the plain form so much longer in XML, for its entities (`&amp;`) and fold offsets, that base64 of the octets is
// the shorter one by far? Only what was made to be so is.
bool is_bloated(const xproto::field& plain)
{
    constexpr std::size_t octets_an_entity = 5;
    constexpr std::size_t octets_a_fold = 8;
    const auto entities = std::count_if(plain.text.begin(), plain.text.end(),
                                        [](char c) { return c == '&' || c == '<' || c == '>' || c == '"'; });
    const auto extra = static_cast<std::size_t>(entities) * octets_an_entity + plain.folds.size() * octets_a_fold;
    return extra > 256 + plain.text.size();
}

} // namespace

xproto::field to_field(const header_field& field)
{
    if (auto plain = read_plain(field);
        plain && xproto::is_plain_text(plain->text) && gives_back(*plain, field.octets) && !is_bloated(*plain))
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
