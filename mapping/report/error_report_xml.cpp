// Values to XML and back. One table of elements would hide that each is read into a place of its own: so the writer and
// the reader are two straight lines in the same order.
#include "mapping/report/error_report_xml.hpp"

#include "mapping/status_table.hpp"
#include "xproto/base64.hpp"
#include "xproto/codes.hpp"
#include "xproto/xml_reading.hpp"
#include "xproto/xml_text.hpp"

#include <algorithm>
#include <array>

namespace mapping {

namespace {

namespace xml = xproto::xml;
using xproto::children;
using xproto::element;

constexpr xproto::document::kind kind{"report", "urn:xproto:report:1"};
constexpr std::size_t longest_type = 64;
// In the order of the enumeration.
constexpr std::array<std::string_view, 3> kinds{"delivery", "disposition", "abuse"};

// Types and the names of fields: printable ASCII without what ends them in mail.
bool is_name(std::string_view text)
{
    return !text.empty() && text.size() <= longest_type &&
           std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < '\x7F' && c != ':' && c != ';'; });
}

// --- writing ---------------------------------------------------------------------------------------------------------

class writer {
  public:
    explicit writer(std::string& out) : out_(out) {}

    void always(std::string_view name, std::string_view text, std::string_view attribute = {},
                std::string_view value = {})
    {
        out_ += '<';
        out_ += name;
        if (!attribute.empty()) xml::append_attribute(out_, attribute, value);
        if (xproto::is_plain_text(text)) {
            out_ += '>';
            xml::append_text(out_, text);
        } else {
            out_ += " enc=\"base64\">";
            xproto::append_base64(out_, text);
        }
        close(name);
    }
    void text(std::string_view name, std::string_view text)
    {
        if (!text.empty()) always(name, text);
    }
    void typed(std::string_view name, const typed_text& value)
    {
        if (value.empty()) return;
        if (value.type.empty()) return always(name, value.text);
        always(name, value.text, "type", value.type);
    }
    void time(std::string_view name, const std::optional<xproto::unix_seconds>& value)
    {
        if (value) always(name, xml::timestamp(*value));
    }
    void fields(const std::vector<report_field>& list)
    {
        for (const auto& f : list) always("field", f.text, "name", f.name);
    }
    void close(std::string_view name)
    {
        out_ += "</";
        out_ += name;
        out_ += ">\n";
    }

  private:
    std::string& out_;
};

void append_recipient(std::string& out, const recipient_report& r)
{
    out += "<recipient>\n";
    writer w(out);
    w.typed("original", r.original);
    w.typed("final", r.final);
    if (r.action) w.always("action", to_text(*r.action));
    w.text("action-comment", r.action_comment);
    if (r.status) w.always("status", to_text(*r.status));
    w.text("status-comment", r.status_comment);
    w.typed("remote", r.remote);
    w.typed("diagnostic", r.diagnostic);
    w.time("last-attempt", r.last_attempt);
    w.time("retry-until", r.retry_until);
    w.text("log-id", r.log_id);
    w.text("disposition", r.disposition);
    w.fields(r.others);
    w.close("recipient");
}

// --- reading ---------------------------------------------------------------------------------------------------------

class reader {
  public:
    explicit reader(const error_report_limits& limits) : limits_(limits) {}

    xproto::parsed<error_report> run(const element& root)
    {
        error_report made;
        read(root, made);
        if (r_.failed()) return r_.take_error();
        return made;
    }

  private:
    void read(const element& root, error_report& to);
    recipient_report read_recipient(const element& e);

