// Header fields to elements and back.
#include "xproto/field_xml.hpp"

#include "xproto/base64.hpp"
#include "xproto/xml_text.hpp"

#include <algorithm>
#include <cassert>
#include <limits>

namespace xproto {

namespace {

void append_folds(std::string& out, const std::vector<std::uint32_t>& folds)
{
    out += " fold=\"";
    for (const auto offset : folds) {
        xml::append_number(out, offset);
        out += ' ';
    }
    out.back() = '"';
}

std::vector<std::uint32_t> read_folds(reading& r, const element& e, std::string_view list)
{
    std::vector<std::uint32_t> folds;
    folds.reserve(static_cast<std::size_t>(std::count(list.begin(), list.end(), ' ')) + 1);
    for (;;) {
        const auto space = list.find(' ');
        const auto offset = xml::number(list.substr(0, space));
        if (!offset || *offset > std::numeric_limits<std::uint32_t>::max()) {
            r.fail(e, "\"fold\" is no list of decimal numbers with one space between them");
            return {};
        }
        folds.push_back(static_cast<std::uint32_t>(*offset));
        if (space == std::string_view::npos) return folds;
        list.remove_prefix(space + 1);
    }
}

} // namespace

void append_field(std::string& out, const field& f, const field_element& as)
{
    assert(is_valid(f));
    out += '<';
    out += as.element;
    if (f.name != as.name) xml::append_attribute(out, "n", f.name);
    if (f.raw) {
        out += " enc=\"base64\" t=\"";
        append_base64(out, f.octets);
        out += '"';
    } else {
        if (!f.folds.empty()) append_folds(out, f.folds);
        if (!f.text.empty()) xml::append_short_attribute(out, "t", f.text);
    }
    if (f.view.empty()) {
        out += "/>";
        return;
    }
    out += '>';
    out += f.view;
    out += "</";
    out += as.element;
    out += '>';
}

field read_field(reading& r, const element& e, std::string_view name)
{
    field f;
    r.only(e, {"n", "fold", "enc", "t"});
    r.empty(e);
    f.name = name;
    if (const auto written = e.attribute("n")) f.name = *written;
    f.raw = r.is_base64(e);
    (f.raw ? f.octets : f.text) = r.decoded(e, e.attribute("t").value_or(""));
    if (const auto list = e.attribute("fold")) f.folds = read_folds(r, e, *list);
    if (!r.failed() && !is_valid(f))
        r.fail(e, f.raw ? "octets that are not one header field of this name"
                        : "a name, text or fold that a header field cannot have (folds stand before white space)");
    return f;
}

} // namespace xproto
