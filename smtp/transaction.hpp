// What one SMTP mail transaction says beside its content: the MAIL and RCPT commands (RFC 5321 section 3.3).
// Addresses and parameters are kept octet for octet, because the mapping promises to give them back.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace smtp {

// One ESMTP parameter of MAIL or RCPT: `SIZE=1000`, `SMTPUTF8`. The keyword is kept as it was written.
struct parameter {
    std::string keyword;
    std::optional<std::string> value; // absent for a bare keyword, which is not the same as an empty value

    bool operator==(const parameter&) const = default;
};

struct recipient {
    std::string address; // what stood between < and >, a source route already removed (RFC 5321 4.1.1.3)
    std::vector<parameter> parameters;

    bool operator==(const recipient&) const = default;
};

struct transaction {
    std::string reverse_path; // what stood between < and > of MAIL FROM; empty for the null reverse-path
    std::vector<parameter> parameters;
    std::vector<recipient> recipients;

    bool operator==(const transaction&) const = default;
};

} // namespace smtp
