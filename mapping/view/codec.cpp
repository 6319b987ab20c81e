// The table of syntaxes: how each is read, written, and left out.
#include "mapping/view/syntaxes.hpp"
#include "mapping/view/write.hpp"
#include "xproto/xml_text.hpp"

#include <algorithm>
#include <array>

namespace mapping::view {

namespace {

struct codec {
    bool (*read)(std::string_view text, items& out);
    bool (*write)(field_writer& out, const items& what);
    bool (*is_plain)(std::string_view text);
};

// In the order of the enumeration.
constexpr std::array<codec, 12> codecs{{
    {nullptr, nullptr, nullptr},
    {read_text, write_text, is_plain_text},
    {read_addresses, write_addresses, are_plain_addresses},
    {read_date, write_date, is_plain_date},
    {read_ids, write_ids, are_plain_ids},
    {read_keywords, write_keywords, are_plain_keywords},
    {read_parameters, write_parameters, are_plain_parameters},
    {read_tags, write_tags, are_plain_tags},
    {read_results, write_results, are_plain_results},
    {read_spf, write_spf, are_plain_results},
    {read_list_id, write_list_id, is_plain_list_id},
    {read_uris, write_uris, are_plain_uris},
}};
static_assert(codecs.size() == static_cast<std::size_t>(syntax::uris) + 1);

const codec& codec_of(syntax s)
{
    return codecs[static_cast<std::size_t>(s)];
}

} // namespace

bool is_clean(std::string_view text)
{
    if (text.find('\x7F') != std::string_view::npos) return false; // which is plain to XML
    const auto* at = text.data();
    const auto* const end = at + text.size();
    while ((at = xproto::xml::skip_plain(at, end)) != end) {
        const auto size = xproto::xml::character(at, end);
        const auto first = static_cast<unsigned char>(*at);
        if (size == 0 || first < ' ') return false;
        if (first == 0xC2 && static_cast<unsigned char>(at[1]) < 0xA0) return false;
        at += size;
    }
    return true;
}

bool are_all(const items& what, kind wanted)
{
    return !what.empty() && std::all_of(what.begin(), what.end(), [wanted](const item& i) { return i.what == wanted; });
}

std::optional<items> read(syntax s, std::string_view text)
{
    items out;
    if (s == syntax::none || text.size() > longest_text || !codec_of(s).read(text, out)) return {};
    for (const auto& i : out)
        if (!is_clean(i.value) || !is_clean(i.name)) return {};
    return out;
}

bool is_plain(syntax s, std::string_view text)
{
    return s == syntax::none || codec_of(s).is_plain(text);
}

std::optional<std::string> write(std::string_view name, syntax s, const items& what, header_charset charset)
{
    field_writer out(name, charset);
    if (s == syntax::none || !codec_of(s).write(out, what)) return {};
    return std::move(out).take();
}

} // namespace mapping::view
