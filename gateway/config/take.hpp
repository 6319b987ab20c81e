// Values from the document into settings: one take_value() for each C++ type that a setting has. What comes back is
// what is wrong, in words that say what was wanted; nothing when all is well.
#pragma once

#include "gateway/config/keys.hpp"

#include <array>
#include <type_traits>
#include <utility>

namespace gateway::config {

// The words for an enum's values, in the order that a person is told them.
template <class Enum> struct words;
template <> struct words<bare_newline> {
    static constexpr std::array table{std::pair{"reject", bare_newline::reject},
                                      std::pair{"normalize", bare_newline::normalize},
                                      std::pair{"carry", bare_newline::carry}};
};
template <> struct words<client_tls> {
    static constexpr std::array table{std::pair{"opportunistic", client_tls::opportunistic},
                                      std::pair{"required", client_tls::required}, std::pair{"none", client_tls::none}};
};
template <> struct words<starttls> {
    static constexpr std::array table{std::pair{"offered", starttls::offered}, std::pair{"off", starttls::off}};
};
template <> struct words<route_via> {
    static constexpr std::array table{std::pair{"xproto", route_via::xproto}, std::pair{"smtp", route_via::smtp},
                                      std::pair{"lmtp", route_via::lmtp}, std::pair{"dns", route_via::dns}};
};
template <> struct words<route_policy> {
    static constexpr std::array table{std::pair{"obey", route_policy::obey}, std::pair{"ignore", route_policy::ignore}};
};
template <> struct words<trust> {
    static constexpr std::array table{std::pair{"unknown", trust::unknown}, std::pair{"known", trust::known},
                                      std::pair{"trusted", trust::trusted}};
};
template <> struct words<peer_tls> {
    static constexpr std::array table{std::pair{"required", peer_tls::required},
                                      std::pair{"optional", peer_tls::optional}};
};
template <> struct words<session_by> {
    static constexpr std::array table{std::pair{"ours", session_by::us}, std::pair{"theirs", session_by::them}};
};
template <> struct words<start> {
    static constexpr std::array table{std::pair{"tls", start::tls}, std::pair{"clear", start::clear}};
};
template <> struct words<audience> {
    static constexpr std::array table{std::pair{"trusted", audience::trusted}, std::pair{"known", audience::known},
                                      std::pair{"off", audience::off}};
};
template <> struct words<filter_stage> {
    static constexpr std::array table{
        std::pair{"envelope-announced", filter_stage::envelope_announced},
        std::pair{"envelope", filter_stage::envelope}, std::pair{"headers-announced", filter_stage::headers_announced},
        std::pair{"headers", filter_stage::headers}, std::pair{"body-announced", filter_stage::body_announced}};
};
template <> struct words<filter_action> {
    static constexpr std::array table{std::pair{"refuse", filter_action::refuse},
                                      std::pair{"defer", filter_action::defer},
                                      std::pair{"accept", filter_action::accept}};
};
template <> struct words<list_kind> {
    static constexpr std::array table{std::pair{"block", list_kind::block}, std::pair{"vouch", list_kind::vouch}};
};
template <> struct words<list_by> {
    static constexpr std::array table{std::pair{"host", list_by::host}, std::pair{"domain", list_by::domain},
                                      std::pair{"address", list_by::address}, std::pair{"sender", list_by::sender},
                                      std::pair{"issuer", list_by::issuer}};
};
template <> struct words<list_failure> {
    static constexpr std::array table{std::pair{"ignore", list_failure::ignore},
                                      std::pair{"defer", list_failure::defer}};
};
template <> struct words<mail_protocol> {
    static constexpr std::array table{std::pair{"any", mail_protocol::any}, std::pair{"smtp", mail_protocol::smtp},
                                      std::pair{"xproto", mail_protocol::xproto}};
};
template <> struct words<tls_version> {
    static constexpr std::array table{std::pair{"none", tls_version::none}, std::pair{"1.2", tls_version::tls_1_2},
                                      std::pair{"1.3", tls_version::tls_1_3}};
};
template <> struct words<carrier> {
    static constexpr std::array table{std::pair{"native", carrier::native}, std::pair{"always", carrier::always},
                                      std::pair{"never", carrier::never}};
};
template <> struct words<views> {
    static constexpr std::array table{std::pair{"useful", views::useful}, std::pair{"all", views::all},
                                      std::pair{"none", views::none}};
};
template <> struct words<unknown_peers> {
    static constexpr std::array table{std::pair{"refuse", unknown_peers::refuse},
                                      std::pair{"accept", unknown_peers::accept}};
};
template <> struct words<directory_tls> {
    static constexpr std::array table{std::pair{"starttls", directory_tls::starttls},
                                      std::pair{"none", directory_tls::none}};
};
template <> struct words<log::level> {
    static constexpr std::array table{std::pair{"error", log::level::error}, std::pair{"warning", log::level::warning},
                                      std::pair{"info", log::level::info}, std::pair{"debug", log::level::debug}};
};
template <> struct words<log::format> {
    static constexpr std::array table{std::pair{"logfmt", log::format::logfmt}, std::pair{"json", log::format::json}};
};

// One slip: "wanted WHAT; found FOUND".
slips wanted(const node& found, const std::string& what);

slips take_value(const node& from, std::string& to, const rule& rule, const std::filesystem::path& folder);
// Relative paths become relative to `folder`.
slips take_value(const node& from, std::filesystem::path& to, const rule& rule, const std::filesystem::path& folder);
slips take_value(const node& from, bool& to, const rule& rule, const std::filesystem::path& folder);
slips take_value(const node& from, std::uint64_t& to, const rule& rule, const std::filesystem::path& folder);
slips take_value(const node& from, std::chrono::seconds& to, const rule& rule, const std::filesystem::path& folder);
slips take_value(const node& from, endpoint& to, const rule& rule, const std::filesystem::path& folder);
slips take_value(const node& from, expression& to, const rule& rule, const std::filesystem::path& folder);
slips take_value(const node& from, network& to, const rule& rule, const std::filesystem::path& folder);

template <class Enum>
requires std::is_enum_v<Enum> slips take_value(const node& from, Enum& to, const rule&, const std::filesystem::path&)
{
    std::string names;
    for (const auto& [text, value] : words<Enum>::table) {
        if (from.type == node::kind::string && from.text == text) {
            to = value;
            return {};
        }
        names += (names.empty() ? "\"" : ", \"") + std::string(text) + '"';
    }
    return wanted(from, "one of " + names);
}

template <class T>
slips take_value(const node& from, std::vector<T>& to, const rule& rule, const std::filesystem::path& folder)
{
    if (from.type != node::kind::array) return wanted(from, "a list in [ ]");
    to.clear();
    slips found;
    for (const auto& item : from.items) {
        T value{};
        const auto wrong = take_value(item, value, rule, folder);
        found.insert(found.end(), wrong.begin(), wrong.end());
        to.push_back(std::move(value));
    }
    return found;
}

} // namespace gateway::config