    // The text of the element that comes next, when it has this name.
    std::optional<std::string> text(children& inside, std::string_view name)
    {
        const auto e = r_.failed() ? element() : inside.take_if(name);
        if (!e) return {};
        r_.only(e, {"enc"});
        return bounded(e, r_.text(e));
    }
    std::string text_or_nothing(children& inside, std::string_view name)
    {
        return text(inside, name).value_or(std::string());
    }
    typed_text typed(children& inside, std::string_view name)
    {
        typed_text found;
        const auto e = r_.failed() ? element() : inside.take_if(name);
        if (!e) return found;
        r_.only(e, {"type", "enc"});
        if (e.attribute("type")) found.type = named(e, "type");
        found.text = bounded(e, r_.text(e));
        return found;
    }
    std::optional<xproto::unix_seconds> time(children& inside, std::string_view name)
    {
        const auto e = r_.failed() ? element() : inside.take_if(name);
        if (!e) return {};
        r_.only(e, {});
        const auto value = r_.time(e, r_.text(e));
        if (value < 0) r_.fail(e, "a time before 1970");
        return value;
    }
    std::vector<report_field> fields(children& inside)
    {
        std::vector<report_field> list;
        for (auto e = inside.take_if("field"); e && !r_.failed(); e = inside.take_if("field")) {
            if (list.size() == limits_.fields) r_.over(e, "fields", "report.fields", limits_.fields);
            r_.only(e, {"name", "enc"});
            report_field one;
            one.name = named(e, "name");
            one.text = bounded(e, r_.text(e));
            list.push_back(std::move(one));
        }
        return list;
    }
    std::optional<report_action> action(children& inside)
    {
        const auto e = r_.failed() ? element() : inside.take_if("action");
        if (!e) return {};
        r_.only(e, {});
        const auto text = r_.text(e);
        const auto found = action_from_text(text);
        if (!found || to_text(*found) != text) r_.fail(e, "an action that is not known");
        return found;
    }
    std::optional<enhanced_code> status(children& inside)
    {
        const auto e = r_.failed() ? element() : inside.take_if("status");
        if (!e) return {};
        r_.only(e, {});
        const auto found = status_from_text(r_.text(e));
        if (!found) r_.fail(e, "a status that is not of the form 5.1.1");
        return found;
    }
    std::string named(const element& e, std::string_view attribute)
    {
        const auto value = r_.required(e, attribute);
        if (!is_name(value)) r_.fail(e, '"' + std::string(attribute) + "\" is no name of at most 64 characters");
        return std::string(value);
    }
    std::string bounded(const element& e, std::string value)
    {
        if (value.size() > limits_.text)
            r_.fail(e, "a text longer than report.text (" + std::to_string(limits_.text) + ")",
                    xproto::codes::object_limit);
        return value;
    }

    const error_report_limits& limits_;
    xproto::reading r_;
};

recipient_report reader::read_recipient(const element& e)
{
    r_.only(e, {});
    r_.no_text(e);
    children inside(r_, e);
    recipient_report made;
    made.original = typed(inside, "original");
    made.final = typed(inside, "final");
    made.action = action(inside);
    made.action_comment = text_or_nothing(inside, "action-comment");
    made.status = status(inside);
    made.status_comment = text_or_nothing(inside, "status-comment");
    made.remote = typed(inside, "remote");
    made.diagnostic = typed(inside, "diagnostic");
    made.last_attempt = time(inside, "last-attempt");
    made.retry_until = time(inside, "retry-until");
    made.log_id = text_or_nothing(inside, "log-id");
    made.disposition = text_or_nothing(inside, "disposition");
    made.others = fields(inside);
    inside.finish();
    return made;
}

