// Reading and writing a file to the last octet, for what is not worth failing for (see file_operations.hpp for what
// is).
#pragma once

#include "gateway/spool/file_operations.hpp"

#include <boost/system/result.hpp>

#include <cstdint>
#include <span>
#include <string_view>

namespace gateway::spool {

// Fewer octets than asked for: the file ends there.
boost::system::result<std::size_t> read_all(const file& from, std::uint64_t offset, std::span<char> into);
bool write_all(const file& to, std::uint64_t offset, std::string_view octets);

} // namespace gateway::spool
