// Is this UTF-8 (RFC 3629)? Overlong forms, surrogates and anything above U+10FFFF are not.
#pragma once

#include <string_view>

namespace xproto {

bool is_utf8(std::string_view octets);

} // namespace xproto