void reader::read(const element& root, error_report& to)
{
    r_.only(root, {"kind"});
    r_.no_text(root);
    const auto* const which = std::find(kinds.begin(), kinds.end(), r_.required(root, "kind"));
    if (which == kinds.end()) return void(r_.fail(root, "\"kind\" is neither delivery, disposition nor abuse"));
    to.kind = static_cast<report_kind>(which - kinds.begin());
    children inside(r_, root);
    to.message = text_or_nothing(inside, "message");
    to.original_message_id = text_or_nothing(inside, "original-message-id");
    to.envelope_id = text_or_nothing(inside, "envelope-id");
    to.reporter = typed(inside, "reporter");
    to.gateway = typed(inside, "gateway");
    to.received_from = typed(inside, "received-from");
    to.arrival = time(inside, "arrival");
    to.agent = text_or_nothing(inside, "agent");
    to.feedback = text_or_nothing(inside, "feedback");
    to.mail_from = text(inside, "mail-from");
    to.others = fields(inside);
    for (auto e = inside.take_if("recipient"); e && !r_.failed(); e = inside.take_if("recipient")) {
        if (to.recipients.size() == limits_.recipients)
            r_.over(e, "recipients", "report.recipients", limits_.recipients);
        to.recipients.push_back(read_recipient(e));
    }
    for (auto flaw = text(inside, "flaw"); flaw; flaw = text(inside, "flaw")) {
        if (to.flaws.size() == limits_.flaws) r_.over(root, "flaws", "report.flaws", limits_.flaws);
        to.flaws.push_back(std::move(*flaw));
    }
    inside.finish();
}

std::string_view without_white_space(std::string_view text)
{
    constexpr std::string_view blank = " \t\r\n";
    const auto begin = text.find_first_not_of(blank);
    if (begin == std::string_view::npos) return {};
    return text.substr(begin, text.find_last_not_of(blank) + 1 - begin);
}

} // namespace

std::string write_xml(const error_report& report)
{
    std::string out = "<report xmlns=\"urn:xproto:report:1\"";
    xml::append_attribute(out, "kind", kinds[static_cast<std::size_t>(report.kind)]);
    out += ">\n";
    writer w(out);
    w.text("message", report.message);
    w.text("original-message-id", report.original_message_id);
    w.text("envelope-id", report.envelope_id);
    w.typed("reporter", report.reporter);
    w.typed("gateway", report.gateway);
    w.typed("received-from", report.received_from);
    w.time("arrival", report.arrival);
    w.text("agent", report.agent);
    w.text("feedback", report.feedback);
    if (report.mail_from) w.always("mail-from", *report.mail_from);
    w.fields(report.others);
    for (const auto& r : report.recipients) append_recipient(out, r);
    for (const auto& flaw : report.flaws) w.always("flaw", flaw);
    out += "</report>";
    return out;
}

xproto::parsed<error_report> read_error_report(std::string_view octets, const error_report_limits& limits)
{
    xml::scan_limits bounds;
    bounds.octets = limits.octets;
    const auto source = xproto::document::read(without_white_space(octets), kind, bounds);
    if (!source) return source.error();
    return reader(limits).run(source->root());
}

xproto::delivery_extension report_extension()
{
    const auto refuse = [](const xproto::extension& found) -> std::optional<xproto::object_error> {
        auto report = read_error_report(found.content);
        return report ? std::nullopt : std::optional(std::move(report).error());
    };
    return {report_extension_oid, "error report", refuse};
}

const xproto::extension* find_report(const xproto::envelope& envelope)
{
    const auto found = std::find_if(envelope.extensions.begin(), envelope.extensions.end(),
                                    [](const xproto::extension& e) { return e.oid == report_extension_oid; });
    return found == envelope.extensions.end() ? nullptr : &*found;
}

xproto::envelope make_report_envelope(const error_report& report, std::string address, std::string id,
                                      xproto::unix_seconds created)
{
    xproto::envelope made;
    made.id = std::move(id);
    made.created = created;
    xproto::recipient to;
    to.number = 1;
    to.address = std::move(address);
    made.recipients.push_back(std::move(to));
    xproto::extension what;
    what.oid = report_extension_oid;
    what.critical = true;
    what.content = write_xml(report);
    made.extensions.push_back(std::move(what));
    return made;
}

bool add_report_view(xproto::envelope& envelope, const error_report& report, const error_report_limits& limits)
{
    xproto::extension view;
    view.oid = report_extension_oid;
    view.content = write_xml(report);
    if (view.content.size() > limits.octets) return false;
    envelope.extensions.push_back(std::move(view));
    return true;
}

} // namespace mapping
