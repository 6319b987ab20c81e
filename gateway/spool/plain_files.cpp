// Interrupted and partial calls are gone on with.
#include "gateway/spool/plain_files.hpp"

#include <unistd.h>

#include <cerrno>

namespace gateway::spool {

boost::system::result<std::size_t> read_all(const file& from, std::uint64_t offset, std::span<char> into)
{
    std::size_t done = 0;
    while (done < into.size()) {
        const auto n =
            ::pread(from.descriptor(), into.data() + done, into.size() - done, static_cast<off_t>(offset + done));
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return boost::system::error_code(errno, boost::system::system_category());
        if (n == 0) break;
        done += static_cast<std::size_t>(n);
    }
    return done;
}

bool write_all(const file& to, std::uint64_t offset, std::string_view octets)
{
    while (!octets.empty()) {
        const auto n = ::pwrite(to.descriptor(), octets.data(), octets.size(), static_cast<off_t>(offset));
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return false;
        offset += static_cast<std::uint64_t>(n);
        octets.remove_prefix(static_cast<std::size_t>(n));
    }
    return true;
}

} // namespace gateway::spool
