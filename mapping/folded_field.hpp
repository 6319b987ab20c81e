// Writes one header field word by word, folding it (RFC 5322 2.2.3) so that no line passes 78 octets unless one word
// does. The words must be safe already: no CR, no LF.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

namespace mapping {

class folded_field {
  public:
    static constexpr std::size_t line = 78; // RFC 5322 2.1.1, without CRLF

    explicit folded_field(std::string_view name) : octets_(name) { octets_ += ':'; }

    // White space and one word.
    folded_field& word(std::string_view text)
    {
        if (octets_.size() - line_begin_ + 1 + text.size() > line && has_word_) {
            octets_ += "\r\n\t";
            line_begin_ = octets_.size() - 1;
        } else {
            octets_ += ' ';
        }
        octets_ += text;
        has_word_ = true;
        return *this;
    }
    // Each word of a text whose words are separated by spaces.
    folded_field& words(std::string_view text)
    {
        while (!text.empty()) {
            const auto space = text.find(' ');
            if (space != 0) word(text.substr(0, space));
            text.remove_prefix(space == std::string_view::npos ? text.size() : space + 1);
        }
        return *this;
    }
    // More octets of the last word.
    folded_field& attach(std::string_view text)
    {
        octets_ += text;
        return *this;
    }
    // The complete field, CRLF at its end.
    std::string take()
    {
        octets_ += "\r\n";
        return std::move(octets_);
    }

  private:
    std::string octets_;
    std::size_t line_begin_ = 0;
    bool has_word_ = false; // is there a word yet? The first one stays beside the name.
};

} // namespace mapping
