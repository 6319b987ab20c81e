// Which parts of a split body are refused before their octets travel (xproto.refuse_leaves).
#pragma once

#include "gateway/config/settings.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace gateway::admission {

// Why this leaf is not taken, for the peer; nothing when it is. What its sender says it is decides: this saves octets,
// and is no protection against a sender that lies.
std::optional<std::string> refuse_leaf(const config::settings& settings, std::string_view media_type,
                                       std::string_view file_name);

// Does `text` match, letter case aside? `*` stands for any octets.
bool matches_wildcard(std::string_view pattern, std::string_view text);

} // namespace gateway::admission
