// The configured extensions in the words of the sessions that use them.
#pragma once

#include "xproto/extensions.hpp"

#include <string>
#include <vector>

namespace gateway {

// The transfer extensions that a list of the configuration names.
inline xproto::option_set options_named(const std::vector<std::string>& words, const xproto::extension_table& table)
{
    xproto::option_set options;
    for (const auto& word : words) {
        if (word == "*") return xproto::option_set::all();
        if (const auto* row = table.find_option(word)) options.set(row->id, true);
    }
    return options;
}

// The other way about, for people: "PIPE NOW".
inline std::string words_of(xproto::option_set options, const xproto::extension_table& table)
{
    std::string words;
    for (const auto& row : table.transfer())
        if (options.has(row.id)) words += (words.empty() ? "" : " ") + std::string(row.word);
    return words;
}

} // namespace gateway
