// Envelopes as XML: one pass, appended to a string. Any octets may stand in a string: what XML cannot hold is written
// as base64.
#include "xproto/base64.hpp"
#include "xproto/envelope_xml.hpp"
#include "xproto/field_names.hpp"
#include "xproto/xml_text.hpp"

#include <algorithm>
#include <cassert>
#include <initializer_list>

namespace xproto {

namespace {

constexpr std::string_view base64_mark = " enc=\"base64\"";

[[maybe_unused]] bool writable(unix_seconds t) // for the assertions
{
    return t >= xml::first_timestamp && t <= xml::last_timestamp;
}

// The rest of a start tag, the text and the end tag.
void finish_text(std::string& out, std::string_view name, std::string_view text)
{
    if (is_plain_text(text)) {
        out += '>';
        xml::append_text(out, text);
    } else {
        out += base64_mark;
        out += '>';
        append_base64(out, text);
    }
    out += "</";
    out += name;
    out += '>';
}

void append_element(std::string& out, std::string_view name, std::string_view text)
{
    out += '<';
    out += name;
    finish_text(out, name, text);
}

struct named_string {
    std::string_view name;
    std::string_view value;
};

// Attributes of any octets: as they are when all can be, else all as base64.
void append_strings(std::string& out, std::initializer_list<named_string> strings)
{
    const bool plain =
        std::all_of(strings.begin(), strings.end(), [](const auto& s) { return is_plain_text(s.value); });
    if (!plain) out += base64_mark;
    for (const auto& s : strings) xml::append_attribute(out, s.name, plain ? s.value : to_base64(s.value));
}

void append_digest(std::string& out, std::string_view name, const digest& value)
{
    xml::append_attribute(out, name, to_text(value));
}

void append_parameters(std::string& out, const std::vector<parameter>& list)
{
    for (const auto& p : list) {
        out += "<parameter";
        if (p.value)
            append_strings(out, {{"name", p.name}, {"value", *p.value}});
        else
            append_strings(out, {{"name", p.name}});
        out += "/>";
    }
}

void append_signature(std::string& out, const signature& s)
{
    out += "<signature";
    xml::append_attribute(out, "algorithm", s.algorithm);
    if (!s.path.empty() || s.leaf != 0) xml::append_attribute(out, "leaf", s.leaf);
    if (!s.path.empty()) {
        out += " path=\"";
        for (const auto& step : s.path) {
            out += to_text(step);
            out += ' ';
        }
        out.back() = '"';
    }
    out += '>';
    append_base64(out, s.value);
    out += "</signature>";
}

void append_originator(std::string& out, const originator& from)
{
    out += "<originator";
    if (from.certificate) append_digest(out, "certificate", *from.certificate);
    out += '>';
    append_element(out, "address", from.address);
    append_parameters(out, from.parameters);
    if (from.sign) append_signature(out, *from.sign);
    out += "</originator>\n";
}

void append_reception(std::string& out, const reception& said)
{
    using namespace envelope_xml;
    out.append("<").append(reception_kind.root);
    xml::append_attribute(out, "xmlns", reception_kind.uri);
    xml::append_attribute(out, "by", said.by);
    xml::append_attribute(out, "standing", said.standing);
    append_digest(out, "certificate", said.certificate);
    append_strings(out, {{"authority", said.authority}});
    out += "/>";
}

void append_legacy(std::string& out, const legacy_field& legacy)
{
    using namespace envelope_xml;
    const auto as = same_field_name(legacy.octets.name, received.name)      ? received
                    : same_field_name(legacy.octets.name, return_path.name) ? return_path
                                                                            : other_field;
    out += '<';
    out += as.element;
    xml::append_attribute(out, "place", legacy.place);
    out += '>';
    append_field(out, legacy.octets, {"field", as.name});
    for (const auto& [name, value] : legacy.view) {
        if (std::find(views.begin(), views.end(), name) != views.end()) {
            append_element(out, name, value);
            continue;
        }
        out += "<view";
        if (is_plain_text(name) && is_plain_text(value)) {
            xml::append_attribute(out, "name", name);
            out += '>';
            xml::append_text(out, value);
        } else {
            out += base64_mark;
            xml::append_attribute(out, "name", to_base64(name));
            out += '>';
            append_base64(out, value);
        }
        out += "</view>";
    }
    out += "</";
    out += as.element;
    out += ">\n";
}

void append_extension(std::string& out, const extension& e)
{
    out += "<extension";
    xml::append_attribute(out, "oid", e.oid);
    if (e.critical) out += " critical=\"true\"";
    out += '>';
    out += e.content;
    out += "</extension>\n";
}

void append_legacy(std::string& out, const std::vector<legacy_field>& list)
{
    if (list.empty()) return;
    out += "<legacy>\n";
    for (const auto& f : list) append_legacy(out, f);
    out += "</legacy>\n";
}

std::size_t estimate(const envelope& e)
{
    std::size_t octets = 1024;
    for (const auto& r : e.recipients) octets += 96 + r.address.size() + 48 * r.parameters.size();
    for (const auto& f : e.legacy) octets += 512 + 2 * (f.octets.text.size() + f.octets.octets.size());
    for (const auto& x : e.extensions) octets += 64 + x.content.size();
    for (const auto& [name, der] : e.certificates) octets += 128 + der.size() * 4 / 3;
    for (const auto& h : e.trace) octets += 768 + 384 * h.changes.size() + 80 * h.sign.path.size();
    return octets;
}

} // namespace

namespace envelope_xml {

void append_recipient(std::string& out, const recipient& one)
{
    out += "<recipient";
    xml::append_attribute(out, "number", one.number);
    if (!one.salt.empty()) xml::append_attribute(out, "salt", to_base64(one.salt));
    out += '>';
    append_element(out, "address", one.address);
    append_parameters(out, one.parameters);
    out += "</recipient>\n";
}

void append_object(std::string& out, const object_reference& one)
{
    out += "<object";
    xml::append_attribute(out, "octets", one.octets);
    append_digest(out, "digest", one.sha256);
    if (one.media_type.empty())
        append_strings(out, {{"type", one.type}});
    else
        append_strings(out, {{"type", one.type}, {"media-type", one.media_type}});
    out += "/>\n";
}

void append_hop(std::string& out, const hop& step)
{
    assert(writable(step.time));
    out += "<hop";
    if (step.certificate) append_digest(out, "certificate", *step.certificate);
    xml::append_attribute(out, "time", xml::timestamp(step.time));
    append_digest(out, "recipients", step.recipients);
    out += '>';
    append_element(out, "host", step.host);
    append_element(out, "peer", step.peer);
    append_element(out, "peer-address", step.peer_address);
    append_element(out, "protocol", step.protocol);
    append_element(out, "id", step.id);
    append_element(out, "next", step.next);
    if (step.reception) append_reception(out, *step.reception);
    append_legacy(out, step.legacy);
    for (const auto& c : step.changes) {
        out += "<change";
        append_digest(out, "before", c.before);
        append_digest(out, "after", c.after);
        append_strings(out, {{"object", c.object}, {"reason", c.reason}});
        out += "/>";
    }
    append_signature(out, step.sign);
    out += "</hop>\n";
}

void append_certificate(std::string& out, const digest& name, std::string_view der)
{
    out += "<certificate";
    append_digest(out, "digest", name);
    out += '>';
    append_base64(out, der);
    out += "</certificate>\n";
}

} // namespace envelope_xml

std::string write(const envelope& object)
{
    assert(writable(object.created));
    std::string out;
    out.reserve(estimate(object));
    out += "<envelope xmlns=\"urn:xproto:envelope:1\">\n";
    append_element(out, "id", object.id);
    append_element(out, "created", xml::timestamp(object.created));
    out += '\n';
    append_originator(out, object.from);
    out += "<recipients>\n";
    for (const auto& r : object.recipients) envelope_xml::append_recipient(out, r);
    out += "</recipients>\n<objects>\n";
    for (const auto& o : object.objects) envelope_xml::append_object(out, o);
    out += "</objects>\n";
    append_legacy(out, object.legacy);
    if (!object.extensions.empty()) {
        out += "<extensions>\n";
        for (const auto& e : object.extensions) append_extension(out, e);
        out += "</extensions>\n";
    }
    out += "<certificates>\n";
    for (const auto& [name, der] : object.certificates) envelope_xml::append_certificate(out, name, der);
    out += "</certificates>\n<trace>\n";
    for (const auto& h : object.trace) envelope_xml::append_hop(out, h);
    out += "</trace>\n</envelope>\n";
    return out;
}

} // namespace xproto
