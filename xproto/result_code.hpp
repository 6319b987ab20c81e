// Result codes are object identifiers (docs/xproto.md, "Codes"): `99.0.CLASS.N` for the core,
// `99.821.CLASS.SUBJECT.DETAIL` for results that came from SMTP, anything else from extensions. Class 2 success, 3 go
// on, 4 try later, 5 never.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

namespace xproto {

class result_code {
  public:
    static constexpr std::size_t max_arcs = 16; // arcs are at most 2^32-1 each

    constexpr result_code() = default;
    constexpr result_code(std::initializer_list<std::uint32_t> arcs)
    {
        for (const auto arc : arcs)
            if (size_ < max_arcs) arcs_[size_++] = arc;
    }

    // A core code, 99.0.CLASS.N.
    static constexpr result_code core(std::uint32_t status_class, std::uint32_t number)
    {
        return {99, 0, status_class, number};
    }
    // Dotted decimal without signs or leading zeros; at least two arcs. Nothing else.
    static std::optional<result_code> from_text(std::string_view text);
    std::string text() const;

    constexpr std::size_t size() const { return size_; }
    constexpr std::uint32_t operator[](std::size_t i) const { return arcs_[i]; }
    // 2, 3, 4 or 5 where the code's own arc defines a class (core and 99.821), else 0.
    constexpr std::uint32_t status_class() const
    {
        return size_ >= 3 && arcs_[0] == 99 && (arcs_[1] == 0 || arcs_[1] == 821) ? arcs_[2] : 0;
    }

    auto operator<=>(const result_code&) const = default;

  private:
    std::array<std::uint32_t, max_arcs> arcs_{};
    std::size_t size_ = 0;
};

} // namespace xproto
