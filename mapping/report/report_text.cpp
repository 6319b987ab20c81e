// Plain words, recipient by recipient.
#include "mapping/report/report_text.hpp"

#include "mapping/date.hpp"
#include "mapping/text.hpp"

#include <algorithm>
#include <array>

namespace mapping {

namespace {

// A text without a space in it must fit into a line, which may have 998 octets.
constexpr std::size_t longest_word = 900;

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
    wording{report_action::expanded, "Delivered mail",
            "Your message was delivered to these recipients, and passed on from there to\r\nseveral others."},
    wording{report_action::delivered, "Delivered mail", "Your message was delivered to these recipients."},
};

bool any_is(const error_report& report, std::optional<report_action> action)
{
    return std::any_of(report.recipients.begin(), report.recipients.end(),
                       [&](const recipient_report& r) { return r.action == action; });
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

const std::string& address_of(const recipient_report& r)
{
    return r.final.text.empty() ? r.original.text : r.final.text;
}

void append_recipient(std::string& out, const recipient_report& r, std::size_t most)
{
    out += "\r\n<" + printable(address_of(r), true, most) + ">\r\n";
    if (!r.diagnostic.empty()) append_indented(out, printable(r.diagnostic.text, true, most));
    if (!r.remote.empty()) append_indented(out, "(said by " + printable(r.remote.text, true, most) + ")");
    if (r.action == report_action::delayed && r.retry_until)
        append_indented(out, "(being tried until " + rfc5322_date(*r.retry_until) + ")");
}

void append_recipients(std::string& out, const error_report& report, std::optional<report_action> action,
                       std::string_view opening, std::size_t most)
{
    if (!any_is(report, action)) return;
    out += "\r\n";
    out += opening;
    out += "\r\n";
    for (const auto& r : report.recipients)
        if (r.action == action) append_recipient(out, r, most);
}

void append_line(std::string& out, std::string_view before, std::string_view text, std::size_t most)
{
    if (!text.empty()) append_indented(out, std::string(before) + printable(text, true, most));
}

} // namespace

std::string_view report_subject(const error_report& report)
{
    if (report.kind == report_kind::disposition) return "What was done with your message";
    if (report.kind == report_kind::abuse) return "A complaint about a message";
    for (const auto& w : wordings)
        if (any_is(report, w.action)) return w.subject;
    return "Delivery report";
}

std::string report_text(const error_report& report, std::string_view host, std::size_t most)
{
    most = std::min(most, longest_word);
    auto out = "This is the mail gateway at " + printable(host, true, most) + ".\r\n";
    switch (report.kind) {
    case report_kind::delivery:
        for (const auto& w : wordings) append_recipients(out, report, w.action, w.opening, most);
        append_recipients(out, report, std::nullopt, "This was reported about these recipients.", most);
        break;
    case report_kind::disposition:
        out += "\r\nThe software of a recipient reports what was done with your message.\r\n\r\n";
        for (const auto& r : report.recipients) {
            append_line(out, "Recipient: ", address_of(r), most);
            append_line(out, "", r.disposition, most);
        }
        break;
    case report_kind::abuse:
        out += "\r\nSomebody complains about a message.\r\n\r\n";
        append_line(out, "Kind of complaint: ", report.feedback, most);
        if (report.mail_from) append_line(out, "Sender: ", *report.mail_from, most);
        for (const auto& r : report.recipients) append_line(out, "Recipient: ", address_of(r), most);
        break;
    }
    if (report.kind != report_kind::delivery) append_line(out, "Message: ", report.original_message_id, most);
    return out;
}

} // namespace mapping
