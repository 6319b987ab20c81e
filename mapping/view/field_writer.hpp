// Writes one header field anew: folded before octet 78 where there is a place to fold, never beyond octet 998 (RFC 5322
// 2.1.1), encoded words kept to their own limits.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace mapping::view {

// What octets a header may have where it goes.
enum class header_charset : std::uint8_t {
    ascii, // RFC 5322, with RFC 2047 and RFC 2231 for everything else
    utf8,  // RFC 6532: the message travels with SMTPUTF8
};

class field_writer {
  public:
    field_writer(std::string_view name, header_charset charset) : octets_(name), charset_(charset) { octets_ += ": "; }

    header_charset charset() const { return charset_; }
    // May this stand in the field as it is, as far as its charset goes?
    bool can_hold(std::string_view text) const;

    // One word; before it, unless it is the first, white space where the line may be folded. No CR, no LF in either.
    void word(std::string_view text, std::string_view space = " ");
    // More octets of the last word.
    void attach(std::string_view text);
    // Text as encoded words, with white space before the first. Not empty.
    void encoded(std::string_view text, std::string_view space = " ");
    // How many octets fit into the line behind a space.
    std::size_t room() const;

    // The complete field, CRLF at its end; nothing when a line of it would be too long.
    std::optional<std::string> take() &&;

    static constexpr std::size_t line = 78;
    static constexpr std::size_t longest_line = 998;

  private:
    std::size_t column() const { return octets_.size() - line_begin_; }
    void fold(std::string_view space);

    std::string octets_;
    header_charset charset_;
    std::size_t line_begin_ = 0;
    bool has_word_ = false; // is there a word yet? The first stays beside the name.
};

} // namespace mapping::view
