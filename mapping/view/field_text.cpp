// A raw field may have been made raw by no more than a bare line feed or a space before its colon.
#include "mapping/view/field_text.hpp"

#include "mapping/view/view.hpp"

namespace mapping::view {

std::optional<std::string_view> field_text(const xproto::field& field, std::string& unfolded)
{
    if (!field.raw) return field.text;
    const auto colon = field.octets.find(':');
    if (field.octets.size() > 2 * longest_text) return {};
    if (field.name.empty() || colon == std::string::npos) return {};
    const auto& octets = field.octets;
    unfolded.clear();
    unfolded.reserve(octets.size());
    for (auto i = colon + 1; i < octets.size(); ++i) {
        const auto ends_line = octets[i] == '\n' || octets.compare(i, 2, "\r\n") == 0;
        if (!ends_line) unfolded += octets[i];
    }
    if (!xproto::is_plain_text(unfolded)) return {};
    return unfolded;
}

} // namespace mapping::view
