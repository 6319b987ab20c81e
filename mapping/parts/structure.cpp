// The list of parts as lines for people.
#include "mapping/parts/structure.hpp"

#include "mapping/text.hpp"

#include <array>
#include <string_view>

namespace mapping::parts {

namespace {

// In the order of the enumeration.
constexpr std::array<std::string_view, 7> finding_texts{
    "not looked into: too deep", "not all parts listed: too many", "header too long",
    "header without an end",     "not looked into: no boundary",   "closing delimiter missing",
    "a MIME field stands twice",
};

} // namespace

std::string to_text(const structure& parts)
{
    constexpr std::size_t longest_name = 255;
    std::string out;
    for (const auto& p : parts) {
        out.append(2 * p.depth, ' ').append(p.media_type);
        if (!p.encoding.empty()) out += ' ' + printable(p.encoding, false, longest_name);
        if (!p.filename.empty()) out += " \"" + printable(p.filename, true, longest_name) + '"';
        out += ' ' + std::to_string(p.content) + '-' + std::to_string(p.end);
        for (std::size_t i = 0; i < finding_texts.size(); ++i)
            if (p.has(static_cast<finding>(i))) out.append(" (").append(finding_texts[i]).append(1, ')');
        out += '\n';
    }
    return out;
}

} // namespace mapping::parts
