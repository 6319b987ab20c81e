// How a message can be sent to a server that offers these extensions, decided before a single octet goes out: the
// command lines, DATA or BDAT, and which recipients cannot be served without changing the message.
#pragma once

#include "smtp/content_scan.hpp"
#include "smtp/extensions.hpp"
#include "smtp/reply.hpp"
#include "smtp/transaction.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace smtp {

// What to do with 8-bit content when the server does not offer 8BITMIME. Sending it is what RFC 6152 forbids and most
// MTAs do, because nearly every server takes it; refusing returns mail that would have arrived, and converting breaks
// signatures.
enum class eight_bit_policy { refuse, send };

struct send_choices {
    bool pipelining = true; // use it when offered?
    bool chunking = true;   // likewise
    eight_bit_policy eight_bit = eight_bit_policy::send;
    std::uint64_t eager_octets = 65536; // content up to this size goes out with MAIL and RCPT, when BDAT can carry it
};

struct send_plan {
    struct step {
        std::string line;             // RCPT, without its end
        std::optional<reply> refusal; // our own words: this recipient is not sent
    };
    std::string mail; // the MAIL line
    std::vector<step> recipients;
    bool chunked = false; // BDAT instead of DATA?
    bool eager = false;   // does the content follow without waiting for replies?
};

// Refusals, for all recipients unless said otherwise:
//   552 5.3.4  larger than the server's SIZE
//   550 5.6.7  sender or header need SMTPUTF8, not offered; 553 5.6.7 for a single recipient that needs it
//   554 5.6.1  bare CR or LF, which only CHUNKING with BINARYMIME can carry
//   550 5.7.10 REQUIRETLS, and the channel is not secure; 550 5.7.30 REQUIRETLS, not offered (RFC 8689 4.2.1)
//   554 5.6.3  8-bit content, 8BITMIME not offered, and eight_bit_policy::refuse
//   553 5.1.7, 553 5.1.3, 501 5.5.4  sender, recipient or a parameter that would not be what it says inside a command
//   line
// `secure`: TLS is active, and the server has proved to be the host that was meant.
send_plan plan_sending(const transaction& mail, const content_facts& facts, const extensions& offered,
                       const send_choices& choices, bool secure = false);

} // namespace smtp
