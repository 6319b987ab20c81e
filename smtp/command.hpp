// Commands (RFC 5321 4.1.1): a line to a verb and its argument, the arguments of MAIL, RCPT and BDAT to structs, and
// all of it back to lines.
#pragma once

#include "smtp/address.hpp"
#include "smtp/transaction.hpp"

#include <boost/system/result.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace smtp {

enum class verb {
    helo,
    ehlo,
    mail,
    rcpt,
    data,
    bdat,
    rset,
    noop,
    vrfy,
    expn,
    help,
    quit,
    start_tls,
    http,    // a method of HTTP: the peer is a browser led astray, not a mail client
    unknown, // anything else that looks like a verb
};

struct command {
    verb name = verb::unknown;
    std::string_view argument; // what follows the verb, without the spaces around it

    bool operator==(const command&) const = default;
};

// A line without its end. Verbs are known in any case; one that is not 1 to 32 letters and digits is bad_command.
boost::system::result<command> parse_command(std::string_view line);

struct mail_argument {
    std::string reverse_path;
    bool utf8 = false; // does the path hold octets above 127?
    std::vector<parameter> parameters;

    bool operator==(const mail_argument&) const = default;
};

struct rcpt_argument {
    smtp::recipient recipient;
    bool utf8 = false;

    bool operator==(const rcpt_argument&) const = default;
};

// `FROM:<path> parameters`, `TO:<path> parameters`. Space after the colon is forgiven, missing brackets are not.
boost::system::result<mail_argument> parse_mail(std::string_view argument, address_limits limits = {});
boost::system::result<rcpt_argument> parse_rcpt(std::string_view argument, address_limits limits = {});
// `keyword[=value]`, separated by spaces; a keyword that comes twice is bad_parameter.
boost::system::result<std::vector<parameter>> parse_parameters(std::string_view text);

// The parameter of this keyword, in any case, or null.
const parameter* find_parameter(const std::vector<parameter>& parameters, std::string_view keyword);

// Lines without their end; the inverses of the above.
std::string format_mail(std::string_view reverse_path, const std::vector<parameter>& parameters);
std::string format_rcpt(const recipient& to);

// ASCII only, as SMTP compares keywords.
bool equal_ignoring_case(std::string_view a, std::string_view b);

} // namespace smtp
