// Copies of lists as octets.
#include "gateway/trust/list_copy.hpp"

#include "xproto/digest.hpp"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <iterator>
#include <stdexcept>

namespace gateway::trust {

namespace {

constexpr std::string_view kind = "isthmus-list-1";
constexpr std::uint64_t head_octets = 8192;

// All but the digest.
std::string body_of(const list_copy& copy)
{
    return "url " + copy.url + "\nconfirmed " + std::to_string(copy.confirmed) + "\netag " + copy.version.etag +
           "\nlast-modified " + copy.version.last_modified + "\n\n" + copy.text;
}

// Takes a line of this name off. False: the next line is another.
bool take(std::string_view& octets, std::string_view name, std::string& value)
{
    if (!octets.starts_with(name) || octets.substr(name.size(), 1) != " ") return false;
    const auto end = octets.find('\n');
    if (end == octets.npos) return false;
    value = octets.substr(name.size() + 1, end - name.size() - 1);
    octets.remove_prefix(end + 1);
    return true;
}

} // namespace

void throw_exception_from_error(const copy_error& e, const boost::source_location&)
{
    throw std::logic_error(e.what);
}

std::string to_text(const list_copy& copy)
{
    const auto body = body_of(copy);
    return std::string(kind) + " " + xproto::to_text(xproto::sha256(body)) + "\n" + body;
}

boost::system::result<list_copy, copy_error> copy_from_text(std::string_view octets)
{
    const copy_error damaged{"is no copy of a list, or damaged"};
    list_copy made;
    std::string digest, time;
    if (!take(octets, kind, digest) || digest != xproto::to_text(xproto::sha256(octets))) return damaged;
    if (!take(octets, "url", made.url) || !take(octets, "confirmed", time) ||
        !take(octets, "etag", made.version.etag) || !take(octets, "last-modified", made.version.last_modified) ||
        !octets.starts_with('\n'))
        return damaged;
    const auto* end = time.data() + time.size();
    if (const auto [stop, error] = std::from_chars(time.data(), end, made.confirmed);
        error != std::errc() || stop != end)
        return damaged;
    made.text = octets.substr(1);
    return made;
}

boost::system::result<list_copy, copy_error> read_copy(const std::filesystem::path& file, std::uint64_t most_octets)
{
    std::error_code error;
    const auto size = std::filesystem::file_size(file, error);
    if (error) return copy_error{"cannot be read: " + error.message()};
    if (size > most_octets + head_octets) return copy_error{"is larger than limits.list_octets"};
    std::ifstream in(file, std::ios::binary);
    if (!in) return copy_error{"cannot be read"};
    const std::string octets{std::istreambuf_iterator<char>(in), {}};
    return copy_from_text(octets);
}

} // namespace gateway::trust
