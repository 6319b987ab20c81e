// The rules for content written down the slow and obvious way, to hold the fast code against.
#pragma once

#include "smtp/newline_filter.hpp"

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace model {

// Every text of up to `longest` octets over `alphabet`.
inline void for_each_text(std::string_view alphabet, std::size_t longest,
                          const std::function<void(const std::string&)>& look)
{
    std::string text;
    const std::function<void()> grow = [&] {
        look(text);
        if (text.size() == longest) return;
        for (const char c : alphabet) {
            text.push_back(c);
            grow();
            text.pop_back();
        }
    };
    grow();
}

struct data {
    std::string content;
    std::size_t taken = 0; // octets of the input, with the end of the content if it was there
    bool ended = false;
};

// What stands in `octets` after DATA: lines that end with CRLF and lose one leading dot; a line "." is the end.
inline data decode(std::string_view octets)
{
    data found;
    while (found.taken < octets.size()) {
        auto rest = octets.substr(found.taken);
        if (rest.starts_with(".\r\n")) {
            found.taken += 3;
            found.ended = true;
            return found;
        }
        const auto end = rest.find("\r\n");
        auto line = rest.substr(0, end == std::string_view::npos ? end : end + 2);
        found.taken += line.size();
        if (line.starts_with('.')) line.remove_prefix(1);
        found.content += line;
    }
    return found;
}

inline bool is_bare(std::string_view text, std::size_t i)
{
    if (text[i] == '\r') return i + 1 == text.size() || text[i + 1] != '\n';
    return text[i] == '\n' && (i == 0 || text[i - 1] != '\r');
}

inline bool has_bare_newline(std::string_view text)
{
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (is_bare(text, i)) return true;
    }
    return false;
}

struct filtered {
    std::string content;
    bool refused = false;
};

inline filtered filter(std::string_view text, smtp::newline_policy policy)
{
    filtered found;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (policy == smtp::newline_policy::carry || !is_bare(text, i)) {
            found.content += text[i];
        } else if (policy == smtp::newline_policy::normalize) {
            found.content += "\r\n";
        } else {
            found.refused = true;
            return found;
        }
    }
    return found;
}

inline std::string encode(std::string_view content)
{
    std::string out;
    bool line_start = true;
    for (std::size_t i = 0; i < content.size(); ++i) {
        if (line_start && content[i] == '.') out += '.';
        out += content[i];
        line_start = content[i] == '\n';
    }
    return out + (line_start ? ".\r\n" : "\r\n.\r\n");
}

} // namespace model
