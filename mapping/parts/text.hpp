// White space and letter case of MIME fields: ASCII, whatever the locale.
#pragma once

#include <string>

namespace mapping::parts {

constexpr bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

inline std::string lower(std::string text)
{
    for (auto& c : text)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return text;
}

} // namespace mapping::parts
