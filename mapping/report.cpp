// Three parts: what people read, what machines read, and as much of the message as can be returned unharmed.
#include "mapping/report.hpp"

#include "mapping/date.hpp"
#include "mapping/delivery_status.hpp"
#include "mapping/folded_field.hpp"
#include "mapping/header_section.hpp"
#include "mapping/message_splitter.hpp"
#include "mapping/quoted_printable.hpp"
#include "mapping/status_table.hpp"
#include "mapping/text.hpp"
#include "smtp/address.hpp"

#include <algorithm>
#include <array>

namespace mapping {

namespace {

// What the way back to the sender can carry, as far as the message's own way tells.
struct way_back {
    bool utf8 = false;      // SMTPUTF8 (RFC 6531)
    bool eight_bit = false; // 8BITMIME (RFC 6152)
};

way_back way_of(const smtp::transaction& original)
{
    const auto* const body = find_value(original.parameters, "BODY");
    way_back way;
    way.utf8 = has_parameter(original.parameters, "SMTPUTF8") || !smtp::is_ascii(original.reverse_path);
    way.eight_bit = way.utf8 || (body && (same_name(*body, "8BITMIME") || same_name(*body, "BINARYMIME")));
    return way;
}

// One part of the multipart.
struct part {
    std::string type;
    std::string encoding;
    std::string octets; // complete lines
};

bool is_eight_bit(std::string_view octets)
{
    return !smtp::is_ascii(octets);
}

// Text for people: UTF-8 is hidden in quoted-printable, which every way back can carry.
part text_part(std::string text)
{
    if (!is_eight_bit(text)) return {"text/plain; charset=us-ascii", "7bit", std::move(text)};
    return {"text/plain; charset=utf-8", "quoted-printable", to_quoted_printable(text)};
}

// --- what people read ------------------------------------------------------------------------------------------------

struct wording {
    report_action action;
    std::string_view subject;
    std::string_view opening;
};
// The first that any recipient has gives the subject.
constexpr std::array wordings{
    wording{report_action::failed, "Undelivered mail",
            "Your message could not be delivered to these recipients. It will not be\r\ntried again."},
    wording{report_action::delayed, "Delayed mail: still being tried",
            "Your message could not be delivered to these recipients yet. It is still\r\n"
            "being tried; there is no need to send it again."},
    wording{report_action::relayed, "Relayed mail",
            "Your message was passed on for these recipients to a system that does not\r\nreport successful delivery."},
    wording{report_action::delivered, "Delivered mail", "Your message was delivered to these recipients."},
};

bool any_is(const report_facts& facts, report_action action)
{
    return std::any_of(facts.recipients.begin(), facts.recipients.end(),
                       [&](const reported_recipient& r) { return r.action == action; });
}

std::string_view subject_of(const report_facts& facts)
{
    for (const auto& w : wordings)
        if (any_is(facts, w.action)) return w.subject;
    return {};
}

// One paragraph, each line indented, broken at spaces before octet 78.
void append_indented(std::string& out, std::string_view text)
{
    constexpr std::size_t line = 78;
    constexpr std::string_view indent = "    ";
    std::size_t width = 0;
    while (!text.empty()) {
        const auto space = text.find(' ');
        const auto word = text.substr(0, space);
        if (width != 0 && width + 1 + word.size() > line) {
            out += "\r\n";
            width = 0;
        }
        const auto before = width == 0 ? indent : std::string_view(" ");
        out += before;
        out += word;
        width += before.size() + word.size();
        text.remove_prefix(space == std::string_view::npos ? text.size() : space + 1);
    }
    out += "\r\n";
}

void append_recipient(std::string& out, const reported_recipient& r, const report_limits& limits)
{
    out += "\r\n<" + printable(r.recipient.address, true, limits.text) + ">\r\n";
    if (!r.diagnostic_type.empty()) append_indented(out, printable(r.diagnostic, true, limits.text));
    if (!r.remote.empty()) append_indented(out, "(said by " + printable(r.remote, true, limits.text) + ")");
    if (r.action == report_action::delayed && r.retry_until != 0)
        append_indented(out, "(being tried until " + rfc5322_date(r.retry_until) + ")");
}

std::string human_text(const report_facts& facts, const report_limits& limits)
{
    auto out = "This is the mail gateway at " + printable(facts.host, true, limits.text) + ".\r\n";
    for (const auto& w : wordings) {
        if (!any_is(facts, w.action)) continue;
        out += "\r\n";
        out += w.opening;
        out += "\r\n";
        for (const auto& r : facts.recipients)
            if (r.action == w.action) append_recipient(out, r, limits);
    }
    return out;
}

// --- what is returned ------------------------------------------------------------------------------------------------

// Lines that end in CRLF and have at most 998 octets, with no NUL (RFC 2045 2.7, 2.8)?
bool is_line_structured(std::string_view octets)
{
    constexpr std::size_t longest = 998;
    if (octets.find('\0') != std::string_view::npos) return false;
    while (!octets.empty()) {
        const auto end = octets.find_first_of("\r\n");
        if (end == std::string_view::npos || end > longest || octets.substr(end, 2) != "\r\n") return false;
        octets.remove_prefix(end + 2);
    }
    return true;
}

std::optional<part> whole_message(const report_facts& facts, way_back way, const report_limits& limits)
{
    const auto* const ret = find_value(facts.original.parameters, "RET");
    // RFC 3461 4.3: a report without a failure returns headers only.
    if (!facts.body || !ret || !same_name(*ret, "FULL") || !any_is(facts, report_action::failed)) return {};
    if (facts.header.size() > limits.returned || facts.body->size() > limits.returned - facts.header.size()) return {};
    auto octets = std::string(facts.header) + std::string(*facts.body);
    if (!octets.ends_with("\r\n")) octets += "\r\n";
    if (!is_line_structured(octets)) return {};
    // A header beyond ASCII is no message/rfc822 (RFC 6532 3.7).
    const auto global = is_eight_bit(facts.header);
    if (global && (!way.utf8 || !smtp::is_utf8(facts.header))) return {};
    const auto eight_bit = is_eight_bit(octets);
    if (eight_bit && !way.eight_bit) return {};
    return part{global ? "message/global" : "message/rfc822", eight_bit ? "8bit" : "7bit", std::move(octets)};
}

part header_only(const report_facts& facts, way_back way, const report_limits& limits)
{
    auto header = facts.header;
    if (header.size() > limits.returned) {
        header = header.substr(0, limits.returned);
        header = header.substr(0, header.rfind('\n') + 1);
    }
    auto octets = std::string(header);
    while (octets.ends_with("\r\n\r\n")) octets.resize(octets.size() - 2); // the separator
    if (octets == "\r\n") octets.clear();
    if (!octets.empty() && !octets.ends_with("\r\n")) octets += "\r\n";
    if (is_line_structured(octets)) {
        if (!is_eight_bit(octets)) return {"text/rfc822-headers", "7bit", std::move(octets)};
        if (way.utf8 && smtp::is_utf8(octets)) return {"message/global-headers", "8bit", std::move(octets)};
    }
    return {"text/rfc822-headers", "quoted-printable", to_quoted_printable(octets)}; // RFC 6522 section 4
}

// --- the whole -------------------------------------------------------------------------------------------------------

std::string safe_host(const std::string& host)
{
    return smtp::is_ascii(host) && smtp::is_domain_name(host) ? host : "localhost.invalid";
}

// The message's own Message-ID, for those who thread by References, if it is one without doubt.
std::string message_id(std::string_view header)
{
    constexpr std::size_t longest = 250;
    message_splitter splitter;
    splitter.push(header.substr(0, std::min(header.size(), message_splitter::limits{}.header_octets)));
    splitter.finish();
    if (splitter.header().count("Message-ID") != 1) return {};
    auto id = splitter.header().find("Message-ID").body;
    const auto begin = id.find_first_not_of(" \t\r\n");
    if (begin == std::string_view::npos) return {};
    id = id.substr(begin, id.find_last_not_of(" \t\r\n") + 1 - begin);
    const auto is_plain = [](char c) { return c > ' ' && c < '\x7F'; };
    const auto is_id = id.size() >= 5 && id.size() <= longest && id.front() == '<' && id.back() == '>' &&
                       std::all_of(id.begin(), id.end(), is_plain) &&
                       id.substr(1, id.size() - 2).find_first_of("<>(),;\\\"") == std::string_view::npos;
    return is_id ? std::string(id) : std::string();
}

// A boundary that stands in none of the parts.
std::string boundary_for(const std::string& id, const std::vector<part>& parts)
{
    constexpr std::size_t digits = 32;
    for (auto attempt = 0;; ++attempt) {
        const auto name = xproto::to_text(xproto::sha256(id + ' ' + std::to_string(attempt)));
        auto boundary = "=_" + name.substr(name.size() - digits);
        if (std::none_of(parts.begin(), parts.end(),
                         [&](const part& p) { return p.octets.find(boundary) != std::string::npos; }))
            return boundary;
    }
}

std::string header_of(const report_facts& facts, const std::string& boundary)
{
    constexpr std::size_t longest_id = 128;
    const auto host = safe_host(facts.host);
    const auto id = std::string("<") + atom(facts.id, longest_id) + "@" + host + ">";
    const auto sender = smtp::parse_mailbox(facts.original.reverse_path).has_value()
                            ? "<" + facts.original.reverse_path + ">"
                            : "undisclosed-recipients:;";
    std::string out;
    out += folded_field("From").words("Mail gateway <postmaster@" + host + ">").take();
    out += folded_field("To").word(sender).take();
    out += folded_field("Subject").words(subject_of(facts)).take();
    out += folded_field("Date").words(rfc5322_date(facts.time)).take();
    out += folded_field("Message-ID").word(id).take();
    if (const auto first = message_id(facts.header); !first.empty())
        out += folded_field("References").word(first).take();
    out += "Auto-Submitted: auto-replied\r\n" // RFC 3834 section 5
           "MIME-Version: 1.0\r\n"
           "Content-Type: multipart/report; report-type=delivery-status;\r\n\tboundary=\"" +
           boundary + "\"\r\n";
    return out;
}

} // namespace

std::string_view to_text(report_action action)
{
    switch (action) {
    case report_action::failed: return "failed";
    case report_action::delayed: return "delayed";
    case report_action::relayed: return "relayed";
    case report_action::delivered: break;
    }
    return "delivered";
}

bool report_due(const smtp::transaction& original, const smtp::recipient& recipient, report_action action)
{
    if (original.reverse_path.empty()) return false;
    auto failure = false, delay = false, success = false, never = false;
    if (const auto* const notify = find_value(recipient.parameters, "NOTIFY")) {
        auto rest = std::string_view(*notify);
        while (!rest.empty()) {
            const auto word = rest.substr(0, rest.find(','));
            never = never || same_name(word, "NEVER");
            failure = failure || same_name(word, "FAILURE");
            delay = delay || same_name(word, "DELAY");
            success = success || same_name(word, "SUCCESS");
            rest.remove_prefix(std::min(rest.size(), word.size() + 1));
        }
    }
    if (never) return false;
    if (!failure && !delay && !success) failure = delay = true;
    switch (action) {
    case report_action::failed: return failure;
    case report_action::delayed: return delay;
    case report_action::relayed:
    case report_action::delivered: break;
    }
    return success;
}

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

std::optional<report> write_report(const report_facts& facts, const report_limits& limits)
{
    if (facts.original.reverse_path.empty() || facts.recipients.empty()) return {};
    const auto way = way_of(facts.original);
    auto status = write_delivery_status(facts, way.utf8, limits);
    std::vector<part> parts;
    parts.push_back(text_part(human_text(facts, limits)));
    parts.push_back({status.utf8 ? "message/global-delivery-status" : "message/delivery-status",
                     is_eight_bit(status.octets) ? "8bit" : "7bit", std::move(status.octets)});
    auto whole = whole_message(facts, way, limits);
    parts.push_back(whole ? *std::move(whole) : header_only(facts, way, limits));

    report out;
    const auto boundary = boundary_for(facts.id, parts);
    out.message = header_of(facts, boundary);
    for (const auto& p : parts) {
        out.message += "\r\n--" + boundary + "\r\nContent-Type: " + p.type +
                       "\r\nContent-Transfer-Encoding: " + p.encoding + "\r\n\r\n" + p.octets;
    }
    out.message += "\r\n--" + boundary + "--\r\n";

    if (is_eight_bit(out.message)) out.transaction.parameters.push_back({"BODY", "8BITMIME"});
    if (is_eight_bit(facts.original.reverse_path)) out.transaction.parameters.push_back({"SMTPUTF8", {}});
    out.transaction.recipients.push_back({facts.original.reverse_path, {}});
    return out;
}

} // namespace mapping
