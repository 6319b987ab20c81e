// The gateway's own name for a message: what every log line of it begins with (`id=`). Eleven characters, which sort in
// the order in which the messages began to arrive, and are never used twice by one spool.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace gateway::spool {

class entry_id {
  public:
    static constexpr std::size_t text_size = 11;
    static constexpr std::uint64_t largest = (std::uint64_t{1} << 55) - 1;

    entry_id() = default; // no message
    explicit constexpr entry_id(std::uint64_t value) : value_(value & largest) {}

    // The text again; nothing when it is not exactly what text() writes.
    static std::optional<entry_id> parse(std::string_view text);

    std::uint64_t value() const { return value_; }
    std::string text() const; // "01hq8z2m4xk": digits and lower-case letters without i, l, o and u

    auto operator<=>(const entry_id&) const = default;

  private:
    std::uint64_t value_ = 0;
};

inline constexpr std::string_view entry_id_alphabet = "0123456789abcdefghjkmnpqrstvwxyz"; // ascending in ASCII too

inline std::string entry_id::text() const
{
    std::string text(text_size, '0');
    auto rest = value_;
    for (auto place = text_size; place-- > 0; rest >>= 5) text[place] = entry_id_alphabet[rest & 31];
    return text;
}

inline std::optional<entry_id> entry_id::parse(std::string_view text)
{
    if (text.size() != text_size) return std::nullopt;
    std::uint64_t value = 0;
    for (const char c : text) {
        const auto digit = entry_id_alphabet.find(c);
        if (digit == std::string_view::npos) return std::nullopt;
        value = value << 5 | digit;
    }
    return entry_id(value);
}

} // namespace gateway::spool

template <> struct std::hash<gateway::spool::entry_id> {
    std::size_t operator()(gateway::spool::entry_id id) const noexcept
    {
        return std::hash<std::uint64_t>{}(id.value());
    }
};
