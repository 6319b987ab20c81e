// Delivery reports about our own attempts: from what a host knows about a message and its recipients to a report as
// values, and to a complete RFC 3464 message (multipart/report, RFC 6522; RFC 6533 beyond ASCII) with the transaction
// to send it with. Who is owed one is RFC 3461's to say; the null sender never is, so that no report answers a report.
#pragma once

#include "mapping/report/error_report.hpp"
#include "mapping/report/report_due.hpp"
#include "mapping/report/report_message.hpp"
#include "mapping/verdict.hpp"
#include "smtp/transaction.hpp"
#include "xproto/envelope.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mapping {

struct reported_recipient {
    smtp::recipient recipient; // as in the transaction: its ORCPT becomes Original-Recipient
    report_action action = report_action::failed;
    enhanced_code status{5, 0, 0};
    std::string remote;                    // the host that said so; empty: this one
    std::string diagnostic_type;           // "smtp"; empty: there is no diagnostic
    std::string diagnostic;                // "550 5.1.1 No such user"
    xproto::unix_seconds last_attempt = 0; // 0: not known
    xproto::unix_seconds retry_until = 0;  // of a delayed recipient; 0: not known

    // With diagnostic and status as the verdict has them.
    static reported_recipient about(smtp::recipient recipient, report_action action, const verdict& outcome);
};

// The views must live while write_report() runs. Any octets are safe everywhere.
struct report_facts {
    std::string host;              // who reports; From is postmaster at this host
    std::string id;                // new, and not to be guessed: names the report in its Message-ID
    xproto::unix_seconds time = 0; // now
    std::string message;           // the xproto id of the message reported about, where that may be told; else empty
    smtp::transaction original;    // of the message reported about, parameters included
    std::string received_from;     // the host it came from; empty: not known
    xproto::unix_seconds arrival = 0;
    std::vector<reported_recipient> recipients; // only those that report_due() names
    std::string_view header;                    // of the message, with or without the separator
    std::optional<std::string_view> body;       // of the message, when the caller has it at hand
};

// The facts as values; what is told of the message in `facts.header` included.
error_report to_error_report(const report_facts& facts);

// Nothing when the original's reverse-path is null or `recipients` is empty. The message is 7-bit unless the original's
// parameters (SMTPUTF8, BODY) show that the way back can carry more; `transaction` then says so too.
std::optional<report> write_report(const report_facts& facts, const report_limits& limits = {});

} // namespace mapping
