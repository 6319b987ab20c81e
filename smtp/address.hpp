// Addresses as MAIL and RCPT write them (RFC 5321 4.1.2, 4.1.3; RFC 6531 3.3). Octets are kept exactly: nothing is
// unquoted, lower-cased or normalised here.
//
// Wider than the grammar in three places that real mail needs: dots anywhere in a local part (`a..b@`, `a.@`),
// underscores in domain names, and local parts beyond 64 octets. Narrower nowhere.
#pragma once

#include "smtp/errc.hpp"

#include <boost/system/result.hpp>

#include <cstddef>
#include <string>
#include <string_view>

namespace smtp {

struct address_limits {
    std::size_t local_part = 255;
    std::size_t domain = 255; // RFC 5321 4.5.3.1.2
};

// Views into the address that was parsed.
struct mailbox {
    std::string_view local_part; // with its quotes, if it has any
    std::string_view domain;     // a name, or an address literal with its brackets; empty for a bare `postmaster`
    bool utf8 = false;           // is there an octet above 127? Then it needs SMTPUTF8.

    bool operator==(const mailbox&) const = default;
};

// `local-part@domain`, the whole of `address`. Non-ASCII is taken where it is valid UTF-8.
boost::system::result<mailbox> parse_mailbox(std::string_view address, address_limits limits = {});

// What stands between `<` and `>`.
struct path {
    std::string_view address; // without source route; empty for `<>`
    bool utf8 = false;

    bool operator==(const path&) const = default;
};

// Takes `<...>` off the front of `input`. A source route (`@a,@b:`) is checked and dropped (RFC 5321 appendix C). The
// reverse-path may be empty, the forward-path may be `<postmaster>` in any case (RFC 5321 4.5.1).
boost::system::result<path> parse_reverse_path(std::string_view& input, address_limits limits = {});
boost::system::result<path> parse_forward_path(std::string_view& input, address_limits limits = {});

// A domain name of letters, digits, hyphens, underscores and UTF-8, labels of 1 to 63 octets.
bool is_domain_name(std::string_view text, address_limits limits = {});
// `[192.0.2.1]`, `[IPv6:2001:db8::1]`, `[tag:text]`.
bool is_address_literal(std::string_view text);
// Well-formed UTF-8 (RFC 3629): no overlong forms, no surrogates, nothing above U+10FFFF.
bool is_utf8(std::string_view text);
bool is_ascii(std::string_view text);

} // namespace smtp
