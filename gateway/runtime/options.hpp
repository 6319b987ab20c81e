// The configured extensions in the words of the sessions that use them.
#pragma once

#include "gateway/config/settings.hpp"
#include "xproto/extensions.hpp"

#include <string>
#include <vector>

namespace gateway {

// The transfer extensions that a list of the configuration names. "*" is all of them but URG, which RFC 6093 advises
// against: that one has to be named.
inline xproto::option_set options_named(const std::vector<std::string>& words, const xproto::extension_table& table)
{
    xproto::option_set options;
    for (const auto& word : words) {
        const bool urg = options.has(xproto::option::urg);
        if (word == "*") options = xproto::option_set::all();
        if (word == "*") options.set(xproto::option::urg, urg);
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

// What this peer is offered, of what there is.
inline xproto::option_set options_for(const config::settings& settings, const config::peer& peer,
                                      const xproto::extension_table& table)
{
    auto options = options_named(peer.extensions, table);
    if (!config::includes(settings.xproto.trace, peer.trust)) options.set(xproto::option::trace, false);
    return options;
}

} // namespace gateway
