// The record's grammar is that of MTA-STS (RFC 8461 3.1).
#include "gateway/policy/published_policy.hpp"

#include <algorithm>
#include <charconv>

namespace gateway::policy {

namespace {

constexpr std::string_view version = "v=xproto1";

std::string_view trimmed(std::string_view text)
{
    const auto first = text.find_first_not_of(" \t");
    if (first == text.npos) return {};
    return text.substr(first, text.find_last_not_of(" \t") + 1 - first);
}

std::string_view take_field(std::string_view& rest)
{
    const auto end = rest.find(';');
    const auto field = trimmed(rest.substr(0, end));
    rest.remove_prefix(end == rest.npos ? rest.size() : end + 1);
    return field;
}

std::optional<published_policy::mode> mode_of(std::string_view text)
{
    if (text == "enforce") return published_policy::mode::enforce;
    if (text == "testing") return published_policy::mode::testing;
    if (text == "none") return published_policy::mode::none;
    return std::nullopt;
}

std::optional<std::chrono::seconds> age_of(std::string_view text)
{
    std::int64_t seconds = -1;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
    if (error != std::errc() || end != text.data() + text.size() || seconds < 0) return std::nullopt;
    return std::min(std::chrono::seconds(seconds), longest_age);
}

} // namespace

std::string policy_name(std::string_view domain)
{
    return "_xproto." + std::string(domain);
}

std::optional<published_policy> read_policy(std::string_view text)
{
    if (take_field(text) != version) return std::nullopt;
    std::optional<published_policy::mode> mode;
    std::optional<std::chrono::seconds> age;
    while (!text.empty()) {
        const auto field = take_field(text);
        const auto equals = field.find('=');
        if (field.empty()) continue;
        if (equals == field.npos) return std::nullopt;
        const auto name = field.substr(0, equals), value = field.substr(equals + 1);
        if (name == "mode" && (mode || !(mode = mode_of(value)))) return std::nullopt;
        if (name == "max_age" && (age || !(age = age_of(value)))) return std::nullopt;
    }
    if (!mode || (!age && *mode != published_policy::mode::none)) return std::nullopt;
    return published_policy{*mode, age.value_or(std::chrono::seconds(0))};
}

std::optional<published_policy> read_policy(const net::dns_answer& answer)
{
    std::optional<published_policy> found;
    for (const auto& record : answer.records) {
        const auto text = net::txt_text(record);
        if (!text.starts_with(version)) continue;
        if (found) return std::nullopt;
        found = read_policy(text);
        if (!found) return std::nullopt;
    }
    return found;
}

} // namespace gateway::policy
