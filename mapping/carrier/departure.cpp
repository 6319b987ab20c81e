// Form, carrier and trace, put together.
#include "mapping/carrier/departure.hpp"

#include "mapping/carrier/fields.hpp"
#include "mapping/carrier/legacy_form.hpp"
#include "mapping/carrier/report_form.hpp"
#include "mapping/field.hpp"
#include "mapping/received.hpp"
#include "mapping/to_smtp.hpp"
#include "smtp/command.hpp"

namespace mapping::carrier {

namespace {

std::string octets_of(const std::vector<const xproto::field*>& fields)
{
    std::string out;
    for (const auto* field : fields) append_octets(out, *field);
    return out;
}

// What the message looks like to legacy software; puts everything but the header where it belongs.
legacy_form form_of(const native_objects& message, const departure_options& options, departure& out)
{
    const bool is_control = message.envelope.objects.empty();
    if (auto report = is_control ? to_report_form(message.envelope) : std::nullopt) {
        out.text = std::move(report->text);
        auto& parameters = out.transaction.parameters;
        for (auto& p : report->parameters)
            if (smtp::find_parameter(parameters, p.keyword) == nullptr) parameters.push_back(std::move(p));
        return {std::move(report->header), report->fields, smtp::find_parameter(parameters, "SMTPUTF8") != nullptr, {}};
    }
    if (is_control) out.text = control_text(message.envelope);
    return to_legacy_form(message.envelope, message.headers, options.eight_bit);
}

} // namespace

departure depart(const native_objects& message, const departure_options& options)
{
    departure out;
    content what;
    what.envelope = message.envelope_xml;
    what.headers = message.headers_xml;
    out.transaction = transaction_of(message.envelope);
    if (options.standard || message.envelope.objects.empty()) {
        auto form = form_of(message, options, out);
        out.utf8 = form.utf8;
        what.added = form.added;
        if (form.added != 0 || form.header != octets_of(fields_in_order(message.envelope, message.headers)))
            what.header = form.header;
        out.header = std::move(form.header) + "\r\n";
        out.refused_edits = std::move(form.refused_edits);
        if (out.utf8 && smtp::find_parameter(out.transaction.parameters, "SMTPUTF8") == nullptr)
            out.transaction.parameters.push_back({"SMTPUTF8", std::nullopt});
    } else {
        auto legacy = to_smtp(message.envelope, message.headers);
        out.header = std::move(legacy.header);
        out.refused_edits = std::move(legacy.refused_edits);
        out.utf8 = smtp::find_parameter(out.transaction.parameters, "SMTPUTF8") != nullptr;
    }
    out.trace = trace_header(message.envelope, out.utf8);
    if (options.carrier) out.carrier = write_fields(what, options.most).value_or(std::string());
    return out;
}

} // namespace mapping::carrier
