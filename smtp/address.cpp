#include "smtp/address.hpp"

#include "smtp/command.hpp"

#include <algorithm>

namespace smtp {
namespace {

bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

bool is_high(char c)
{
    return static_cast<unsigned char>(c) > 127;
}

bool is_dot_string_octet(char c)
{
    constexpr std::string_view symbols = "!#$%&'*+-/=?^_`{|}~."; // atext (RFC 5322 3.2.3) and the dot
    return is_letter(c) || is_digit(c) || is_high(c) || symbols.find(c) != symbols.npos;
}

bool is_domain_octet(char c)
{
    return is_letter(c) || is_digit(c) || is_high(c) || c == '-' || c == '_' || c == '.';
}

// The length of the quoted-string at the front of `text`; 0: there is none. After a backslash any printable ASCII octet
// may stand, but no UTF-8 (RFC 6531 3.3).
std::size_t quoted_size(std::string_view text)
{
    bool escaped = false;
    for (std::size_t i = 1; i < text.size(); ++i) {
        const bool printable = text[i] >= ' ' && text[i] <= '~';
        if (!printable && (escaped || !is_high(text[i]))) return 0;
        if (text[i] == '"' && !escaped) return i + 1;
        escaped = text[i] == '\\' && !escaped;
    }
    return 0;
}

std::string_view take_front(std::string_view& input, std::size_t size)
{
    const auto front = input.substr(0, size);
    input.remove_prefix(front.size());
    return front;
}

template <class Predicate> std::string_view take_while(std::string_view& input, Predicate wanted)
{
    const auto end = std::find_if_not(input.begin(), input.end(), wanted);
    return take_front(input, static_cast<std::size_t>(end - input.begin()));
}

std::string_view take_local_part(std::string_view& input)
{
    if (input.starts_with('"')) return take_front(input, quoted_size(input));
    return take_while(input, is_dot_string_octet);
}

boost::system::result<std::string_view> take_domain(std::string_view& input, const address_limits& limits)
{
    if (input.starts_with('[')) {
        const auto close = input.find(']');
        if (close == input.npos) return errc::bad_domain;
        const auto literal = take_front(input, close + 1);
        if (literal.size() > limits.domain) return errc::address_too_long;
        if (!is_address_literal(literal)) return errc::bad_domain;
        return literal;
    }
    const auto name = take_while(input, is_domain_octet);
    if (name.size() > limits.domain) return errc::address_too_long;
    if (!is_domain_name(name, limits)) return errc::bad_domain;
    return name;
}

// `local-part@domain` off the front of `input`. Without domain where the local part may stand alone.
boost::system::result<mailbox> take_mailbox(std::string_view& input, const address_limits& limits, bool bare_postmaster)
{
    mailbox found;
    found.local_part = take_local_part(input);
    if (found.local_part.empty()) return errc::bad_local_part;
    if (found.local_part.size() > limits.local_part) return errc::address_too_long;
    if (bare_postmaster && !input.starts_with('@') && equal_ignoring_case(found.local_part, "postmaster")) return found;
    if (!input.starts_with('@')) return errc::bad_local_part;

    input.remove_prefix(1);
    const auto domain = take_domain(input, limits);
    if (!domain) return domain.error();
    found.domain = *domain;
    found.utf8 = !is_ascii(found.local_part) || !is_ascii(found.domain);
    if (found.utf8 && !is_utf8(found.local_part)) return errc::bad_local_part;
    return found;
}

// `@a,@b:` off the front of `input`; false: it is malformed.
bool take_source_route(std::string_view& input, const address_limits& limits)
{
    while (input.starts_with('@')) {
        input.remove_prefix(1);
        if (!take_domain(input, limits) || input.empty()) return false;
        const char after = take_front(input, 1).front();
        if (after == ':') return true;
        if (after != ',' || !input.starts_with('@')) return false;
    }
    return true;
}

boost::system::result<path> take_path(std::string_view& input, const address_limits& limits, bool bare_postmaster)
{
    auto rest = input;
    if (!rest.starts_with('<')) return errc::bad_path;
    rest.remove_prefix(1);
    if (!take_source_route(rest, limits)) return errc::bad_path;

    const auto* begin = rest.data();
    const auto found = take_mailbox(rest, limits, bare_postmaster);
    if (!found) return found.error();
    if (!rest.starts_with('>')) return found->domain.empty() ? errc::bad_local_part : errc::bad_domain;
    path result{{begin, static_cast<std::size_t>(rest.data() - begin)}, found->utf8};
    rest.remove_prefix(1);
    input = rest;
    return result;
}

bool is_ipv4(std::string_view text)
{
    for (int part = 0; part < 4; ++part) {
        const auto digits = take_while(text, is_digit);
        if (digits.empty() || digits.size() > 3) return false;
        int value = 0;
        for (const char c : digits) value = value * 10 + (c - '0');
        if (value > 255) return false;
        if (part < 3 && take_front(text, 1) != ".") return false;
    }
    return text.empty();
}

// RFC 4291 2.2: groups of hexadecimal digits, one `::` for zeros, IPv4 in the last 32 bits.
bool is_ipv6(std::string_view text)
{
    const auto is_hex = [](char c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); };
    int groups = 0;
    bool compressed = false;
    if (text.starts_with("::")) {
        compressed = true;
        text.remove_prefix(2);
        if (text.empty()) return true;
    }
    for (;;) {
        if (text.find(':') == text.npos && text.find('.') != text.npos) {
            if (!is_ipv4(text)) return false;
            groups += 2;
            break;
        }
        const auto digits = take_while(text, is_hex);
        if (digits.empty() || digits.size() > 4) return false;
        ++groups;
        if (text.empty()) break;
        if (text.starts_with("::")) {
            if (compressed) return false;
            compressed = true;
            text.remove_prefix(2);
            if (text.empty()) break;
            continue;
        }
        if (take_front(text, 1) != ":") return false;
    }
    return compressed ? groups <= 7 : groups == 8;
}

bool is_tagged_literal(std::string_view text)
{
    const auto tag = take_while(text, [](char c) { return is_letter(c) || is_digit(c) || c == '-'; });
    if (tag.empty() || tag.back() == '-' || take_front(text, 1) != ":" || text.empty()) return false;
    return std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c <= '~' && (c < '[' || c > ']'); });
}

} // namespace

