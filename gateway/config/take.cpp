// Each kind of value: how it is written, what it may be, what to say when it is not.
#include "gateway/config/take.hpp"

#include "gateway/config/quantity.hpp"
#include "xproto/extensions.hpp"

#include <algorithm>

namespace gateway::config {
namespace {

bool is_label(std::string_view label, bool ascii_only)
{
    const auto allowed = [&](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || c == '-' || c == '_' ||
               (!ascii_only && (c & 0x80) != 0);
    };
    return !label.empty() && label.size() <= 63 && label.front() != '-' && label.back() != '-' &&
           std::all_of(label.begin(), label.end(), allowed);
}

// `name` in canonical form.
bool is_domain(std::string_view name, bool ascii_only)
{
    if (name.empty() || name.size() > 253) return false;
    for (;;) {
        const auto dot = name.find('.');
        if (!is_label(name.substr(0, dot), ascii_only)) return false;
        if (dot == name.npos) return true;
        name.remove_prefix(dot + 1);
    }
}

bool is_pattern(std::string_view name)
{
    return name == "*" || is_domain(name.starts_with("*.") ? name.substr(2) : name, false);
}

bool is_option(std::string_view word)
{
    const auto known = xproto::known_transfer_extensions();
    return word == "*" || std::any_of(known.begin(), known.end(), [&](const auto* row) { return row->word == word; });
}

bool is_control_free(std::string_view text)
{
    return std::none_of(text.begin(), text.end(), [](char c) { return (c >= 0 && c < ' ') || c == 0x7f; });
}

bool is_word(std::string_view text)
{
    return !text.empty() && text.size() <= 255 &&
           std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < 0x7f && c != ':'; });
}

bool is_mailbox_pattern(std::string_view pattern, bool text)
{
    if (!text) return false;
    const auto at = pattern.rfind('@');
    return pattern == "<>" ||
           (at != 0 && is_pattern(canonical_domain(at == pattern.npos ? pattern : pattern.substr(at + 1))));
}

bool is_media_type(std::string_view type)
{
    const auto slash = type.find('/');
    return slash != type.npos && slash != 0 && slash + 1 != type.size() && is_word(type) &&
           type.find('/', slash + 1) == type.npos;
}

std::string between(std::string_view what, const rule& rule, std::string (*show)(std::uint64_t))
{
    const auto least = show(rule.least);
    if (rule.most == std::numeric_limits<std::uint64_t>::max()) return std::string(what) + ", at least " + least;
    return std::string(what) + " from " + least + " to " + show(rule.most);
}

std::string decimal(std::uint64_t n)
{
    return std::to_string(n);
}
std::string duration(std::uint64_t n)
{
    return to_text(std::chrono::seconds(n));
}

// A number, or text that `parse` reads, within the rule.
template <class Parse>
slips take_quantity(const node& from, std::uint64_t& to, const rule& rule, const std::string& what, Parse parse)
{
    std::optional<std::uint64_t> value;
    if (from.type == node::kind::integer && from.number >= 0) value = static_cast<std::uint64_t>(from.number);
    if (from.type == node::kind::string) value = parse(from.text);
    if (!value || *value < rule.least || *value > rule.most) return wanted(from, what);
    to = *value;
    return {};
}

} // namespace

slips wanted(const node& found, const std::string& what)
{
    return {{found.place, "wanted " + what + "; found " + shown(found)}};
}

