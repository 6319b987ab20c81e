// Three parts: what people read, what machines read, and as much of the message as can be returned unharmed.
#include "mapping/report/report_message.hpp"

#include "mapping/date.hpp"
#include "mapping/folded_field.hpp"
#include "mapping/header_section.hpp"
#include "mapping/message_splitter.hpp"
#include "mapping/quoted_printable.hpp"
#include "mapping/report/machine_part.hpp"
#include "mapping/report/report_fields.hpp"
#include "mapping/report/report_text.hpp"
#include "mapping/text.hpp"
#include "smtp/address.hpp"

#include <algorithm>
#include <vector>

namespace mapping {

namespace {

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

std::optional<part> whole_message(const report_mail& how, const report_limits& limits)
{
    if (!how.body) return {};
    if (how.header.size() > limits.returned || how.body->size() > limits.returned - how.header.size()) return {};
    auto octets = std::string(how.header) + std::string(*how.body);
    if (!octets.ends_with("\r\n")) octets += "\r\n";
    if (!is_line_structured(octets)) return {};
    // A header beyond ASCII is no message/rfc822 (RFC 6532 3.7).
    const auto global = is_eight_bit(how.header);
    if (global && (!how.way.utf8 || !smtp::is_utf8(how.header))) return {};
    const auto eight_bit = is_eight_bit(octets);
    if (eight_bit && !how.way.eight_bit) return {};
    return part{global ? "message/global" : "message/rfc822", eight_bit ? "8bit" : "7bit", std::move(octets)};
}

part header_only(std::string_view header, report_way way, const report_limits& limits)
{
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

// The header of a message of which only the Message-ID is known.
std::string stand_in_header(const error_report& report, const report_limits& limits)
{
    if (report.original_message_id.empty() || report.kind == report_kind::disposition) return {};
    return report_line("Message-ID", report.original_message_id, true, limits.text);
}

// --- the whole -------------------------------------------------------------------------------------------------------

std::string safe_host(const std::string& host)
{
    return smtp::is_ascii(host) && smtp::is_domain_name(host) ? host : "localhost.invalid";
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

std::string header_of(const error_report& report, const report_mail& how, std::string_view returned,
                      const std::string& boundary)
{
    constexpr std::size_t longest_id = 128;
    const auto host = safe_host(how.host);
    const auto id = std::string("<") + atom(how.id, longest_id) + "@" + host + ">";
    const auto sender = smtp::parse_mailbox(how.to).has_value() ? "<" + how.to + ">" : "undisclosed-recipients:;";
    std::string out;
    out += folded_field("From").words("Mail gateway <postmaster@" + host + ">").take();
    out += folded_field("To").word(sender).take();
    out += folded_field("Subject").words(report_subject(report)).take();
    out += folded_field("Date").words(rfc5322_date(how.time)).take();
    out += folded_field("Message-ID").word(id).take();
    if (const auto first = clear_message_id(returned); !first.empty())
        out += folded_field("References").word(first).take();
    out += "Auto-Submitted: auto-replied\r\n" // RFC 3834 section 5
           "MIME-Version: 1.0\r\n"
           "Content-Type: multipart/report; report-type=";
    out += report_type(report.kind);
    out += ";\r\n\tboundary=\"" + boundary + "\"\r\n";
    return out;
}

} // namespace

std::string clear_message_id(std::string_view header)
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

report write_report_message(const error_report& report, const report_mail& how, const report_limits& limits)
{
    const auto stand_in = how.header.empty() ? stand_in_header(report, limits) : std::string();
    const auto header = how.header.empty() ? std::string_view(stand_in) : how.header;
    auto machine = write_machine_part(report, how.way.utf8, limits.text);
    std::vector<part> parts;
    parts.push_back(text_part(report_text(report, how.host, limits.text)));
    parts.push_back(
        {std::move(machine.type), is_eight_bit(machine.octets) ? "8bit" : "7bit", std::move(machine.octets)});
    if (auto whole = whole_message(how, limits))
        parts.push_back(*std::move(whole));
    else if (!header.empty() || report.kind == report_kind::delivery)
        parts.push_back(header_only(header, how.way, limits));

    mapping::report out;
    const auto boundary = boundary_for(how.id, parts);
    out.message = header_of(report, how, header, boundary);
    for (const auto& p : parts) {
        out.message += "\r\n--" + boundary + "\r\nContent-Type: " + p.type +
                       "\r\nContent-Transfer-Encoding: " + p.encoding + "\r\n\r\n" + p.octets;
    }
    out.message += "\r\n--" + boundary + "--\r\n";

    if (is_eight_bit(out.message)) out.transaction.parameters.push_back({"BODY", "8BITMIME"});
    if (is_eight_bit(how.to)) out.transaction.parameters.push_back({"SMTPUTF8", {}});
    out.transaction.recipients.push_back({how.to, {}});
    return out;
}

} // namespace mapping
