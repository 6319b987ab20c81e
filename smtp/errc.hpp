// The ways in which octets can fail to be SMTP. A session turns each into its own error reply.
#pragma once

#include <boost/system/error_code.hpp>

#include <type_traits>

namespace smtp {

enum class errc {
    bad_command = 1,  // not `VERB [SP argument]`
    bad_argument,     // the command's argument is not what its grammar wants
    bad_path,         // no `<` and `>` around the address, or something between that is no address
    bad_local_part,   // neither a dot-string nor a quoted-string
    bad_domain,       // neither a domain name nor an address literal
    address_too_long, // longer than a field of address_limits
    bad_parameter,    // not `keyword[=value]` (RFC 5321 4.1.2), or given twice
    bad_chunk_size,   // BDAT without a number, or with one above 2^63-1
    bad_reply,        // not `ddd[-| ]text`, or the codes of one reply's lines differ
    reply_too_long,   // longer than a field of reply_limits
};

const boost::system::error_category& error_category() noexcept;
boost::system::error_code make_error_code(errc e) noexcept;

} // namespace smtp

template <> struct boost::system::is_error_code_enum<smtp::errc> : std::true_type {
};
