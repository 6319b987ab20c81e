// From the view when there is one, from the text when there is none.
#include "mapping/view/regenerate.hpp"

#include "mapping/field.hpp"
#include "mapping/view/field_text.hpp"
#include "mapping/view/view_xml.hpp"
#include "mapping/view/write.hpp"
#include "smtp/address.hpp"

namespace mapping::view {

namespace {

// Octets that may stand in a header of this charset as they are.
bool fits(std::string_view octets, header_charset charset)
{
    return charset == header_charset::ascii ? smtp::is_ascii(octets) : smtp::is_utf8(octets);
}

std::optional<items> items_of(const xproto::field& field, syntax s)
{
    if (!field.view.empty()) return from_xml(field.view);
    const auto text = field_text(field);
    if (!text) return {};
    return read(s, *text);
}

} // namespace

std::optional<std::string> regenerate(const xproto::field& field, header_charset charset)
{
    if (field.view.empty()) {
        std::string octets;
        append_octets(octets, field);
        if (fits(octets, charset) && octets.ends_with("\r\n")) return octets;
    }
    if (field.name.empty()) return {};
    const auto s = syntax_of(field.name);
    const auto what = items_of(field, s);
    if (!what) return {};
    return write(field.name, s, *what, charset);
}

} // namespace mapping::view
