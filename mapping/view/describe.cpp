// Most fields are plain, and cost no more than one look at their text.
#include "mapping/view/describe.hpp"

#include "mapping/view/field_text.hpp"
#include "mapping/view/lexer.hpp"
#include "mapping/view/view_xml.hpp"

namespace mapping::view {

std::string describe(const xproto::field& field, wanted which)
{
    const auto s = syntax_of(field.name);
    if (which == wanted::needed && !field.raw && is_plain(s, field.text)) return {};
    std::string unfolded;
    const auto text = field_text(field, unfolded);
    if (!text || trimmed(*text).empty()) return {}; // a field that is all view and no text is one that is new
    const auto what = read(s, *text);
    if (!what || (s == syntax::text && !field.raw && what->front().value == trimmed(*text))) return {};
    return to_xml(*what);
}

} // namespace mapping::view
