// A raw field may have been made raw by no more than a bare line feed or a space before its colon.
#include "mapping/view/field_text.hpp"

namespace mapping::view {

std::optional<std::string> field_text(const xproto::field& field)
{
    if (!field.raw) return field.text;
    const auto colon = field.octets.find(':');
    if (field.name.empty() || colon == std::string::npos) return {};
    std::string text;
    text.reserve(field.octets.size());
    for (auto i = colon + 1; i < field.octets.size(); ++i) {
        const auto c = field.octets[i];
        if (c == '\n' || (c == '\r' && i + 1 < field.octets.size() && field.octets[i + 1] == '\n')) continue;
        text += c;
    }
    if (!xproto::is_plain_text(text)) return {};
    return text;
}

} // namespace mapping::view
