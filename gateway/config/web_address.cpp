// What is not understood is refused: nothing here guesses.
#include "gateway/config/web_address.hpp"

#include <algorithm>
#include <charconv>

namespace gateway::config {

namespace {

constexpr std::size_t longest = 2000;
constexpr std::string_view scheme = "https://";

bool is_plain(char c)
{
    return c > ' ' && c < '\x7f' && std::string_view("\"<>\\^`{|}#").find(c) == std::string_view::npos;
}

bool is_host(std::string_view text, bool bracketed)
{
    const auto allowed = [bracketed](char c) {
        const bool name = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' ||
                          c == '.' || c == '_';
        return bracketed ? name || c == ':' : name;
    };
    return !text.empty() && text.size() <= 253 && std::all_of(text.begin(), text.end(), allowed);
}

} // namespace

std::optional<web_address> web_address_from_text(std::string_view text)
{
    if (text.size() > longest || !text.starts_with(scheme) || !std::all_of(text.begin(), text.end(), is_plain))
        return std::nullopt;
    text.remove_prefix(scheme.size());
    const auto end = std::min(text.find_first_of("/?"), text.size());
    auto authority = text.substr(0, end);
    web_address made;
    made.target = text.substr(end);
    if (!made.target.starts_with('/')) made.target.insert(0, "/");
    const bool bracketed = authority.starts_with('[');
    const auto host_end = bracketed ? authority.find(']') : authority.find(':');
    made.host = authority.substr(bracketed ? 1 : 0, host_end == authority.npos ? host_end : host_end - bracketed);
    if (!is_host(made.host, bracketed) || (bracketed && host_end == authority.npos)) return std::nullopt;
    authority.remove_prefix(std::min(authority.size(), host_end == authority.npos ? host_end : host_end + bracketed));
    if (authority.empty()) return made;
    if (authority.front() != ':') return std::nullopt;
    authority.remove_prefix(1);
    const auto* last = authority.data() + authority.size();
    const auto [stop, error] = std::from_chars(authority.data(), last, made.port);
    if (error != std::errc() || stop != last || made.port == 0) return std::nullopt;
    return made;
}

} // namespace gateway::config
