// The argument of BDAT (RFC 3030): how many octets follow, and whether they are the last.
#pragma once

#include "smtp/errc.hpp"

#include <boost/system/result.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace smtp {

struct chunk {
    std::uint64_t octets = 0;
    bool last = false;

    bool operator==(const chunk&) const = default;
};

// `1000`, `1000 LAST`. Up to 2^63-1: who reads a larger or a malformed one cannot know where the next command begins,
// and must close the connection.
boost::system::result<chunk> parse_chunk(std::string_view argument);
// The command line without its end: "BDAT 1000 LAST".
std::string format(const chunk& c);

} // namespace smtp
