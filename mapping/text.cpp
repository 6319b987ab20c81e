// One character at a time.
#include "mapping/text.hpp"

#include "xproto/xml_text.hpp"

namespace mapping {

std::string printable(std::string_view text, bool utf8, std::size_t most)
{
    std::string out;
    out.reserve(text.size() < most ? text.size() : most);
    while (!text.empty()) {
        const auto first = static_cast<unsigned char>(text.front());
        auto size = xproto::xml::character(text.data(), text.data() + text.size());
        auto character = text.substr(0, size);
        if (first == '\t' || first == '\r' || first == '\n') {
            character = " ";
        } else if (first < 0x20 || first == 0x7F || size == 0 || (size > 1 && !utf8)) {
            character = "?";
            size = 1;
        } else if (size == 2 && character >= "\xC2\x80" && character < "\xC2\xA0") {
            character = "?"; // a C1 control
        }
        if (out.size() + character.size() > most) break;
        out += character;
        text.remove_prefix(size);
    }
    return out;
}

std::string atom(std::string_view text, std::size_t most)
{
    constexpr std::string_view others = "!#$%&'*+-/=?^_`{|}~.";
    std::string out(text.substr(0, most));
    for (auto& c : out) {
        const auto is_atext = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                              others.find(c) != std::string_view::npos;
        if (!is_atext) c = '?';
    }
    return out;
}

} // namespace mapping
