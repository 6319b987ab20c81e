// What each octet may be in the grammar of control lines: shared by the reader (line.cpp) and the writer
// (line_writer.cpp), so that they cannot disagree.
#pragma once

#include <array>
#include <string_view>

namespace xproto {

// What an octet may be, outside of quotes.
enum octet_class : unsigned char {
    in_token = 1, // parameters and values
    in_name = 2,  // names of groups and options
    in_verb = 4,
    in_text = 8,    // free text, without a backslash
    in_escape = 16, // free text, after a backslash
    in_quotes = 32, // a quoted string, without a backslash
};

inline constexpr auto octet_classes = [] {
    std::array<unsigned char, 256> classes{};
    const std::string_view specials = "()[]{}\"\\,";
    for (unsigned i = 0x20; i < 256; ++i) {
        const auto c = static_cast<char>(i);
        const bool letter = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
        const bool digit = c >= '0' && c <= '9';
        unsigned char is = 0;
        if (i != 0x7f && i != ' ' && specials.find(c) == specials.npos) is |= in_token;
        if (letter || digit || c == '-' || c == '_' || c == '.') is |= in_name;
        if (c >= 'A' && c <= 'Z') is |= in_verb;
        const bool escaped = c == '(' || c == ')' || c == ']' || c == '\\';
        if (i != 0x7f) is |= escaped ? in_escape : in_text;
        if (i != 0x7f && c != '"' && c != '\\') is |= in_quotes;
        classes[i] = is;
    }
    return classes;
}();

inline bool is(char c, unsigned char what)
{
    return (octet_classes[static_cast<unsigned char>(c)] & what) != 0;
}

} // namespace xproto
