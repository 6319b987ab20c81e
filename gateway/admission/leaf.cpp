// Patterns for media types and file names.
#include "gateway/admission/leaf.hpp"

#include <cstddef>

namespace gateway::admission {

namespace {

char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

} // namespace

// A mismatch goes back to the last star only, and gives it one octet more: that is enough, since an earlier star could
// not do better.
bool matches_wildcard(std::string_view pattern, std::string_view text)
{
    std::size_t p = 0, t = 0;
    std::size_t star = std::string_view::npos, after_star = 0;
    while (t < text.size()) {
        if (p < pattern.size() && pattern[p] == '*') {
            star = p++;
            after_star = t;
        } else if (p < pattern.size() && lower(pattern[p]) == lower(text[t])) {
            ++p;
            ++t;
        } else if (star != std::string_view::npos) {
            p = star + 1;
            t = ++after_star;
        } else {
            return false;
        }
    }
    while (p < pattern.size() && pattern[p] == '*') ++p;
    return p == pattern.size();
}

std::optional<std::string> refuse_leaf(const config::settings& settings, std::string_view media_type,
                                       std::string_view file_name)
{
    for (const auto& pattern : settings.xproto.refuse_leaves) {
        const bool is_type = pattern.find('/') != std::string::npos;
        const auto subject = is_type ? media_type : file_name;
        if (!subject.empty() && matches_wildcard(pattern, subject))
            return "attachments like this are not taken here: " + pattern;
    }
    return std::nullopt;
}

} // namespace gateway::admission
