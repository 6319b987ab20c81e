// The report as mapping/report writes it, cut into header and text.
#include "mapping/carrier/report_form.hpp"

#include "mapping/message_splitter.hpp"
#include "mapping/report/error_report_xml.hpp"
#include "mapping/report/report_message.hpp"
#include "smtp/address.hpp"

#include <string_view>

namespace mapping::carrier {

namespace {

// Who writes the mail: the host that hands the report to SMTP, which has signed the last hop.
std::string writer_of(const xproto::envelope& envelope)
{
    if (!envelope.trace.empty()) return envelope.trace.back().host;
    return envelope.id.substr(envelope.id.rfind('@') + 1);
}

} // namespace

std::optional<report_form> to_report_form(const xproto::envelope& envelope)
{
    const auto* const extension = find_report(envelope);
    if (extension == nullptr || envelope.recipients.empty()) return std::nullopt;
    auto report = read_error_report(extension->content);
    if (!report) return std::nullopt;
    report_mail how;
    how.host = writer_of(envelope);
    if (report->gateway.empty()) report->gateway = {"dns", how.host};
    how.id = envelope.id.substr(0, envelope.id.find('@'));
    how.time = envelope.created;
    how.to = envelope.recipients.front().address;
    how.way.utf8 = how.way.eight_bit = !smtp::is_ascii(how.to);
    report_limits limits;
    limits.text = error_report_limits{}.text;
    auto mail = write_report_message(*report, how, limits);

    message_splitter splitter;
    const auto first = splitter.push(mail.message);
    const auto rest = splitter.finish();
    report_form made;
    made.header = splitter.header().octets();
    made.header.resize(made.header.size() - std::string_view("\r\n").size()); // the empty line
    made.fields = splitter.header().size();
    made.text.append(first.held).append(first.fresh).append(rest.held);
    made.parameters = std::move(mail.transaction.parameters);
    return made;
}

} // namespace mapping::carrier
