// Probes and answers as XML, and as control messages.
#include "xproto/traceroute.hpp"

#include "xproto/base64.hpp"
#include "xproto/codes.hpp"
#include "xproto/xml_reading.hpp"
#include "xproto/xml_text.hpp"

#include <algorithm>

namespace xproto {

namespace {

constexpr std::string_view uri = "urn:xproto:traceroute:1";

void open(std::string& out, std::string_view name)
{
    out += '<';
    out += name;
    xml::append_attribute(out, "xmlns", uri);
}

void append_element(std::string& out, std::string_view name, std::string_view text)
{
    out += '<';
    out += name;
    if (is_plain_text(text)) {
        out += '>';
        xml::append_text(out, text);
    } else {
        out += " enc=\"base64\">";
        append_base64(out, text);
    }
    out += "</";
    out += name;
    out += ">\n";
}

// White space may stand around the element in an extension.
std::string_view trimmed(std::string_view text)
{
    constexpr std::string_view blank = " \t\r\n";
    const auto begin = text.find_first_not_of(blank);
    if (begin == std::string_view::npos) return {};
    return text.substr(begin, text.find_last_not_of(blank) + 1 - begin);
}

parsed<document> read_root(std::string_view octets, std::string_view name, const traceroute_limits& limits)
{
    xml::scan_limits bounds;
    bounds.octets = limits.octets;
    return document::read(trimmed(octets), {name, uri}, bounds);
}

std::uint32_t read_hops(reading& r, const element& e, std::string_view attribute, const traceroute_limits& limits)
{
    const auto value = static_cast<std::uint32_t>(r.number(e, attribute, limits.hops));
    if (value == 0) r.fail(e, '"' + std::string(attribute) + "\" must be at least 1");
    return value;
}

std::string read_text(reading& r, children& inside, std::string_view name, const traceroute_limits& limits)
{
    const auto e = r.failed() ? element() : inside.take(name);
    if (!e) return {};
    r.only(e, {"enc"});
    auto value = r.text(e);
    if (value.size() > limits.text)
        r.fail(e, "a text longer than traceroute.text (" + std::to_string(limits.text) + ")", codes::object_limit);
    return value;
}

envelope control_message(std::string_view oid, std::string content, std::string to, std::string id,
                         unix_seconds created)
{
    envelope made;
    made.id = std::move(id);
    made.created = created;
    recipient one;
    one.number = 1;
    one.address = std::move(to);
    made.recipients.push_back(std::move(one));
    extension what;
    what.oid = oid;
    what.critical = true;
    what.content = std::move(content);
    made.extensions.push_back(std::move(what));
    return made;
}

} // namespace

std::string write_xml(const route_probe& probe)
{
    std::string out;
    open(out, "probe");
    xml::append_attribute(out, "hops", probe.hops);
    return out + "/>";
}

std::string write_xml(const route_answer& answer)
{
    std::string out;
    open(out, "answer");
    xml::append_attribute(out, "hop", answer.hop);
    out += ">\n";
    append_element(out, "probe", answer.probe);
    append_element(out, "host", answer.host);
    append_element(out, "arrival", xml::timestamp(answer.arrival));
    append_element(out, "next", answer.next);
    return out + "</answer>";
}

parsed<route_probe> read_route_probe(std::string_view octets, const traceroute_limits& limits)
{
    const auto source = read_root(octets, "probe", limits);
    if (!source) return source.error();
    reading r;
    const auto root = source->root();
    r.only(root, {"hops"});
    r.empty(root);
    route_probe made;
    made.hops = read_hops(r, root, "hops", limits);
    if (r.failed()) return r.take_error();
    return made;
}

parsed<route_answer> read_route_answer(std::string_view octets, const traceroute_limits& limits)
{
    const auto source = read_root(octets, "answer", limits);
    if (!source) return source.error();
    reading r;
    const auto root = source->root();
    r.only(root, {"hop"});
    r.no_text(root);
    route_answer made;
    made.hop = read_hops(r, root, "hop", limits);
    children inside(r, root);
    made.probe = read_text(r, inside, "probe", limits);
    made.host = read_text(r, inside, "host", limits);
    const auto arrival = r.failed() ? element() : inside.take("arrival");
    if (arrival) {
        r.only(arrival, {});
        made.arrival = r.time(arrival, r.text(arrival));
    }
    made.next = read_text(r, inside, "next", limits);
    if (!r.failed()) inside.finish();
    if (r.failed()) return r.take_error();
    return made;
}

const extension* find_extension(const envelope& message, std::string_view oid)
{
    const auto found = std::find_if(message.extensions.begin(), message.extensions.end(),
                                    [&](const extension& e) { return e.oid == oid; });
    return found == message.extensions.end() ? nullptr : &*found;
}

envelope make_probe(const route_probe& probe, std::string from, std::string to, std::string id, unix_seconds created)
{
    auto made = control_message(route_probe_oid, write_xml(probe), std::move(to), std::move(id), created);
    made.from.address = std::move(from);
    return made;
}

envelope make_answer(const route_answer& answer, std::string to, std::string id, unix_seconds created)
{
    return control_message(route_answer_oid, write_xml(answer), std::move(to), std::move(id), created);
}

parsed<route_probe> probe_of(const envelope& message)
{
    const auto wrong = [](std::string what) {
        return object_error{codes::not_valid, "envelope/extensions", std::move(what)};
    };
    const auto* found = find_extension(message, route_probe_oid);
    if (found == nullptr) return wrong("there is no probe");
    if (!found->critical) return wrong("a probe is critical");
    const auto others = std::count_if(message.extensions.begin(), message.extensions.end(), [&](const extension& e) {
        return &e != found && (e.oid == route_probe_oid || e.oid == route_answer_oid);
    });
    if (others != 0) return wrong("a message holds one probe or answer");
    if (!message.objects.empty()) return wrong("a probe has neither headers nor body");
    if (message.recipients.size() != 1) return wrong("a probe has one recipient");
    if (message.from.address.empty()) return wrong("a probe has a sender, who gets the answer");
    return read_route_probe(found->content);
}

delivery_extension route_probe_extension()
{
    return {route_probe_oid, "traceroute probe", [](const extension& found) -> std::optional<object_error> {
                auto probe = read_route_probe(found.content);
                if (!probe) return std::move(probe).error();
                return std::nullopt;
            }};
}

delivery_extension route_answer_extension()
{
    return {route_answer_oid, "traceroute answer", [](const extension& found) -> std::optional<object_error> {
                auto answer = read_route_answer(found.content);
                if (!answer) return std::move(answer).error();
                return std::nullopt;
            }};
}

} // namespace xproto
