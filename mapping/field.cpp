// The plain form is tried, undone and compared; what does not survive that travels raw. So losslessness does not rest
// on the reading being right.
#include "mapping/field.hpp"

#include "xproto/xml_text.hpp"

#include <optional>

namespace mapping {

namespace {

std::string_view octets_of(line_end lines)
{
    return lines == line_end::lf ? "\n" : "\r\n";
}

// The plain form of a field, or nothing when it has no name or a line of it has another end. Whether the result is
// right is for gives_back() to say.
std::optional<xproto::field> read_plain(const header_field& field, line_end lines)
{
    constexpr std::size_t usual_folds = 4;
    if (field.name.empty()) return {};
    const auto end = octets_of(lines);
    xproto::field plain;
    plain.bare_lf = lines == line_end::lf;
    auto rest = field.body;
    plain.text.reserve(rest.size());
    for (;;) {
        const auto newline = rest.find('\n');
        const auto line = rest.substr(0, newline == std::string_view::npos ? newline : newline + 1);
        if (!line.ends_with(end)) return {};
        plain.text.append(line, 0, line.size() - end.size());
        rest.remove_prefix(line.size());
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
bool gives_back(const xproto::field& plain, line_end lines, std::string_view octets)
{
    const auto end = octets_of(lines);
    if (!take(octets, plain.name) || !take(octets, ":")) return false;
    const auto text = std::string_view(plain.text);
    std::size_t begin = 0;
    for (const auto fold : plain.folds) {
        if (fold < begin || fold > text.size()) return false;
        if (!take(octets, text.substr(begin, fold - begin)) || !take(octets, end)) return false;
        begin = fold;
    }
    return take(octets, text.substr(begin)) && octets == end;
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

xproto::field to_field(const header_field& field, line_end lines)
{
    if (auto plain = read_plain(field, lines); plain && is_fit(*plain) && gives_back(*plain, lines, field.octets))
        return *std::move(plain);
    xproto::field raw;
    raw.name = field.name;
    raw.raw = true;
    raw.octets = field.octets;
    return raw;
}

void append_octets(std::string& out, const xproto::field& field)
{
    append_octets(out, field, field.bare_lf ? line_end::lf : line_end::crlf);
}

void append_octets(std::string& out, const xproto::field& field, line_end lines)
{
    const auto end = octets_of(lines);
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
        out += end;
        begin = fold;
    }
    out.append(field.text, begin);
    out += end;
}

std::string header_of(const xproto::headers_object& headers)
{
    std::string out;
    for (const auto& field : headers.fields) append_octets(out, field, line_end::crlf);
    return out + "\r\n";
}

} // namespace mapping
