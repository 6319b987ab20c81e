// What has become of a message, as values: the report that hosts send one another over xproto (docs/xproto.md, "Error
// reports"), and what the reports of SMTP say: delivery status (RFC 3464, RFC 6533), disposition (RFC 8098), abuse
// feedback (RFC 5965). How it is XML is error_report_xml.hpp, how it is mail is report_message.hpp and
// report_reader.hpp.
#pragma once

#include "mapping/verdict.hpp"
#include "xproto/envelope.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mapping {

enum class report_kind {
    delivery,    // a host tells what became of a message
    disposition, // a recipient's software tells what was done with it
    abuse,       // a recipient complains about it
};

// What has become of a recipient (RFC 3464 2.3.3).
enum class report_action {
    failed,    // will not be tried again
    delayed,   // not delivered yet, still being tried
    relayed,   // passed on to where no success is reported
    delivered, // in the recipient's mailbox, or its domain's responsibility
    expanded,  // delivered, and passed on to several others
};

// "failed", "delayed", "relayed", "delivered", "expanded".
std::string_view to_text(report_action action);
std::optional<report_action> action_from_text(std::string_view text); // in any case

// A status code (RFC 3463) of class 2, 4 or 5, without leading zeros and with nothing after it.
std::optional<enhanced_code> status_from_text(std::string_view text);

// A text and what kind of text it is: "rfc822" and an address, "dns" and a host, "smtp" and a reply. A type is an atom,
// or empty when it was not told. Addresses beyond ASCII have the type "utf-8" (RFC 6533 section 3), decoded.
struct typed_text {
    std::string type;
    std::string text;

    bool empty() const { return type.empty() && text.empty(); }
    bool operator==(const typed_text&) const = default;
};

// A field of a report in mail for which there is no better place: extensions, repetitions, what cannot be understood.
struct report_field {
    std::string name;
    std::string text; // unfolded

    bool operator==(const report_field&) const = default;
};

// What is said about one recipient. Whatever is empty or absent was not told.
struct recipient_report {
    typed_text original; // as the sender wrote it
    typed_text final;    // as it was when this became of it
    std::optional<report_action> action;
    std::string action_comment; // what follows the action: "(mailbox full)"
    std::optional<enhanced_code> status;
    std::string status_comment;
    typed_text remote; // the host that said so
    typed_text diagnostic;
    std::optional<xproto::unix_seconds> last_attempt;
    std::optional<xproto::unix_seconds> retry_until;
    std::string log_id;      // the last host's own name for the transaction
    std::string disposition; // "manual-action/MDN-sent-manually; displayed"
    std::vector<report_field> others;

    bool operator==(const recipient_report&) const = default;
};

struct error_report {
    report_kind kind = report_kind::delivery;
    std::string message;             // the xproto id of the message it is about
    std::string original_message_id; // its Message-ID, "<...>"
    std::string envelope_id;         // its ENVID (RFC 3461 4.4), decoded
    typed_text reporter;             // the host that reports
    typed_text gateway;              // the host that made mail of a report that was none, or the other way round
    typed_text received_from;        // the host that the message came from
    std::optional<xproto::unix_seconds> arrival;
    std::string agent;                    // the software that reports a disposition, or abuse
    std::string feedback;                 // of abuse: "abuse", "fraud", "virus"...
    std::optional<std::string> mail_from; // of abuse: the reverse-path; empty: the null sender
    std::vector<report_field> others;
    std::vector<recipient_report> recipients;
    // What was wrong with the report in mail that this was read from, in words. Not part of what mail can say.
    std::vector<std::string> flaws;

    bool operator==(const error_report&) const = default;
};

// How much of a report is read, from mail or XML.
struct error_report_limits {
    std::size_t recipients = 1000;
    std::size_t fields = 256;        // the ones without a better place: of the report, and of each recipient
    std::size_t flaws = 16;          // that are told
    std::size_t text = 4096;         // octets of any one text
    std::size_t octets = 256 * 1024; // of the report as XML; of the message that it is read from
};

} // namespace mapping
