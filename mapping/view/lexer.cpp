// Comments are counted, not descended into.
#include "mapping/view/lexer.hpp"

#include "mapping/view/encoded_word.hpp"
#include "mapping/view/view.hpp"

#include <algorithm>
#include <array>

namespace mapping::view {

namespace {

bool is_white(char c)
{
    return c == ' ' || c == '\t';
}

constexpr auto without(std::string_view specials)
{
    std::array<bool, 256> table{};
    for (std::size_t c = 0x21; c < 0x100; ++c) table[c] = c != 0x7F;
    for (const auto c : specials) table[static_cast<unsigned char>(c)] = false;
    return table;
}

constexpr auto atext = without("()<>[]:;@\\,.\"");
constexpr auto token_characters = [] {
    auto table = without("()<>@,;:\\\"/[]?=");
    for (std::size_t c = 0x80; c < 0x100; ++c) table[c] = false;
    return table;
}();

} // namespace

std::string_view trimmed(std::string_view text)
{
    const auto begin = text.find_first_not_of(" \t");
    if (begin == std::string_view::npos) return {};
    return text.substr(begin, text.find_last_not_of(" \t") + 1 - begin);
}

bool is_atext(char c)
{
    return atext[static_cast<unsigned char>(c)];
}

bool is_token(char c)
{
    return token_characters[static_cast<unsigned char>(c)];
}

bool is_atom(std::string_view text)
{
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return is_atext(c); });
}

bool is_dot_atom(std::string_view text)
{
    if (text.empty() || text.front() == '.' || text.back() == '.') return false;
    if (text.find("..") != std::string_view::npos) return false;
    return std::all_of(text.begin(), text.end(), [](char c) { return c == '.' || is_atext(c); });
}

bool is_token(std::string_view text)
{
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return is_token(c); });
}

bool lexer::take(char c)
{
    if (at_end() || text_[at_] != c) return false;
    ++at_;
    return true;
}

bool lexer::skip()
{
    for (;;) {
        while (at_ < text_.size() && is_white(text_[at_])) ++at_;
        if (peek() != '(') return true;
        if (!pass_comment()) return false;
    }
}

bool lexer::pass_comment()
{
    const auto begin = at_ + 1;
    std::size_t depth = 0;
    for (; at_ < text_.size(); ++at_) {
        const auto c = text_[at_];
        if (c == '\\') {
            ++at_;
        } else if (c == '(') {
            if (++depth > deepest_comment) return false;
        } else if (c == ')' && --depth == 0) {
            comment_ = text_.substr(begin, at_ - begin);
            ++at_;
            return true;
        }
    }
    at_ = text_.size();
    return false;
}

bool lexer::quoted_string(std::string& out)
{
    ++at_;
    for (; at_ < text_.size(); ++at_) {
        auto c = text_[at_];
        if (c == '"') {
            ++at_;
            return true;
        }
        if (c == '\\' && ++at_ == text_.size()) return false;
        c = text_[at_];
        out += c == '\t' ? ' ' : c;
    }
    return false;
}

bool lexer::domain_literal(std::string& out)
{
    for (; at_ < text_.size(); ++at_) {
        const auto c = text_[at_];
        if (c == '\\' || (c == '[' && out.ends_with('['))) return false;
        if (!is_white(c)) out += c;
        if (c == ']') {
            ++at_;
            return true;
        }
    }
    return false;
}

bool lexer::pass()
{
    std::string ignored;
    if (peek() == '"') return quoted_string(ignored);
    if (peek() == '[') return domain_literal(ignored);
    if (peek() == '(') return pass_comment();
    const auto word = encoded_word_size(rest());
    at_ += std::max<std::size_t>(word, 1);
    return true;
}

bool pass_plain_name(std::string_view text, std::size_t& at)
{
    static constexpr octet_set telling(",;:<>()\\=");
    const auto end = text.find('"', at + 1);
    if (end == std::string_view::npos || telling.is_in(text.substr(at, end - at))) return false;
    const auto next = text.find_first_not_of(" \t", end + 1);
    at = end;
    return next != std::string_view::npos && text[next] == '<';
}

std::string_view without_last_comment(std::string_view text)
{
    static constexpr octet_set telling("()\\;\"");
    text = trimmed(text);
    const auto open = text.find('(');
    if (open == std::string_view::npos || !text.ends_with(')')) return text;
    if (telling.is_in(text.substr(open + 1, text.size() - open - 2))) return text;
    return trimmed(text.substr(0, open));
}

std::string quoted(std::string_view text)
{
    std::string out = "\"";
    for (const auto c : text) {
        if (c == '"' || c == '\\') out += '\\';
        out += c;
    }
    return out += '"';
}

std::string unquoted(std::string_view text)
{
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '\\' && i + 1 < text.size()) ++i;
        out += text[i] == '\t' ? ' ' : text[i];
    }
    return out;
}

} // namespace mapping::view
