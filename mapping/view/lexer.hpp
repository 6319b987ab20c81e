// The lexical tokens of structured header fields (RFC 5322 3.2, obsolete forms 4.1), over text that is one line of
// clean UTF-8. Nothing here recurses; what has no end is an error.
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

namespace mapping::view {

std::string_view trimmed(std::string_view text); // of spaces and tabs

// Octets to look for, faster than find_first_of().
class octet_set {
  public:
    constexpr explicit octet_set(std::string_view octets)
    {
        for (const auto c : octets) has_[static_cast<unsigned char>(c)] = true;
    }
    constexpr bool has(char c) const { return has_[static_cast<unsigned char>(c)]; }
    bool is_in(std::string_view text) const
    {
        for (const auto c : text)
            if (has(c)) return true;
        return false;
    }

  private:
    std::array<bool, 256> has_{};
};

// Neither white space nor one of RFC 5322's specials; UTF-8 is (RFC 6532).
bool is_atext(char c);
// A character of MIME tokens (RFC 2045 5.1).
bool is_token(char c);
// One or more of them, nothing else.
bool is_atom(std::string_view text);
bool is_dot_atom(std::string_view text);
bool is_token(std::string_view text);

class lexer {
  public:
    explicit lexer(std::string_view text) : text_(text) {}

    bool at_end() const { return at_ == text_.size(); }
    char peek() const { return at_end() ? '\0' : text_[at_]; }
    bool take(char c);
    void advance(std::size_t size) { at_ += size; }
    void retreat(std::size_t size) { at_ -= size; }
    std::string_view rest() const { return text_.substr(at_); }
    std::size_t position() const { return at_; }

    // White space and comments. False when a comment has no end, or is nested too deeply.
    bool skip();
    // What stood in the last comment that skip() passed since forget_comment().
    std::string_view comment() const { return comment_; }
    void forget_comment() { comment_ = {}; }

    // As many octets as satisfy the predicate.
    template <class Predicate> std::string_view run(Predicate is)
    {
        const auto begin = at_;
        while (at_ < text_.size() && is(text_[at_])) ++at_;
        return text_.substr(begin, at_ - begin);
    }
    std::string_view atom()
    {
        return run([](char c) { return is_atext(c); });
    }
    std::string_view token()
    {
        return run([](char c) { return is_token(c); });
    }

    // At a quotation mark: appends what is meant. False when the quotation has no end.
    bool quoted_string(std::string& out);
    // At a [: appends all of it without white space. False when it has no end.
    bool domain_literal(std::string& out);
    // Passes over one of the above, an encoded word, or one octet.
    bool pass();

  private:
    bool pass_comment();

    std::string_view text_;
    std::string_view comment_;
    std::size_t at_ = 0;
};

// At a quotation mark: passes to the one that ends a name in front of an address, `"Alice Example" <a@b.example>`.
// False when the quotation is none, or hides something from who splits the text at its commas and angle brackets.
bool pass_plain_name(std::string_view text, std::size_t& at);
// The text without a comment at its end in which there is nothing but words: `1.0 (made by hand)`.
std::string_view without_last_comment(std::string_view text);

// Between quotation marks, with a backslash where one is needed.
std::string quoted(std::string_view text);
// Quoted pairs undone.
std::string unquoted(std::string_view text);

} // namespace mapping::view
