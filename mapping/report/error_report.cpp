// The names of values.
#include "mapping/report/error_report.hpp"

#include "mapping/header_section.hpp"

#include <algorithm>
#include <array>

namespace mapping {

namespace {

// In the order of the enumeration.
constexpr std::array<std::string_view, 5> actions{"failed", "delayed", "relayed", "delivered", "expanded"};

// The number that `text` begins with, taken off it: at most three digits, no leading zero.
std::optional<int> take_number(std::string_view& text)
{
    std::size_t digits = 0;
    int number = 0;
    for (; digits < text.size() && text[digits] >= '0' && text[digits] <= '9'; ++digits) {
        if (digits == 3 || (digits == 1 && number == 0)) return {};
        number = number * 10 + (text[digits] - '0');
    }
    if (digits == 0) return {};
    text.remove_prefix(digits);
    return number;
}

} // namespace

std::string_view to_text(report_action action)
{
    return actions[static_cast<std::size_t>(action)];
}

std::optional<report_action> action_from_text(std::string_view text)
{
    const auto* const at =
        std::find_if(actions.begin(), actions.end(), [&](std::string_view name) { return same_name(text, name); });
    if (at == actions.end()) return {};
    return static_cast<report_action>(at - actions.begin());
}

std::optional<enhanced_code> status_from_text(std::string_view text)
{
    int numbers[3] = {};
    for (auto& n : numbers) {
        if (&n != numbers) {
            if (!text.starts_with('.')) return {};
            text.remove_prefix(1);
        }
        const auto number = take_number(text);
        if (!number) return {};
        n = *number;
    }
    if (!text.empty() || (numbers[0] != 2 && numbers[0] != 4 && numbers[0] != 5)) return {};
    return enhanced_code{numbers[0], numbers[1], numbers[2]};
}

} // namespace mapping
