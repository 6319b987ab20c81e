// Sections in whatever order they came.
#include "mapping/parts/sections.hpp"

#include <algorithm>

namespace mapping::parts {

namespace {

constexpr std::size_t most_digits = 3;

int hex_value(char c)
{
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

// False when a percent sign is followed by anything but two hexadecimal digits.
bool append_decoded(std::string& out, std::string_view text)
{
    auto sound = true;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const int high = text[i] == '%' && i + 2 < text.size() ? hex_value(text[i + 1]) : -1;
        const int low = high < 0 ? -1 : hex_value(text[i + 2]);
        if (low < 0) {
            sound = sound && text[i] != '%';
            out += text[i];
            continue;
        }
        out += static_cast<char>(high << 4 | low);
        i += 2;
    }
    return sound;
}

// Takes charset and language off the front of section 0.
bool take_charset(std::string& charset, std::string_view& text)
{
    const auto quote = text.find('\'');
    const auto second = quote == std::string_view::npos ? quote : text.find('\'', quote + 1);
    if (second == std::string_view::npos) return false;
    charset = text.substr(0, quote);
    text.remove_prefix(second + 1);
    return true;
}

} // namespace

std::optional<section_name> split_section_name(std::string_view written)
{
    section_name out;
    out.is_encoded = written.ends_with('*');
    if (out.is_encoded) written.remove_suffix(1);
    const auto star = written.find('*');
    out.name = written.substr(0, star);
    out.is_section = out.is_encoded || star != std::string_view::npos;
    if (out.name.empty()) return std::nullopt;
    if (star == std::string_view::npos) return out;
    const auto digits = written.substr(star + 1);
    if (digits.empty() || digits.size() > most_digits) return std::nullopt;
    for (const auto c : digits) {
        if (c < '0' || c > '9') return std::nullopt;
        out.number = out.number * 10 + static_cast<std::size_t>(c - '0');
    }
    return out;
}

void section_joiner::add(const section_name& as, std::string value)
{
    sections_.push_back({as.number, as.is_encoded, std::move(value)});
}

section_joiner::joined section_joiner::join() const
{
    auto sections = sections_;
    std::stable_sort(sections.begin(), sections.end(),
                     [](const section& a, const section& b) { return a.number < b.number; });
    joined out;
    std::size_t next = 0;
    for (const auto& s : sections) {
        const auto is_repeated = s.number + 1 == next;
        out.is_flawed = out.is_flawed || s.number != next;
        if (is_repeated) continue;
        if (s.number != next) break;
        auto text = std::string_view(s.value);
        if (next++ == 0 && s.is_encoded && !take_charset(out.charset, text)) out.is_flawed = true;
        if (!s.is_encoded)
            out.octets += text;
        else if (!append_decoded(out.octets, text))
            out.is_flawed = true;
    }
    return out;
}

} // namespace mapping::parts
