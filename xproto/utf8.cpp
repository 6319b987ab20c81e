// UTF-8 by the table of RFC 3629 section 4: the second octet's range depends on the first.
#include "xproto/utf8.hpp"

namespace xproto {

namespace {

struct sequence {
    int length;        // octets in all; 0: cannot begin a character
    unsigned char low; // range of the second octet
    unsigned char high;
};

sequence begun_by(unsigned char first)
{
    if (first < 0x80) return {1, 0, 0};
    if (first < 0xc2) return {0, 0, 0};
    if (first < 0xe0) return {2, 0x80, 0xbf};
    if (first == 0xe0) return {3, 0xa0, 0xbf};
    if (first == 0xed) return {3, 0x80, 0x9f};
    if (first < 0xf0) return {3, 0x80, 0xbf};
    if (first == 0xf0) return {4, 0x90, 0xbf};
    if (first < 0xf4) return {4, 0x80, 0xbf};
    if (first == 0xf4) return {4, 0x80, 0x8f};
    return {0, 0, 0};
}

} // namespace

bool is_utf8(std::string_view octets)
{
    std::size_t i = 0;
    while (i < octets.size()) {
        const auto [length, low, high] = begun_by(static_cast<unsigned char>(octets[i]));
        if (length == 0 || octets.size() - i < static_cast<std::size_t>(length)) return false;
        for (int k = 1; k < length; ++k) {
            const auto octet = static_cast<unsigned char>(octets[i + static_cast<std::size_t>(k)]);
            if (octet < (k == 1 ? low : 0x80) || octet > (k == 1 ? high : 0xbf)) return false;
        }
        i += static_cast<std::size_t>(length);
    }
    return true;
}

} // namespace xproto
