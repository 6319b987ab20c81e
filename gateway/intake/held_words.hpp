// What peers, messages and objects are called among the held objects (gateway/spool/held_objects.hpp): a file name can
// hold neither a message id nor a host name of any length.
#pragma once

#include "xproto/digest.hpp"

#include <string>
#include <string_view>

namespace gateway::intake {

// The 64 digits of a digest.
inline std::string held_word(const xproto::digest& value)
{
    return xproto::to_text(value).substr(std::string_view("sha-256:").size());
}
// 128 bits of a name's digest.
inline std::string held_word(std::string_view name)
{
    return held_word(xproto::sha256(name)).substr(0, 32);
}

} // namespace gateway::intake
