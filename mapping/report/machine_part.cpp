// Field by field, in the order of each RFC's grammar. Everything passes through report_line(), which lets nothing out
// that could break a line.
#include "mapping/report/machine_part.hpp"

#include "mapping/date.hpp"
#include "mapping/header_section.hpp"
#include "mapping/report/report_fields.hpp"
#include "mapping/status_table.hpp"
#include "mapping/xtext.hpp"
#include "smtp/address.hpp"

#include <array>

namespace mapping {

namespace {

struct kind_row {
    std::string_view report_type;
    std::string_view type;
    std::string_view global_type;
};
// In the order of the enumeration. Abuse reports have no global form: theirs is the same with UTF-8 in it (RFC 6532).
constexpr std::array kinds{
    kind_row{"delivery-status", "message/delivery-status", "message/global-delivery-status"},
    kind_row{"disposition-notification", "message/disposition-notification", "message/global-disposition-notification"},
    kind_row{"feedback-report", "message/feedback-report", "message/feedback-report"},
};

// UTF-8 as an address of type utf-8 (RFC 6533 section 3) has it where UTF-8 may stand: only what would be taken for an
// escape is escaped.
std::string with_backslashes_escaped(std::string_view address)
{
    std::string out;
    for (const auto c : address) {
        if (c == '\\')
            out += "\\x{5C}";
        else
            out += c;
    }
    return out;
}

class writer {
  public:
    writer(bool utf8, std::size_t most) : utf8_(utf8), most_(most) {}

    void text(std::string_view name, std::string_view value)
    {
        if (!value.empty()) out_ += report_line(name, value, utf8_, most_);
    }
    void typed(std::string_view name, const typed_text& value)
    {
        if (!value.empty()) text(name, to_text(value));
    }
    void date(std::string_view name, const std::optional<xproto::unix_seconds>& value)
    {
        if (value) text(name, rfc5322_date(*value));
    }
    // `Name: type;address`.
    void address(std::string_view name, const typed_text& value)
    {
        if (value.empty()) return;
        const auto global = same_name(value.type, "utf-8") || !smtp::is_ascii(value.text);
        if (!global) return text(name, value.type.empty() ? to_text(value) : value.type + ";" + value.text);
        const auto escaped = utf8_ ? with_backslashes_escaped(value.text) : to_unitext(value.text);
        text(name, escaped ? "utf-8;" + *escaped : value.type + ";" + value.text);
    }
    void action(const recipient_report& about)
    {
        if (about.action) text("Action", with_comment(std::string(to_text(*about.action)), about.action_comment));
    }
    void status(const recipient_report& about)
    {
        if (about.status) text("Status", with_comment(to_text(*about.status), about.status_comment));
    }
    void others(const std::vector<report_field>& fields)
    {
        for (const auto& f : fields) out_ += report_line(f.name, f.text, utf8_, most_);
    }
    void blank() { out_ += "\r\n"; }
    std::string take() { return std::move(out_); }

  private:
    static std::string with_comment(std::string word, const std::string& comment)
    {
        return comment.empty() ? word : word + ' ' + comment;
    }

    std::string out_;
    bool utf8_;
    std::size_t most_;
};

void put_delivery(writer& out, const error_report& report)
{
    out.text("Original-Envelope-Id", report.envelope_id);
    out.typed("Reporting-MTA", report.reporter);
    out.typed("DSN-Gateway", report.gateway);
    out.typed("Received-From-MTA", report.received_from);
    out.date("Arrival-Date", report.arrival);
    out.text("X-Xproto-Message", report.message);
    out.others(report.others);
    for (const auto& about : report.recipients) {
        out.blank();
        out.address("Original-Recipient", about.original);
        out.address("Final-Recipient", about.final);
        out.action(about);
        out.status(about);
        out.typed("Remote-MTA", about.remote);
        out.typed("Diagnostic-Code", about.diagnostic);
        out.date("Last-Attempt-Date", about.last_attempt);
        out.text("Final-Log-ID", about.log_id);
        out.date("Will-Retry-Until", about.retry_until);
        out.others(about.others);
    }
}

void put_disposition(writer& out, const error_report& report)
{
    static const recipient_report nobody;
    const auto& about = report.recipients.empty() ? nobody : report.recipients.front();
    out.text("Reporting-UA", report.agent);
    out.typed("MDN-Gateway", report.gateway);
    out.address("Original-Recipient", about.original);
    out.address("Final-Recipient", about.final);
    out.text("Original-Message-ID", report.original_message_id);
    out.text("Disposition", about.disposition);
    out.text("X-Xproto-Message", report.message);
    out.others(report.others);
}

void put_abuse(writer& out, const error_report& report)
{
    out.text("Feedback-Type", report.feedback);
    out.text("User-Agent", report.agent);
    out.text("Original-Envelope-Id", report.envelope_id);
    if (report.mail_from) out.text("Original-Mail-From", "<" + *report.mail_from + ">");
    for (const auto& about : report.recipients) out.text("Original-Rcpt-To", "<" + about.final.text + ">");
    out.date("Arrival-Date", report.arrival);
    out.typed("Reporting-MTA", report.reporter);
    out.text("X-Xproto-Message", report.message);
    out.others(report.others);
}

std::string write_fields(const error_report& report, bool utf8, std::size_t most)
{
    writer out(utf8, most);
    switch (report.kind) {
    case report_kind::delivery: put_delivery(out, report); break;
    case report_kind::disposition: put_disposition(out, report); break;
    case report_kind::abuse: put_abuse(out, report); break;
    }
    return out.take();
}

} // namespace

machine_part write_machine_part(const error_report& report, bool utf8, std::size_t most)
{
    const auto& kind = kinds[static_cast<std::size_t>(report.kind)];
    if (utf8) {
        auto octets = write_fields(report, true, most);
        if (!smtp::is_ascii(octets)) return {std::string(kind.global_type), std::move(octets)};
    }
    return {std::string(kind.type), write_fields(report, false, most)};
}

std::string_view report_type(report_kind kind)
{
    return kinds[static_cast<std::size_t>(kind)].report_type;
}

} // namespace mapping
