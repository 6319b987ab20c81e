// The headers object as XML.
#include "xproto/headers_object.hpp"

#include "xproto/codes.hpp"
#include "xproto/document.hpp"
#include "xproto/field_names.hpp"
#include "xproto/field_xml.hpp"
#include "xproto/xml_text.hpp"

#include <algorithm>
#include <array>
#include <cassert>

namespace xproto {

namespace {

constexpr document::kind kind{"headers", "urn:xproto:headers:1"};
constexpr field_element generic{"field", ""};

// In the order of the enumeration.
constexpr std::array<std::string_view, 3> separators{"crlf", "lf", "none"};

field_element element_for(const field& f)
{
    if (f.raw) return generic;
    const auto* found = find_registered(f.name);
    return found == nullptr ? generic : field_element{found->element, found->name};
}

// What an element with this name stands for: `RFC822.Subject` for Subject, `field` for nothing of its own.
std::optional<std::string_view> name_of(std::string_view element)
{
    if (element == generic.element) return generic.name;
    const auto dot = element.find('.');
    if (!element.starts_with("RFC") || dot == std::string_view::npos || dot == 3 || dot + 1 == element.size())
        return std::nullopt;
    if (element.substr(3, dot - 3).find_first_not_of("0123456789") != std::string_view::npos) return std::nullopt;
    return element.substr(dot + 1);
}

field read_one(reading& r, const element& e)
{
    const auto name = name_of(e.name());
    if (!name) {
        r.fail(e, "an element that has no place here");
        return {};
    }
    auto f = read_field(r, e, *name);
    f.view = e.foreign(view_namespace, view_prefix);
    if (name->empty()) {
        if (!f.raw && !e.attribute("n")) r.fail(e, "the attribute \"n\" is missing");
    } else if (f.raw || !same_field_name(f.name, *name)) {
        r.fail(e, "an \"n\" that is another field's, or raw octets, in an element of its own");
    }
    return f;
}

// A line end may be missing only where nothing follows.
bool lines_end(const headers_object& object)
{
    for (const auto& f : object.fields) {
        const bool may_lack = &f == &object.fields.back() && object.end == separator::none;
        if (f.raw && !f.octets.ends_with('\n') && !may_lack) return false;
    }
    return true;
}

bool has_plain(const headers_object& object, bool bare_lf)
{
    return std::any_of(object.fields.begin(), object.fields.end(),
                       [=](const field& f) { return !f.raw && f.bare_lf == bare_lf; });
}

bool has_views(const headers_object& object)
{
    return std::any_of(object.fields.begin(), object.fields.end(), [](const field& f) { return !f.view.empty(); });
}

} // namespace

std::string write(const headers_object& object)
{
    assert(lines_end(object));
    const bool bare_lf = has_plain(object, true);
    assert(!bare_lf || !has_plain(object, false));
    std::size_t estimate = 64;
    for (const auto& f : object.fields)
        estimate +=
            (f.raw ? f.octets.size() * 4 / 3 + f.name.size() : f.text.size() + f.name.size()) + f.view.size() + 40;
    std::string out;
    out.reserve(estimate + estimate / 16);
    out += "<headers xmlns=\"urn:xproto:headers:1\"";
    if (has_views(object)) out.append(" xmlns:").append(view_prefix).append("=\"").append(view_namespace) += '"';
    if (bare_lf) xml::append_attribute(out, "lines", "lf");
    if (object.end != (bare_lf ? separator::lf : separator::crlf))
        xml::append_attribute(out, "end", separators[static_cast<std::size_t>(object.end)]);
    out += '>';
    for (const auto& f : object.fields) append_field(out, f, element_for(f));
    out += "</headers>";
    return out;
}

parsed<headers_object> read_headers(std::string_view xml, const headers_limits& limits)
{
    xml::scan_limits bounds;
    bounds.octets = limits.octets;
    bounds.elements = 1 + limits.elements;
    auto read = document::read(xml, kind, bounds);
    if (!read) return std::move(read).error();
    reading r;
    headers_object object;
    const auto root = read->root();
    r.only(root, {"lines", "end"});
    r.no_text(root);
    const auto lines = root.attribute("lines").value_or("crlf");
    if (lines != "crlf" && lines != "lf") r.fail(root, "\"lines\" is neither crlf nor lf");
    const auto end = std::find(separators.begin(), separators.end(), root.attribute("end").value_or(lines));
    if (end == separators.end()) r.fail(root, "\"end\" is none of crlf, lf, none");
    object.end = static_cast<separator>(end - separators.begin());
    object.fields.reserve(std::min(xml.size() / 96 + 8, limits.fields)); // what ordinary headers have
    children fields(r, root);
    for (auto e = fields.any(); e && !r.failed(); e = fields.any()) {
        if (object.fields.size() == limits.fields) r.over(e, "fields", "headers.fields", limits.fields);
        object.fields.push_back(read_one(r, e));
        object.fields.back().bare_lf = lines == "lf" && !object.fields.back().raw;
    }
    if (!r.failed() && !lines_end(object)) r.fail(root, "a field without a line end that is not the end of the header");
    if (r.failed()) return r.take_error();
    return object;
}

} // namespace xproto
