// Steps through the outline that the scan has made.
#include "xproto/document.hpp"

#include "xproto/codes.hpp"
#include "xproto/xml_text.hpp"

#include <algorithm>

namespace xproto {

namespace {

std::string one_line(std::string_view text)
{
    std::string out(text);
    for (auto& c : out)
        if (c == '\t' || c == '\r' || c == '\n') c = ' ';
    return out;
}

} // namespace

// The pieces of character data between the tags directly inside.
template <class Visit> void element::each_piece(Visit visit) const
{
    const auto& all = in_->noted.elements;
    auto begin = at().content;
    for (auto i = index_ + 1; i < at().after; i = all[i].after) {
        visit(in_->octets.substr(begin, all[i].begin - begin));
        begin = all[i].end;
    }
    visit(in_->octets.substr(begin, at().content_end - begin));
}

std::span<const xml::attribute> element::attributes() const
{
    return std::span(in_->noted.attributes).subspan(at().attributes, at().attribute_count);
}

std::optional<std::string_view> element::attribute(std::string_view name) const
{
    for (const auto& a : attributes())
        if (a.name == name) return a.value;
    return std::nullopt;
}

std::string_view element::text(std::string& room) const
{
    const bool is_leaf = at().after == index_ + 1;
    if (is_leaf && !at().has_references) return in_->octets.substr(at().content, at().content_end - at().content);
    room.clear();
    each_piece([&](std::string_view piece) { xml::append_resolved(room, piece); });
    return room;
}

bool element::has_text() const
{
    const auto is_blank = [](std::string_view s) { return s.find_first_not_of(" \t\r\n") == std::string_view::npos; };
    if (at().has_references) {
        std::string room;
        return !is_blank(text(room));
    }
    bool found = false;
    each_piece([&](std::string_view piece) { found = found || !is_blank(piece); });
    return found;
}

// The span at `index`, or the first of its siblings after it that is the document's own.
element element::own_from(std::size_t index, std::size_t depth) const
{
    const auto& all = in_->noted.elements;
    while (index < all.size() && all[index].depth == depth && !all[index].own) index = all[index].after;
    return index < all.size() && all[index].depth == depth ? element(*in_, index) : element();
}

element element::first() const
{
    return own_from(index_ + 1, at().depth + 1);
}

element element::next() const
{
    return own_from(at().after, at().depth);
}

std::vector<element> element::foreigners(std::string_view uri) const
{
    std::vector<element> found;
    const auto& all = in_->noted.elements;
    for (auto i = index_ + 1; i < at().after; i = all[i].after)
        if (!all[i].own && all[i].uri == uri) found.push_back(element(*in_, i));
    return found;
}

std::string_view element::unknown_attribute(std::initializer_list<std::string_view> known) const
{
    for (const auto& a : attributes()) {
        const bool has_prefix = a.name.find(':') != std::string_view::npos;
        if (!has_prefix && std::find(known.begin(), known.end(), a.name) == known.end()) return a.name;
    }
    return {};
}

std::string element::foreign(std::string_view uri, std::string_view prefix) const
{
    std::string out;
    append_foreign(out, uri, prefix);
    return out;
}

// Recursion ends where xml::scan_limits::depth does.
void element::append_foreign(std::string& out, std::string_view uri, std::string_view prefix) const
{
    const auto& all = in_->noted.elements;
    for (auto i = index_ + 1; i < at().after; i = all[i].after)
        if (all[i].uri == uri) element(*in_, i).append_written(out, uri, prefix);
}

// This element, and what is of its namespace inside.
void element::append_written(std::string& out, std::string_view uri, std::string_view prefix) const
{
    const auto local = local_name();
    out.append(1, '<').append(prefix).append(1, ':').append(local);
    for (const auto& a : attributes())
        if (a.name.find(':') == std::string_view::npos) xml::append_attribute(out, a.name, one_line(a.value));
    out += '>';
    const auto before = out.size();
    append_foreign(out, uri, prefix);
    if (out.size() == before) {
        std::string room;
        xml::append_text(out, one_line(text(room)));
    }
    out.append("</").append(prefix).append(1, ':').append(local).append(1, '>');
}

std::string element::path() const
{
    const auto& all = in_->noted.elements;
    if (index_ == 0) return std::string(name());
    auto parent = index_ - 1;
    while (all[parent].depth >= at().depth) --parent;
    std::size_t same = 0, place = 0;
    for (auto i = parent + 1; i < all[parent].after; i = all[i].after) {
        if (all[i].name == name()) ++same;
        if (i == index_) place = same;
    }
    const auto whole = element(*in_, parent).path() + '/' + std::string(name());
    return same == 1 ? whole : whole + '[' + std::to_string(place) + ']';
}

parsed<document> document::read(std::string_view octets, kind expected, const xml::scan_limits& limits)
{
    auto s = std::make_unique<element::source>();
    s->octets = octets;
    if (const auto error = xml::scan(octets, expected.root, expected.uri, limits, limits.depth, &s->noted))
        return to_error(*error, expected.root);
    return document(std::move(s));
}

std::string_view document::inner(const element& e) const
{
    return source_->octets.substr(e.at().content, e.at().content_end - e.at().content);
}

object_error to_error(const xml::scan_error& e, std::string_view root)
{
    const auto code = e.fault == xml::scan_fault::limit       ? codes::object_limit
                      : e.fault == xml::scan_fault::forbidden ? codes::forbidden_xml
                                                              : codes::not_xml;
    return {code, std::string(root) + " at octet " + std::to_string(e.octet), e.what};
}

} // namespace xproto
