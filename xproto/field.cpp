// What a header field must keep to, in both of its forms.
#include "xproto/field.hpp"

#include "xproto/xml_text.hpp"

namespace xproto {

namespace {

bool is_name_octet(char c)
{
    return c > ' ' && c < '\x7F' && c != ':';
}

bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

// The name that a field's octets begin with: up to the colon and the white space before it.
std::string_view name_of(std::string_view octets)
{
    std::size_t size = 0;
    while (size < octets.size() && is_name_octet(octets[size])) ++size;
    auto colon = size;
    while (colon < octets.size() && is_blank(octets[colon])) ++colon;
    return colon < octets.size() && octets[colon] == ':' ? octets.substr(0, size) : std::string_view();
}

bool are_folds(const std::vector<std::uint32_t>& folds, std::string_view text)
{
    for (std::size_t i = 0; i < folds.size(); ++i) {
        if (i != 0 && folds[i] <= folds[i - 1]) return false;
        if (folds[i] >= text.size() || !is_blank(text[folds[i]])) return false;
    }
    return true;
}

// Every line but the first begins with white space, and the first is not empty.
bool is_one_field(std::string_view octets)
{
    if (octets.empty() || octets.starts_with("\r\n") || octets.front() == '\n') return false;
    for (auto at = octets.find('\n'); at != std::string_view::npos; at = octets.find('\n', at + 1))
        if (at + 1 != octets.size() && !is_blank(octets[at + 1])) return false;
    return true;
}

} // namespace

bool is_valid(const field& f)
{
    if (f.raw)
        return is_one_field(f.octets) && name_of(f.octets) == f.name && f.text.empty() && f.folds.empty() && !f.bare_lf;
    for (const char c : f.name)
        if (!is_name_octet(c)) return false;
    return !f.name.empty() && is_plain_text(f.text) && are_folds(f.folds, f.text) && f.octets.empty();
}

bool is_plain_text(std::string_view octets)
{
    const char* p = octets.data();
    const char* const end = p + octets.size();
    while ((p = xml::skip_plain(p, end)) != end) {
        const auto size = xml::character(p, end);
        if (size == 0 || *p == '\r' || *p == '\n') return false;
        p += size;
    }
    return true;
}

} // namespace xproto
