// A message on its way in, as the commit thread keeps it. Made by the event loop, touched by the commit thread alone
// from then on.
#pragma once

#include "gateway/spool/checksum.hpp"
#include "gateway/spool/record.hpp"

#include <boost/system/error_code.hpp>

#include <algorithm>
#include <string_view>

namespace gateway::spool {

struct intake {
    explicit intake(entry_id the_id) : id(the_id) {}

    const entry_id id;
    placement place; // of the body's octets so far; its extents are held in the segment log
    // Why it cannot be committed any more. Its extents are released then.
    boost::system::error_code failure;

    // Counts and checks octets that come next in the body.
    void add_to_body(std::string_view octets)
    {
        while (!octets.empty()) {
            const auto filled = place.body_octets % placement::check_octets;
            if (filled == 0) place.body_checks.push_back(0);
            const auto part = octets.substr(0, placement::check_octets - filled);
            place.body_checks.back() = crc32c(part, place.body_checks.back());
            place.body_octets += part.size();
            octets.remove_prefix(part.size());
        }
    }
};

} // namespace gateway::spool
