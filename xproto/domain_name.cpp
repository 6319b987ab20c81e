// IDNA by libidn2, which only this file includes.
#include "xproto/domain_name.hpp"

#include <idn2.h>

#include <algorithm>
#include <memory>

namespace xproto {

namespace {

constexpr std::size_t longest_name = 253; // RFC 1035 3.1, as text without the last dot
constexpr std::size_t longest_label = 63;
// No name of so many octets can be one in U-labels: 253 characters of 4 octets each.
constexpr std::size_t longest_input = 4 * longest_name;

bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

bool is_label(std::string_view label)
{
    if (label.empty() || label.size() > longest_label || label.front() == '-' || label.back() == '-') return false;
    return std::all_of(label.begin(), label.end(),
                       [](char c) { return (c >= 'a' && c <= 'z') || is_digit(c) || c == '-'; });
}

// In lower case already.
bool is_host_name(std::string_view name)
{
    if (name.empty() || name.size() > longest_name) return false;
    for (;;) {
        const auto label = name.substr(0, name.find('.'));
        if (!is_label(label)) return false;
        if (label.size() == name.size()) return !std::all_of(label.begin(), label.end(), is_digit); // 192.0.2.1
        name.remove_prefix(label.size() + 1);
    }
}

std::string lower(std::string_view name)
{
    std::string out(name);
    for (char& c : out)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return out;
}

// NUL ends a C string: what stands after one would be lost.
std::optional<std::string> from_u_labels(const std::string& name)
{
    if (name.find('\0') != std::string::npos) return std::nullopt;
    char* out = nullptr;
    if (idn2_to_ascii_8z(name.c_str(), &out, IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL) != IDN2_OK) return std::nullopt;
    const std::unique_ptr<char, void (*)(void*)> kept(out, &idn2_free);
    return lower(out);
}

} // namespace

std::optional<std::string> to_a_labels(std::string_view name)
{
    if (name.size() > longest_input) return std::nullopt;
    auto made = std::make_optional(lower(name));
    const bool ascii =
        std::all_of(name.begin(), name.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
    if (!ascii) made = from_u_labels(*made);
    if (!made || !is_host_name(*made)) return std::nullopt;
    return made;
}

bool is_at_or_below(std::string_view name, std::string_view parent)
{
    if (parent.empty() || !name.ends_with(parent)) return false;
    return name.size() == parent.size() || name[name.size() - parent.size() - 1] == '.';
}

} // namespace xproto
