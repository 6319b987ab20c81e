// The written form of a window.
#include "xproto/window.hpp"

#include "xproto/line.hpp"

#include <limits>

namespace xproto {

std::string to_text(const window& value)
{
    return std::to_string(value.messages) + ';' + std::to_string(value.octets);
}

std::optional<window> window_from_text(std::string_view text)
{
    const auto semicolon = text.find(';');
    if (semicolon == text.npos) return std::nullopt;
    const auto messages = plain_number(text.substr(0, semicolon));
    const auto octets = plain_number(text.substr(semicolon + 1));
    if (!messages || !octets || *messages == 0 || *octets == 0) return std::nullopt;
    if (*messages > std::numeric_limits<std::uint32_t>::max()) return std::nullopt;
    return window{static_cast<std::uint32_t>(*messages), *octets};
}

} // namespace xproto
