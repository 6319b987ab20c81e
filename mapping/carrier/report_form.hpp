// An error report, a control message of nothing but an envelope, as the mail that legacy software knows it by
// (RFC 3464, RFC 8098, RFC 5965).
#pragma once

#include "smtp/transaction.hpp"
#include "xproto/envelope.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace mapping::carrier {

struct report_form {
    std::string header;                      // the fields, without the empty line
    std::size_t fields = 0;                  // so many
    std::string text;                        // what follows the empty line
    std::vector<smtp::parameter> parameters; // of MAIL, which it can only go with
};

// Nothing when the envelope holds no report that can be read. The octets follow from the envelope alone, so that a
// second attempt sends the same mail.
std::optional<report_form> to_report_form(const xproto::envelope& envelope);

} // namespace mapping::carrier
