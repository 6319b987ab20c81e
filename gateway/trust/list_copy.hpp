// What was fetched of a list last, as it is kept on the disk: so that neither a restart nor a server that is away
// changes who is let in.
#pragma once

#include "gateway/net/http_answer.hpp"

#include <boost/system/result.hpp>

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

namespace gateway::trust {

struct list_copy {
    std::string url;
    std::int64_t confirmed = 0; // Unix time at which the server last said that this is its list
    net::file_version version;
    std::string text;

    bool operator==(const list_copy&) const = default;
};

struct copy_error {
    std::string what;
};
[[noreturn]] void throw_exception_from_error(const copy_error& e, const boost::source_location& where);

// A few lines `name value`, an empty one, and the list itself. The lines hold the digest of the whole: what was damaged
// is refused.
std::string to_text(const list_copy& copy);
boost::system::result<list_copy, copy_error> copy_from_text(std::string_view octets);

// A file of at most `most_octets` and a head.
boost::system::result<list_copy, copy_error> read_copy(const std::filesystem::path& file, std::uint64_t most_octets);

} // namespace gateway::trust
