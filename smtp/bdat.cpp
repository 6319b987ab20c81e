#include "smtp/bdat.hpp"

#include "smtp/command.hpp"

#include <charconv>
#include <limits>

namespace smtp {

boost::system::result<chunk> parse_chunk(std::string_view argument)
{
    constexpr std::uint64_t largest = std::numeric_limits<std::int64_t>::max();
    chunk found;
    const auto [end, error] = std::from_chars(argument.data(), argument.data() + argument.size(), found.octets);
    if (error != std::errc() || found.octets > largest) return errc::bad_chunk_size;

    argument.remove_prefix(static_cast<std::size_t>(end - argument.data()));
    if (argument.empty()) return found;
    if (argument.front() != ' ') return errc::bad_chunk_size;
    argument.remove_prefix(argument.find_first_not_of(' '));
    if (!equal_ignoring_case(argument, "LAST")) return errc::bad_argument;
    found.last = true;
    return found;
}

std::string format(const chunk& c)
{
    return "BDAT " + std::to_string(c.octets) + (c.last ? " LAST" : "");
}

} // namespace smtp
