// Why the spool could not do what it was asked, as error codes.
#pragma once

#include <boost/system/error_code.hpp>

namespace gateway::spool {

enum class errc {
    short_of_space = 1, // the free space is below its floor, or the disk is full: answer 4.3.1, try later
    storage_failed,     // the disk reported an error; nothing was stored: answer 4.3.0, try later
    closed,             // the spool is shutting down; nothing was stored
    already_have,       // every recipient was taken with an earlier copy from the same peer; this copy was not stored
    not_found,          // no such message (any more)
    damaged,            // the octets on disk are missing, or are not those that were written
    record_too_large,   // the record exceeds record_limits
    malformed_record,   // the octets are no record
    unknown_version,    // the record was written by another version of the program
};

boost::system::error_code make_error_code(errc value);

} // namespace gateway::spool

template <> struct boost::system::is_error_code_enum<gateway::spool::errc> : std::true_type {
};