boost::system::result<mailbox> parse_mailbox(std::string_view address, address_limits limits)
{
    const auto found = take_mailbox(address, limits, true);
    if (!found) return found;
    if (!address.empty()) return found->domain.empty() ? errc::bad_local_part : errc::bad_domain;
    return found;
}

boost::system::result<path> parse_reverse_path(std::string_view& input, address_limits limits)
{
    if (!input.starts_with("<>")) return take_path(input, limits, false);
    input.remove_prefix(2);
    return path();
}

boost::system::result<path> parse_forward_path(std::string_view& input, address_limits limits)
{
    return take_path(input, limits, true);
}

bool is_domain_name(std::string_view text, address_limits limits)
{
    if (text.empty() || text.size() > limits.domain || !is_utf8(text)) return false;
    for (;;) {
        const auto dot = text.find('.');
        const auto label = text.substr(0, dot);
        if (label.empty() || label.size() > 63 || label.front() == '-' || label.back() == '-') return false;
        if (!std::all_of(label.begin(), label.end(), is_domain_octet)) return false;
        if (dot == text.npos) return true;
        text.remove_prefix(dot + 1);
    }
}

bool is_address_literal(std::string_view text)
{
    if (!text.starts_with('[') || !text.ends_with(']')) return false;
    const auto inner = text.substr(1, text.size() - 2);
    if (is_ipv4(inner)) return true;
    if (equal_ignoring_case(inner.substr(0, 5), "IPv6:")) return is_ipv6(inner.substr(5));
    return is_tagged_literal(inner);
}

bool is_ascii(std::string_view text)
{
    return std::none_of(text.begin(), text.end(), is_high);
}

bool is_utf8(std::string_view text)
{
    for (std::size_t i = 0; i < text.size();) {
        const auto lead = static_cast<unsigned char>(text[i]);
        const std::size_t size = lead < 0x80   ? 1
                                 : lead < 0xC2 ? 0
                                 : lead < 0xE0 ? 2
                                 : lead < 0xF0 ? 3
                                 : lead < 0xF5 ? 4
                                               : 0;
        if (size == 0 || size > text.size() - i) return false;
        for (std::size_t k = 1; k < size; ++k) {
            if ((static_cast<unsigned char>(text[i + k]) & 0xC0) != 0x80) return false;
        }
        const auto second = size > 2 ? static_cast<unsigned char>(text[i + 1]) : 0;
        if (lead == 0xE0 && second < 0xA0) return false; // overlong
        if (lead == 0xED && second > 0x9F) return false; // a surrogate
        if (lead == 0xF0 && second < 0x90) return false; // overlong
        if (lead == 0xF4 && second > 0x8F) return false; // above U+10FFFF
        i += size;
    }
    return true;
}

} // namespace smtp
