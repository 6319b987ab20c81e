// Outcomes in the words of both protocols: one table of {xproto code, RFC 3463 code, SMTP reply, text}, read in both
// directions and printed as docs/status-codes.md. All functions are total: what the table does not know keeps its
// class.
#pragma once

#include "mapping/verdict.hpp"
#include "smtp/reply.hpp"
#include "xproto/result_code.hpp"

#include <span>
#include <string>
#include <string_view>

namespace mapping {

struct status_row {
    xproto::result_code core; // no arcs: the protocol's core has no code for this
    enhanced_code enhanced;   // RFC 3463, RFC 5248
    int smtp_code;
    std::string_view text;
};

// By enhanced code. Where several core codes share one, the first row is how it is said in xproto, the others are how
// they are understood.
std::span<const status_row> status_table();

// What an xproto response says beside OK, ERR or TMP: the code, the `(SMTP 550)` group, the text.
struct xproto_result {
    xproto::result_code code;
    int smtp_code = 0; // 0: no group
    std::string text;

    bool operator==(const xproto_result&) const = default;
};

// What came from SMTP (smtp_code is set) keeps its codes in the arc 99.821.CLASS.SUBJECT.DETAIL; our own outcomes use a
// core code where there is one. The class is that of the outcome, whatever the verdict's code says.
xproto_result to_result(const verdict& outcome);
// The inverse. `otherwise` is the outcome when the code's arc defines no class (an extension's), or class 3: the caller
// knows whether the response was OK or ERR.
verdict to_verdict(const xproto_result& result, verdict::kind otherwise);

// The reply that was received, or the one of the table; the text is the verdict's or the table's.
smtp::reply to_reply(const verdict& outcome);
// 2xx is delivered, 5xx rejected, all else (what no server should answer included) deferred. A reply without enhanced
// code, or with one of another class, gets the one that its three digits suggest.
verdict to_verdict(const smtp::reply& reply);

// "5.1.1"
std::string to_text(enhanced_code code);

// docs/status-codes.md.
std::string status_page();

} // namespace mapping
