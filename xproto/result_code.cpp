// Result codes as text: dotted decimal, exactly one spelling for each code.
#include "xproto/result_code.hpp"

#include <charconv>

namespace xproto {

std::optional<result_code> result_code::from_text(std::string_view text)
{
    result_code code;
    const char* at = text.data();
    const char* const end = at + text.size();
    while (code.size_ < max_arcs) {
        const bool digit = at != end && *at >= '0' && *at <= '9';
        if (!digit) return std::nullopt;
        const auto [stop, error] = std::from_chars(at, end, code.arcs_[code.size_]);
        if (error != std::errc() || (*at == '0' && stop != at + 1)) return std::nullopt;
        ++code.size_;
        if (stop == end) return code.size_ >= 2 ? std::optional(code) : std::nullopt;
        if (*stop != '.') return std::nullopt;
        at = stop + 1;
    }
    return std::nullopt;
}

std::string result_code::text() const
{
    std::string out;
    for (std::size_t i = 0; i < size_; ++i) {
        char digits[10];
        const auto end = std::to_chars(std::begin(digits), std::end(digits), arcs_[i]).ptr;
        if (i != 0) out += '.';
        out.append(std::begin(digits), end);
    }
    return out;
}

} // namespace xproto