slips take_value(const node& from, std::string& to, const rule& rule, const std::filesystem::path&)
{
    const bool text = from.type == node::kind::string && is_control_free(from.text);
    const auto name = text ? canonical_domain(from.text) : "";
    switch (rule.form) {
    case form::domain:
        if (!is_domain(name, false)) return wanted(from, R"(a domain name such as "edge.example")");
        break;
    case form::host:
        if (!is_domain(name, true) || is_address(name))
            return wanted(from, R"(a host name such as "mx1.edge.example" (international names as "xn--..."))");
        break;
    case form::pattern:
        if (!is_pattern(name)) return wanted(from, R"(a domain name, "*.name" for all below it, or "*")");
        break;
    case form::option:
        if (!text || !is_option(from.text)) return wanted(from, "the word of an extension, such as \"PIPE\", or \"*\"");
        to = from.text;
        return {};
    case form::mailbox:
        if (!is_mailbox_pattern(from.text, text))
            return wanted(from, R"(an address, a domain name, "*.name" for all below it, or "<>")");
        to = from.text;
        return {};
    case form::media:
        if (!text || !is_media_type(name)) return wanted(from, R"(a media type such as "image/png" or "image/*")");
        break;
    case form::name:
        if (!text || !is_word(from.text)) return wanted(from, "a name without spaces");
        to = from.text;
        return {};
    case form::address:
        if (!text || !is_address(from.text)) return wanted(from, "an IP address");
        to = from.text;
        return {};
    default:
        if (!text || from.text.empty()) return wanted(from, "text in quotes");
        to = from.text;
        return {};
    }
    to = name;
    return {};
}

slips take_value(const node& from, std::filesystem::path& to, const rule&, const std::filesystem::path& folder)
{
    if (from.type != node::kind::string || from.text.empty() || !is_control_free(from.text))
        return wanted(from, "the path of a file or folder");
    to = (folder / from.text).lexically_normal();
    return {};
}

slips take_value(const node& from, bool& to, const rule&, const std::filesystem::path&)
{
    if (from.type != node::kind::boolean) return wanted(from, "true or false");
    to = from.truth;
    return {};
}

slips take_value(const node& from, std::uint64_t& to, const rule& rule, const std::filesystem::path&)
{
    if (rule.form == form::octets)
        return take_quantity(from, to, rule, between(R"(a size such as "50MiB")", rule, octets_to_text),
                             octets_from_text);
    const auto no_text = [](const std::string&) { return std::optional<std::uint64_t>(); };
    return take_quantity(from, to, rule, between("a number", rule, decimal), no_text);
}

slips take_value(const node& from, std::chrono::seconds& to, const rule& rule, const std::filesystem::path&)
{
    const auto parse = [](const std::string& text) -> std::optional<std::uint64_t> {
        const auto value = duration_from_text(text);
        if (!value) return std::nullopt;
        return static_cast<std::uint64_t>(value->count());
    };
    auto bounded = rule;
    bounded.most = std::min(rule.most, longest_duration);
    std::uint64_t seconds = 0;
    auto found = take_quantity(from, seconds, bounded,
                               between(R"(a duration such as "30s", "5m" or "5d")", rule, duration), parse);
    if (found.empty()) to = std::chrono::seconds(seconds);
    return found;
}

slips take_value(const node& from, endpoint& to, const rule& rule, const std::filesystem::path&)
{
    const auto value = from.type == node::kind::string ? endpoint_from_text(from.text) : std::nullopt;
    if (rule.form == form::listener && (!value || !is_address(value->host)))
        return wanted(from, R"(an IP address and a port such as "127.0.0.1:2525", "[::1]:25" or "0.0.0.0:25")");
    if (!value || value->port < rule.least)
        return wanted(from, R"(a host and a port such as "mx1.carrier.example:6525" or "127.0.0.1:25")");
    to = *value;
    return {};
}

slips take_value(const node& from, expression& to, const rule&, const std::filesystem::path&)
{
    if (from.type != node::kind::string || from.text.empty()) return wanted(from, "a regular expression in quotes");
    const auto wrong = to.set(from.text);
    if (wrong.empty()) return {};
    return wanted(from, "a regular expression (" + wrong + ")");
}

slips take_value(const node& from, network& to, const rule&, const std::filesystem::path&)
{
    const auto value = from.type == node::kind::string ? network::from_text(from.text) : std::nullopt;
    if (!value)
        return wanted(
            from,
            R"(a network such as "127.0.0.0/8" or "2001:db8::/32", nothing set beyond its prefix, or an address)");
    to = *value;
    return {};
}

} // namespace gateway::config
