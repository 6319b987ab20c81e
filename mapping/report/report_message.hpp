// A report as mail: multipart/report (RFC 6522) of what people read, what machines read, and something of the message
// that it is about.
#pragma once

#include "mapping/report/error_report.hpp"
#include "smtp/transaction.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace mapping {

// What the way to the one who gets the report can carry.
struct report_way {
    bool utf8 = false;      // SMTPUTF8 (RFC 6531)
    bool eight_bit = false; // 8BITMIME (RFC 6152)
};

struct report_limits {
    // Octets of the message that are returned: its whole, when RET=FULL asks for it, a recipient failed, the body is
    // there, header and body fit, and the way back can carry them; else its header, cut at a line's end.
    std::size_t returned = 64 * 1024;
    std::size_t text = 900; // octets of any one text from elsewhere: addresses, diagnostics, names
};

// How a report is sent. Any octets are safe everywhere.
struct report_mail {
    std::string host;              // who writes it; From is postmaster at this host
    std::string id;                // new, and not to be guessed: names the report in its Message-ID
    xproto::unix_seconds time = 0; // now
    std::string to;                // an address
    report_way way;
    std::string_view header;              // of the message it is about, with or without the separator; empty: not known
    std::optional<std::string_view> body; // of the message, when it may be returned whole
};

struct report {
    smtp::transaction transaction; // from <>
    std::string message;           // RFC 5322, lines of at most 998 octets that end in CRLF
};

// The Message-ID of a header, "<...>", if it has one that is one without doubt; else empty.
std::string clear_message_id(std::string_view header);

report write_report_message(const error_report& report, const report_mail& how, const report_limits& limits = {});

} // namespace mapping
