// Where two octet strings differ, in words.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>

namespace mapping {

inline std::string differ(std::string_view what, std::string_view before, std::string_view after)
{
    const auto shorter = std::min(before.size(), after.size());
    const auto at = static_cast<std::size_t>(
        std::mismatch(before.begin(), before.begin() + static_cast<std::ptrdiff_t>(shorter), after.begin()).first -
        before.begin());
    return std::string(what) + " differs from octet " + std::to_string(at) + " on (" + std::to_string(before.size()) +
           " octets before, " + std::to_string(after.size()) + " after)";
}

} // namespace mapping
