// The table, and the four ways of reading it.
#include "mapping/status_table.hpp"

#include "xproto/codes.hpp"

#include <algorithm>
#include <array>

namespace mapping {

namespace {

namespace codes = xproto::codes;

constexpr xproto::result_code no_core{};

// In ascending order of enhanced codes. The SMTP replies are those of RFC 5248 where it gives some.
constexpr std::array table{
    status_row{codes::stored, {2, 0, 0}, 250, "Accepted."},
    status_row{codes::already_have, {2, 0, 0}, 250, "Already have it."},
    status_row{no_core, {2, 1, 5}, 250, "Destination address valid."},
    status_row{no_core, {2, 6, 4}, 250, "Converted with loss."},

    status_row{no_core, {4, 0, 0}, 451, "Try again later."},
    status_row{no_core, {4, 1, 0}, 451, "There is a problem with the address."},
    status_row{no_core, {4, 1, 1}, 451, "The mailbox cannot be looked up now."},
    status_row{no_core, {4, 1, 2}, 451, "The destination system cannot be looked up now."},
    status_row{no_core, {4, 1, 8}, 451, "The sender's system cannot be looked up now."},
    status_row{no_core, {4, 2, 0}, 450, "The mailbox is not available now."},
    status_row{no_core, {4, 2, 1}, 450, "The mailbox is disabled for now."},
    status_row{no_core, {4, 2, 2}, 452, "The mailbox is full."},
    status_row{no_core, {4, 2, 4}, 450, "The mailing list cannot be expanded now."},
    status_row{codes::local_error, {4, 3, 0}, 451, "Local error."},
    status_row{codes::storage_failed, {4, 3, 1}, 451, "The message could not be stored."},
    status_row{codes::busy, {4, 3, 2}, 451, "Not accepting messages now."},
    status_row{codes::shutting_down, {4, 3, 2}, 451, "Shutting down."},
    status_row{codes::too_many_sessions, {4, 3, 2}, 451, "Too many sessions."},
    status_row{no_core, {4, 3, 5}, 451, "This system's configuration is at fault."},
    status_row{no_core, {4, 4, 0}, 451, "There is a problem with the network or the routing."},
    status_row{no_core, {4, 4, 1}, 451, "The host does not answer."},
    status_row{codes::timed_out, {4, 4, 2}, 451, "The connection broke off."},
    status_row{codes::connection_lost, {4, 4, 2}, 451, "The connection was lost."},
    status_row{codes::not_held, {4, 4, 2}, 451, "What was sent before is not there any more."},
    status_row{no_core, {4, 4, 3}, 451, "The directory server failed."},
    status_row{no_core, {4, 4, 4}, 451, "No route to the destination."},
    status_row{no_core, {4, 4, 5}, 451, "Congested."},
    status_row{no_core, {4, 4, 6}, 451, "The message seems to loop."},
    status_row{no_core, {4, 4, 7}, 451, "Not delivered in time."},
    status_row{no_core, {4, 5, 0}, 451, "There is a problem with the protocol."},
    status_row{no_core, {4, 5, 3}, 452, "Too many recipients for one message."},
    status_row{no_core, {4, 6, 0}, 451, "There is a problem with the content."},
    status_row{no_core, {4, 7, 0}, 450, "Not permitted now."},
    status_row{no_core, {4, 7, 1}, 451, "Delivery is not permitted now."},
    status_row{codes::identity_unchecked, {4, 7, 5}, 454, "An identity could not be checked now."},

    status_row{codes::transfer_failed, {5, 0, 0}, 554, "Refused."},
    status_row{codes::prior_part, {5, 0, 0}, 554, "An earlier part was refused."},
    status_row{codes::recipient_refused, {5, 1, 0}, 550, "The recipient is refused."},
    status_row{no_core, {5, 1, 1}, 550, "No such mailbox."},
    status_row{no_core, {5, 1, 2}, 550, "No such destination system."},
    status_row{no_core, {5, 1, 3}, 501, "The destination address is malformed."},
    status_row{no_core, {5, 1, 4}, 550, "The destination address is ambiguous."},
    status_row{no_core, {5, 1, 6}, 550, "The mailbox has moved, with no forwarding address."},
    status_row{no_core, {5, 1, 7}, 501, "The sender's address is malformed."},
    status_row{no_core, {5, 1, 8}, 501, "The sender's system is not acceptable."},
    status_row{no_core, {5, 1, 10}, 556, "The destination takes no mail."},
    status_row{no_core, {5, 2, 0}, 550, "There is a problem with the mailbox."},
    status_row{no_core, {5, 2, 1}, 550, "The mailbox is disabled."},
    status_row{no_core, {5, 2, 2}, 552, "The mailbox is full."},
    status_row{no_core, {5, 2, 3}, 552, "The message is too large for the mailbox."},
    status_row{no_core, {5, 2, 4}, 550, "The mailing list cannot be expanded."},
    status_row{no_core, {5, 3, 0}, 554, "The mail system failed."},
    status_row{no_core, {5, 3, 2}, 550, "This system accepts no messages."},
    status_row{codes::critical_extension, {5, 3, 3}, 554, "A required feature is not supported."},
    status_row{codes::object_too_large, {5, 3, 4}, 552, "The message is too large."},
    status_row{codes::object_limit, {5, 3, 4}, 552, "An object is over a limit."},
    status_row{no_core, {5, 3, 5}, 554, "A system's configuration is at fault."},
    status_row{no_core, {5, 4, 0}, 554, "There is a problem with the network or the routing."},
    status_row{no_core, {5, 4, 4}, 554, "No route to the destination."},
    status_row{codes::too_many_hops, {5, 4, 6}, 554, "Too many hops: the message loops."},
    status_row{no_core, {5, 4, 7}, 550, "Not delivered in time."},
    status_row{codes::too_many_errors, {5, 5, 0}, 554, "Too many errors."},
    status_row{codes::bad_sequence, {5, 5, 1}, 503, "That command is out of order."},
    status_row{codes::unknown_verb, {5, 5, 1}, 500, "Unknown command."},
    status_row{codes::unknown_command, {5, 5, 1}, 500, "There is no such command."},
    status_row{codes::bad_tag, {5, 5, 1}, 503, "The tag is out of order."},
    status_row{codes::too_late, {5, 5, 1}, 503, "Too late for that."},
    status_row{codes::unexpected, {5, 5, 1}, 503, "Not expected."},
    status_row{codes::window_exceeded, {5, 5, 1}, 503, "More than the window allows."},
    status_row{codes::in_progress, {5, 5, 1}, 503, "That message is being transferred already."},
    status_row{codes::no_recipients, {5, 5, 1}, 554, "No valid recipients."},
    status_row{codes::not_announced, {5, 5, 1}, 503, "Not what the envelope announced."},
    status_row{codes::id_reused, {5, 5, 1}, 503, "The message id belongs to another message."},
    status_row{codes::malformed, {5, 5, 2}, 500, "Syntax error."},
    status_row{no_core, {5, 5, 3}, 550, "Too many recipients for one message."},
    status_row{codes::bad_parameter, {5, 5, 4}, 501, "A parameter is not acceptable."},
    status_row{codes::options_refused, {5, 5, 4}, 501, "The options are refused."},
    status_row{codes::option_unknown, {5, 5, 4}, 501, "Unknown option."},
    status_row{codes::option_not_offered, {5, 5, 4}, 501, "That option was not offered."},
    status_row{codes::option_value, {5, 5, 4}, 501, "The option's value is not acceptable."},
    status_row{codes::option_needs_another, {5, 5, 4}, 501, "That option needs another."},
    status_row{codes::bad_fragment, {5, 5, 4}, 501, "The fragment does not fit."},
    status_row{codes::version_refused, {5, 5, 5}, 554, "No common version of the protocol."},
    status_row{codes::too_many_octets, {5, 5, 6}, 500, "Too many octets."},
    status_row{codes::not_valid, {5, 6, 0}, 554, "The content is not acceptable."},
    status_row{codes::not_xml, {5, 6, 0}, 554, "The object is not well-formed."},
    status_row{codes::forbidden_xml, {5, 6, 0}, 554, "The object holds what objects may not."},
    status_row{no_core, {5, 6, 1}, 554, "The type of the content is not supported."},
    status_row{no_core, {5, 6, 3}, 554, "A conversion is required and not supported."},
    status_row{no_core, {5, 6, 7}, 553, "An address beyond ASCII is not permitted."},
    status_row{no_core, {5, 7, 0}, 550, "Refused for security reasons."},
    status_row{codes::policy, {5, 7, 1}, 550, "Refused by policy."},
    status_row{codes::relaying_denied, {5, 7, 1}, 550, "Relaying is not permitted."},
    status_row{codes::listed, {5, 7, 1}, 550, "Listed by a block list."},
    status_row{codes::probe_refused, {5, 7, 1}, 550, "Probes are not for you."},
    status_row{codes::too_many_probes, {5, 7, 1}, 550, "Too many probes."},
    status_row{codes::invalid_certificate, {5, 7, 5}, 554, "A certificate is not valid."},
    status_row{codes::invalid_sender, {5, 7, 5}, 554, "The sender's certificate or signature does not hold."},
    status_row{codes::digest_mismatch, {5, 7, 7}, 554, "The message was changed on its way."},
    status_row{codes::invalid_trace, {5, 7, 7}, 554, "The signatures of the trace do not hold."},
    status_row{codes::identity_refused, {5, 7, 8}, 554, "The host's identity is not accepted."},
    status_row{codes::invalid_proof, {5, 7, 8}, 554, "The proof of identity does not hold."},
    status_row{codes::host_mismatch, {5, 7, 8}, 554, "The certificate names another host."},
    status_row{codes::tls_required, {5, 7, 10}, 523, "Encryption is required."},
    status_row{codes::no_secure_path, {5, 7, 30}, 550, "A secure path is required and there is none."},
};

// What a reply without an enhanced code most likely means (RFC 5321 4.2.3, RFC 5248). Those that may mean several
// things are not here.
struct bare_reply {
    int smtp_code;
    enhanced_code enhanced;
};
constexpr std::array bare_replies{
    bare_reply{421, {4, 3, 2}}, bare_reply{450, {4, 2, 0}},  bare_reply{451, {4, 3, 0}}, bare_reply{452, {4, 3, 1}},
    bare_reply{454, {4, 7, 0}}, bare_reply{455, {4, 5, 4}},  bare_reply{500, {5, 5, 2}}, bare_reply{501, {5, 5, 4}},
    bare_reply{502, {5, 5, 1}}, bare_reply{503, {5, 5, 1}},  bare_reply{504, {5, 5, 4}}, bare_reply{521, {5, 3, 2}},
    bare_reply{530, {5, 7, 0}}, bare_reply{535, {5, 7, 8}},  bare_reply{551, {5, 1, 6}}, bare_reply{553, {5, 1, 3}},
    bare_reply{555, {5, 5, 4}}, bare_reply{556, {5, 1, 10}},
};

int class_of(verdict::kind outcome)
{
    switch (outcome) {
    case verdict::kind::delivered: return 2;
    case verdict::kind::deferred: return 4;
    case verdict::kind::rejected: break;
    }
    return 5;
}

verdict::kind outcome_of(int status_class, verdict::kind otherwise)
{
    if (status_class == 2) return verdict::kind::delivered;
    if (status_class == 4) return verdict::kind::deferred;
    if (status_class == 5) return verdict::kind::rejected;
    return otherwise;
}

constexpr int largest_part = 999; // RFC 3463 section 2: one to three digits

bool is_part(int number)
{
    return number >= 0 && number <= largest_part;
}

// The code of a verdict, put into the class of its outcome.
enhanced_code settled(const verdict& v)
{
    const auto fits = is_part(v.code.subject) && is_part(v.code.detail) && v.code.status_class == class_of(v.outcome);
    return fits ? v.code : enhanced_code{class_of(v.outcome), 0, 0};
}

// The row for exactly this code, or else for its class.
const status_row& row_for(enhanced_code code)
{
    const auto by_code = [](enhanced_code c) {
        return std::find_if(table.begin(), table.end(), [&](const status_row& row) { return row.enhanced == c; });
    };
    const auto exact = by_code(code);
    return exact != table.end() ? *exact : *by_code({code.status_class, 0, 0});
}

bool is_of_class(int smtp_code, int status_class)
{
    return smtp_code / 100 == status_class;
}

enhanced_code suggested_by(int smtp_code, int status_class)
{
    for (const auto& bare : bare_replies)
        if (bare.smtp_code == smtp_code) return bare.enhanced;
    return {status_class, 0, 0};
}

// The enhanced code that a result code carries or stands for; class 0 when there is none.
enhanced_code read_code(const xproto::result_code& code)
{
    constexpr std::size_t with_detail = 5; // 99.821.CLASS.SUBJECT.DETAIL
    const auto known = std::find_if(table.begin(), table.end(),
                                    [&](const status_row& row) { return row.core.size() != 0 && row.core == code; });
    if (known != table.end()) return known->enhanced;
    const auto status_class = static_cast<int>(code.status_class());
    if (code.size() == with_detail && code[1] == 821 && code[3] <= largest_part && code[4] <= largest_part)
        return {status_class, static_cast<int>(code[3]), static_cast<int>(code[4])};
    return {status_class, 0, 0};
}

} // namespace

std::span<const status_row> status_table()
{
    return table;
}

xproto_result to_result(const verdict& outcome)
{
    const auto code = settled(outcome);
    const auto& row = row_for(code);
    xproto_result out;
    out.text = outcome.text.empty() ? std::string(row.text) : outcome.text;
    if (is_of_class(outcome.smtp_code, code.status_class)) out.smtp_code = outcome.smtp_code;
    if (out.smtp_code == 0 && row.enhanced == code && row.core.size() != 0) {
        out.code = row.core;
        return out;
    }
    const auto arc = [](int number) { return static_cast<std::uint32_t>(number); };
    out.code = {99, 821, arc(code.status_class), arc(code.subject), arc(code.detail)};
    return out;
}

verdict to_verdict(const xproto_result& result, verdict::kind otherwise)
{
    verdict out;
    out.code = read_code(result.code);
    out.outcome = outcome_of(out.code.status_class, otherwise);
    if (out.code.status_class != class_of(out.outcome)) out.code = {class_of(out.outcome), 0, 0};
    if (is_of_class(result.smtp_code, out.code.status_class)) out.smtp_code = result.smtp_code;
    out.text = result.text;
    return out;
}

smtp::reply to_reply(const verdict& outcome)
{
    const auto code = settled(outcome);
    const auto& row = row_for(code);
    const auto smtp_code = is_of_class(outcome.smtp_code, code.status_class) ? outcome.smtp_code : row.smtp_code;
    return {smtp_code,
            {code.status_class, code.subject, code.detail},
            outcome.text.empty() ? std::string(row.text) : outcome.text};
}

verdict to_verdict(const smtp::reply& reply)
{
    verdict out;
    out.outcome = outcome_of(reply.code / 100, verdict::kind::deferred);
    const auto status_class = class_of(out.outcome);
    out.code = {reply.enhanced.status_class, reply.enhanced.subject, reply.enhanced.detail};
    if (settled(out) != out.code || !reply.enhanced.present()) out.code = suggested_by(reply.code, status_class);
    if (is_of_class(reply.code, status_class)) out.smtp_code = reply.code;
    out.text = reply.text();
    return out;
}

std::string to_text(enhanced_code code)
{
    return std::to_string(code.status_class) + '.' + std::to_string(code.subject) + '.' + std::to_string(code.detail);
}

std::string status_page()
{
    std::string out =
        "# Status codes\n\n"
        "How outcomes are said in both protocols. This page is printed from `mapping/status_table.cpp`, and a "
        "test\ncompares the two.\n\n"
        "A result that came from SMTP keeps its codes: `550 5.1.1` is `99.821.5.1.1` with the group "
        "`(SMTP 550)`.\nThe gateway's own outcomes use the core code, where there is one. Where several core "
        "codes share an\nenhanced code, the first is the one that is said, and the others are understood. A "
        "code that is not here\nkeeps its class: 2 is 250, 4 is 451, 5 is 554.\n\n"
        "| xproto | RFC 3463 | SMTP | text |\n|---|---|---|---|\n";
    for (const auto& row : table) {
        out += "| " + (row.core.size() == 0 ? std::string() : row.core.text() + ' ') + "| " + to_text(row.enhanced) +
               " | " + std::to_string(row.smtp_code) + " | " + std::string(row.text) + " |\n";
    }
    out += "\nA reply without an enhanced code is taken to mean:\n\n| SMTP | RFC 3463 |\n|---|---|\n";
    for (const auto& bare : bare_replies)
        out += "| " + std::to_string(bare.smtp_code) + " | " + to_text(bare.enhanced) + " |\n";
    out += "\nAll other replies mean the class's own code: 2.0.0, 4.0.0, 5.0.0.\n";
    return out;
}

} // namespace mapping
