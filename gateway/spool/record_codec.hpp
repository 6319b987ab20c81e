// The record as octets, the way it stands in RocksDB. The first octet is the version of the format; an unknown one is
// refused rather than guessed at.
#pragma once

#include "gateway/spool/errc.hpp"
#include "gateway/spool/record.hpp"

#include <boost/system/result.hpp>

#include <string>
#include <string_view>

namespace gateway::spool {

// Version 2 holds what 1 does and, behind the TLS facts, how the peer's name was proved; 1 is written when there is
// nothing of that.
inline constexpr unsigned char record_version = 2;

struct record_limits {
    std::size_t octets = 64 << 20; // of a whole record
    std::size_t recipients = 100'000;
    std::size_t parameters = 64;         // of one recipient
    std::size_t text_octets = 64 * 1024; // of any one text
    std::size_t status_octets = 1000;    // of a recipient's last status; a longer one is cut by clip_status()
    std::size_t extents = 1 << 20;
    std::size_t body_checks = 1 << 22; // 1 TiB
};

// errc::record_too_large; errc::malformed_record when the placement contradicts itself.
boost::system::result<std::string> encode(const record& value, const record_limits& limits = {});
// errc::malformed_record, errc::unknown_version. What decodes, encodes to the same octets.
boost::system::result<record> decode(std::string_view octets, const record_limits& limits = {});

// Do the sizes, the extents and the checksums speak of the same octets? True of all that decode() gives out.
bool consistent(const placement& value);

// Shortens the last status of each recipient to the limit: it is a peer's word, and must not make the record too large.
void clip_status(record& value, const record_limits& limits = {});

} // namespace gateway::spool
