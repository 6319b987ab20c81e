// Our own facts as values.
#include "mapping/report/report.hpp"

#include "mapping/header_section.hpp"
#include "mapping/status_table.hpp"
#include "mapping/xtext.hpp"
#include "smtp/address.hpp"
#include "smtp/command.hpp"

#include <algorithm>

namespace mapping {

namespace {

// What the way back to the sender can carry, as far as the message's own way tells.
report_way way_of(const smtp::transaction& original)
{
    const auto* const body = find_value(original.parameters, "BODY");
    report_way way;
    way.utf8 = smtp::find_parameter(original.parameters, "SMTPUTF8") || !smtp::is_ascii(original.reverse_path);
    way.eight_bit = way.utf8 || (body && (same_name(*body, "8BITMIME") || same_name(*body, "BINARYMIME")));
    return way;
}

// RFC 3461 4.3: a report without a failure returns headers only.
bool wants_whole_message(const report_facts& facts)
{
    const auto* const ret = find_value(facts.original.parameters, "RET");
    return ret && same_name(*ret, "FULL") &&
           std::any_of(facts.recipients.begin(), facts.recipients.end(),
                       [](const reported_recipient& r) { return r.action == report_action::failed; });
}

// An address that needs it is of type utf-8 (RFC 6533 section 3).
typed_text typed_address(std::string type, std::string address)
{
    if (!smtp::is_ascii(address)) type = "utf-8";
    return {std::move(type), std::move(address)};
}

// What ORCPT says, decoded (RFC 3461 4.2, RFC 6533 section 3); nothing when it is malformed or absent.
typed_text original_recipient(const smtp::recipient& recipient)
{
    const auto* const value = find_value(recipient.parameters, "ORCPT");
    if (!value) return {};
    const auto semicolon = value->find(';');
    if (semicolon == std::string::npos || semicolon == 0) return {};
    auto type = value->substr(0, semicolon);
    const auto encoded = std::string_view(*value).substr(semicolon + 1);
    auto address = same_name(type, "utf-8") ? from_unitext(encoded) : from_xtext(encoded);
    if (!address || address->empty()) return {};
    return typed_address(std::move(type), *std::move(address));
}

typed_text host(const std::string& name)
{
    if (name.empty()) return {};
    return {"dns", name};
}

std::optional<xproto::unix_seconds> known(xproto::unix_seconds time)
{
    return time == 0 ? std::nullopt : std::optional(time);
}

recipient_report to_recipient_report(const reported_recipient& from)
{
    recipient_report made;
    made.original = original_recipient(from.recipient);
    made.final = typed_address("rfc822", from.recipient.address);
    made.action = from.action;
    made.status = from.status;
    made.remote = host(from.remote);
    if (!from.diagnostic_type.empty()) made.diagnostic = {from.diagnostic_type, from.diagnostic};
    made.last_attempt = known(from.last_attempt);
    if (from.action == report_action::delayed) made.retry_until = known(from.retry_until);
    return made;
}

} // namespace

reported_recipient reported_recipient::about(smtp::recipient recipient, report_action action, const verdict& outcome)
{
    reported_recipient r;
    r.recipient = std::move(recipient);
    r.action = action;
    r.remote = outcome.remote;
    const auto reply = to_reply(outcome);
    const auto enhanced = reply.enhanced;
    r.status = {enhanced.status_class, enhanced.subject, enhanced.detail};
    const auto said = to_text(r.status) + ' ' + reply.text();
    if (outcome.smtp_code != 0) {
        r.diagnostic_type = "smtp";
        r.diagnostic = std::to_string(reply.code) + ' ' + said;
    } else if (!outcome.remote.empty()) {
        r.diagnostic_type = "x-xproto";
        r.diagnostic = to_result(outcome).code.text() + ' ' + reply.text();
    } else {
        r.diagnostic_type = "x-isthmus";
        r.diagnostic = said;
    }
    return r;
}

error_report to_error_report(const report_facts& facts)
{
    error_report made;
    if (const auto* const id = find_value(facts.original.parameters, "ENVID")) {
        auto decoded = from_xtext(*id);
        made.envelope_id = decoded ? *std::move(decoded) : *id;
    }
    made.message = facts.message;
    made.original_message_id = clear_message_id(facts.header);
    made.reporter = host(facts.host);
    made.received_from = host(facts.received_from);
    made.arrival = known(facts.arrival);
    for (const auto& recipient : facts.recipients) made.recipients.push_back(to_recipient_report(recipient));
    return made;
}

std::optional<report> write_report(const report_facts& facts, const report_limits& limits)
{
    if (facts.original.reverse_path.empty() || facts.recipients.empty()) return {};
    report_mail how;
    how.host = facts.host;
    how.id = facts.id;
    how.time = facts.time;
    how.to = facts.original.reverse_path;
    how.way = way_of(facts.original);
    how.header = facts.header;
    if (wants_whole_message(facts)) how.body = facts.body;
    return write_report_message(to_error_report(facts), how, limits);
}

} // namespace mapping
