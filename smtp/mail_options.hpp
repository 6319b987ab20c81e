// What the parameters of MAIL and RCPT ask for (SIZE, BODY, SMTPUTF8, and RET, ENVID, NOTIFY, ORCPT of RFC 3461),
// checked against what was offered. RFC 5321 4.1.1.11 wants 555 for a parameter that is not known.
#pragma once

#include "smtp/extensions.hpp"
#include "smtp/reply.hpp"
#include "smtp/transaction.hpp"

#include <boost/system/result.hpp>

#include <cstdint>
#include <optional>
#include <vector>

namespace smtp {

enum class body_type {
    seven_bit, // also when nothing was said
    eight_bit,
    binary,
};

struct mail_options {
    std::uint64_t size = 0; // as declared; 0: not declared
    body_type body = body_type::seven_bit;
    bool smtputf8 = false;
    bool require_tls = false;

    bool operator==(const mail_options&) const = default;
};

// The options, or the reply that refuses them: 555 5.5.4 not known, 501 5.5.4 malformed, 552 5.3.4 above the size
// limit.
boost::system::result<mail_options, reply> check_mail_parameters(const std::vector<parameter>& parameters,
                                                                 const extensions& offered);
// Nothing, or the reply that refuses: 555 5.5.4, 501 5.5.4. `smtputf8`: was it asked for with MAIL?
std::optional<reply> check_rcpt_parameters(const std::vector<parameter>& parameters, const extensions& offered,
                                           bool smtputf8);

} // namespace smtp
