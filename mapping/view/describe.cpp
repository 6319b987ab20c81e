// Most fields are plain, and cost no more than one look at their text.
#include "mapping/view/describe.hpp"

#include "mapping/view/field_text.hpp"
#include "mapping/view/lexer.hpp"
#include "mapping/view/view_xml.hpp"

namespace mapping::view {

namespace {

bool take(std::size_t& room, std::size_t octets)
{
    const auto fits = octets <= room;
    room = fits ? room - octets : 0;
    return fits;
}

} // namespace

std::string describe(const xproto::field& field, wanted which, std::size_t& room)
{
    const auto s = syntax_of(field.name);
    if (s == syntax::none || which == wanted::none ||
        (which == wanted::needed && !field.raw && is_plain(s, field.text)))
        return {};
    if (!take(room, field.raw ? field.octets.size() : field.text.size())) return {};
    std::string unfolded;
    const auto text = field_text(field, unfolded);
    if (!text || trimmed(*text).empty()) return {}; // a field that is all view and no text is one that is new
    const auto what = read(s, *text);
    if (!what || (s == syntax::text && !field.raw && what->front().value == trimmed(*text))) return {};
    auto xml = to_xml(*what);
    return take(room, xml.size()) ? xml : std::string();
}

} // namespace mapping::view
