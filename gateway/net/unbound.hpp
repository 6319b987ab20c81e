// The resolver of the daemon: libunbound, which validates DNSSEC and keeps answers for their TTL. It works in a thread
// of its own that begins with the first question; answers come back through the event loop.
#pragma once

#include "gateway/net/resolver.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/system/result.hpp>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace gateway::net {

struct dns_settings {
    // Name servers to ask, "192.0.2.1" or "192.0.2.1@5353"; none: those of /etc/resolv.conf.
    std::vector<std::string> servers;
    // Keys or DS records in zone file form; a file that is not there: nothing is validated, every answer is insecure.
    std::filesystem::path trust_anchor;
    std::chrono::seconds patience{10};   // for one question
    std::chrono::seconds longest{86400}; // that an answer is kept, whatever its TTL
    std::chrono::seconds longest_negative{300};
    std::size_t questions = 1000; // under way at once; further ones fail at once
};

struct dns_error {
    std::string what;
};
[[noreturn]] void throw_exception_from_error(const dns_error& e, const boost::source_location& where);

boost::system::result<std::unique_ptr<resolver>, dns_error> make_resolver(boost::asio::io_context& context,
                                                                          const dns_settings& settings);

} // namespace gateway::net
