// What the tables of keys are written with: rows, rules, and the fields that they fill.
#pragma once

#include "gateway/config/take.hpp"

namespace gateway::config::rows {

inline constexpr bool restart = true;

// The field of a Section that a chain of members leads to: at(s, &settings::smtp, &smtp_settings::listen).
template <class Object, class Member> auto& at(Object& object, Member member)
{
    return object.*member;
}
template <class Object, class Member, class... Rest> auto& at(Object& object, Member member, Rest... rest)
{
    return at(object.*member, rest...);
}

template <class Member> struct owner_of;
template <class Owner, class Field> struct owner_of<Field Owner::*> {
    using type = Owner;
};
// The field that a chain of members leads to.
template <auto first, auto... rest, class Section = typename owner_of<decltype(first)>::type>
constexpr binding<Section> field_of()
{
    return {[](const node& from, Section& to, const rule& allowed, const std::filesystem::path& folder) {
                return take_value(from, at(to, first, rest...), allowed, folder);
            },
            [](const Section& a, const Section& b) { return at(a, first, rest...) == at(b, first, rest...); },
            [](const Section& from, Section& to) { at(to, first, rest...) = at(from, first, rest...); }};
}
template <auto... path> inline constexpr auto field = field_of<path...>();

template <class Section>
constexpr key<Section> row(std::string_view name, const binding<Section>& field, std::string_view fallback,
                           rule allowed, std::string_view doc, bool needs_restart = false)
{
    return {name, field, fallback, allowed, doc, needs_restart};
}

inline constexpr rule any{};
inline constexpr rule duration{form::plain, 1};
inline constexpr rule host_name{form::host};
inline constexpr rule pattern{form::pattern};
inline constexpr rule option_word{form::option};

inline constexpr rule listener{form::listener};
constexpr rule count(std::uint64_t least, std::uint64_t most)
{
    return {form::plain, least, most};
}
constexpr rule size(std::uint64_t least, std::uint64_t most)
{
    return {form::octets, least, most};
}
inline constexpr std::uint64_t kib = 1024, mib = kib * kib, gib = kib * mib, tib = kib * gib;

} // namespace gateway::config::rows
