// Encoded words (RFC 2047), in the forms that the standard knows and in those that mail has all the same: inside
// quotations, glued to other text, with spaces in them, a character split over two of them.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace mapping::view {

// How many octets the encoded word at the front of `text` has; 0 when there is none.
std::size_t encoded_word_size(std::string_view text);

// All encoded words in the text decoded, and the white space between adjacent ones taken out. Nothing when one of them
// cannot be decoded.
std::optional<std::string> decode_words(std::string_view text);

// RFC 2047 2: no encoded word is longer than this, nor a line that holds one by much.
inline constexpr std::size_t longest_encoded_word = 75;
inline constexpr std::size_t longest_encoded_line = 76;

// One encoded word of at most `room` octets (and at most 75) in UTF-8 that takes as many whole characters off the front
// of `text` as fit; one at the least. `text` is UTF-8 and not empty. Safe in phrases too (RFC 2047 5 (3)).
std::string take_encoded_word(std::string_view& text, std::size_t room);

} // namespace mapping::view
