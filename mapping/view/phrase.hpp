// Phrases (RFC 5322 3.2.5): display names, keywords, names of groups and lists.
#pragma once

#include "mapping/view/field_writer.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace mapping::view {

// What a phrase says. Taken for words are also characters that should have been quoted: `Q.`, `info@example.org`,
// `[list]`. Nothing when something in it has no end or cannot be decoded.
std::optional<std::string> read_phrase(std::string_view text);

// As atoms, as a quotation, or as encoded words, the first of these that can say it. Not empty.
void write_phrase(field_writer& out, std::string_view phrase);

} // namespace mapping::view
