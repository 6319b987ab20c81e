// The service extensions of a session (RFC 5321 2.2): what our server offers in its answer to EHLO, and what our client
// reads from another's.
#pragma once

#include "smtp/reply.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace smtp {

struct extensions {
    bool pipelining = false;      // RFC 2920
    bool size = false;            // RFC 1870
    bool eight_bit_mime = false;  // RFC 6152
    bool smtputf8 = false;        // RFC 6531
    bool chunking = false;        // RFC 3030
    bool binarymime = false;      // RFC 3030; means nothing without chunking
    bool enhanced_codes = false;  // RFC 2034
    bool dsn = false;             // RFC 3461
    bool start_tls = false;       // RFC 3207
    bool require_tls = false;     // RFC 8689; only ever offered under TLS
    std::uint64_t size_limit = 0; // octets; 0: no limit was named

    bool operator==(const extensions&) const = default;
};

// The lines of the 250 to EHLO after the first, in a fixed order: "PIPELINING", "SIZE 1000".
std::vector<std::string> ehlo_lines(const extensions& offered);

// Reads the answer to EHLO. The first line is the greeting; keywords are known in any case, unknown ones and malformed
// SIZE arguments passed over, as RFC 5321 4.1.1.1 asks. The inverse of ehlo_lines().
extensions parse_ehlo(const reply& answer);

} // namespace smtp
