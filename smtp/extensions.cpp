#include "smtp/extensions.hpp"

#include "smtp/command.hpp"

#include <charconv>

namespace smtp {
namespace {

struct row {
    std::string_view keyword;
    bool extensions::*offered;
};

constexpr row table[] = {
    {"PIPELINING", &extensions::pipelining},
    {"SIZE", &extensions::size},
    {"8BITMIME", &extensions::eight_bit_mime},
    {"SMTPUTF8", &extensions::smtputf8},
    {"CHUNKING", &extensions::chunking},
    {"BINARYMIME", &extensions::binarymime},
    {"ENHANCEDSTATUSCODES", &extensions::enhanced_codes},
    {"DSN", &extensions::dsn},
    {"STARTTLS", &extensions::start_tls},
    {"REQUIRETLS", &extensions::require_tls},
};

std::uint64_t size_argument(std::string_view text)
{
    std::uint64_t limit = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), limit);
    return error == std::errc() && end == text.data() + text.size() ? limit : 0;
}

} // namespace

std::vector<std::string> ehlo_lines(const extensions& offered)
{
    std::vector<std::string> lines;
    for (const auto& [keyword, member] : table) {
        if (!(offered.*member)) continue;
        lines.emplace_back(keyword);
        if (member == &extensions::size) lines.back() += ' ' + std::to_string(offered.size_limit);
    }
    return lines;
}

extensions parse_ehlo(const reply& answer)
{
    extensions found;
    for (std::size_t i = 1; i < answer.lines.size(); ++i) {
        const std::string_view line = answer.lines[i];
        const auto space = line.find(' ');
        const auto keyword = line.substr(0, space);
        for (const auto& [known, member] : table) {
            if (equal_ignoring_case(keyword, known)) found.*member = true;
        }
        if (space != line.npos && equal_ignoring_case(keyword, "SIZE"))
            found.size_limit = size_argument(line.substr(space + 1));
    }
    return found;
}

} // namespace smtp
