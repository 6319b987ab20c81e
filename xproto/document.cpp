// The only file that knows pugixml. pugixml accepts far more than XML (raw control characters, broken UTF-8, DOCTYPEs),
// so that it sees nothing that xml::scan() has not passed.
#include "xproto/document.hpp"

#include "xproto/codes.hpp"

#include <pugixml.hpp>

#include <algorithm>
#include <cassert>

namespace xproto {

namespace {

pugi::xml_node node_of(void* native)
{
    return pugi::xml_node(static_cast<pugi::xml_node_struct*>(native));
}

// No prefix, and no default namespace of its own: xml::scan() lets only the root declare the document's namespace.
bool is_own(const pugi::xml_node& n)
{
    return n.type() == pugi::node_element && std::string_view(n.name()).find(':') == std::string_view::npos &&
           !n.attribute("xmlns");
}

void* own_or_next(pugi::xml_node n)
{
    while (n && !is_own(n)) n = n.next_sibling();
    return n.internal_object();
}

// The character data of an element: its own value (parse_embed_pcdata), and the pieces between child elements.
template <class Visit> void each_text(const pugi::xml_node& n, Visit visit)
{
    visit(std::string_view(n.value()));
    for (const auto child : n)
        if (child.type() == pugi::node_pcdata) visit(std::string_view(child.value()));
}

} // namespace

std::string_view element::name() const
{
    return node_of(node_).name();
}

std::optional<std::string_view> element::attribute(std::string_view name) const
{
    for (const auto a : node_of(node_).attributes())
        if (a.name() == name) return a.value();
    return std::nullopt;
}

std::string element::text() const
{
    std::string out;
    each_text(node_of(node_), [&](std::string_view piece) { out += piece; });
    return out;
}

bool element::has_text() const
{
    bool found = false;
    each_text(node_of(node_), [&](std::string_view piece) {
        found = found || piece.find_first_not_of(" \t\r\n") != std::string_view::npos;
    });
    return found;
}

element element::first() const
{
    return element(own_or_next(node_of(node_).first_child()));
}

element element::next() const
{
    return element(own_or_next(node_of(node_).next_sibling()));
}

std::string_view element::unknown_attribute(std::initializer_list<std::string_view> known) const
{
    for (const auto a : node_of(node_).attributes()) {
        const std::string_view name = a.name();
        const bool foreign = name.find(':') != std::string_view::npos || name == "xmlns";
        if (!foreign && std::find(known.begin(), known.end(), name) == known.end()) return name;
    }
    return {};
}

std::size_t element::octet() const
{
    return static_cast<std::size_t>(node_of(node_).offset_debug()) - 1; // pugixml counts from the name
}

std::string element::path() const
{
    const auto n = node_of(node_);
    const auto parent = n.parent();
    if (parent.type() != pugi::node_element) return n.name();
    std::size_t same = 0, place = 0;
    for (const auto sibling : parent.children(n.name())) {
        ++same;
        if (sibling == n) place = same;
    }
    const auto whole = element(parent.internal_object()).path() + '/' + n.name();
    return same == 1 ? whole : whole + '[' + std::to_string(place) + ']';
}

struct document::tree {
    std::string octets; // parsed in place: names and values are views into it
    pugi::xml_document native;
};

document::document(std::unique_ptr<tree> t, std::string_view octets, std::vector<xml::span> outline)
    : tree_(std::move(t)), octets_(octets), outline_(std::move(outline))
{
}

document::~document() = default;
document::document(document&&) noexcept = default;
document& document::operator=(document&&) noexcept = default;

parsed<document> document::read(std::string_view octets, kind expected, const xml::scan_limits& limits,
                                std::size_t outline_depth)
{
    std::vector<xml::span> outline;
    if (const auto error = xml::scan(octets, expected.root, expected.uri, limits, outline_depth, &outline))
        return to_error(*error, expected.root);

    auto t = std::make_unique<tree>();
    t->octets = octets;
    constexpr unsigned flags = pugi::parse_escapes | pugi::parse_ws_pcdata | pugi::parse_embed_pcdata;
    const auto result = t->native.load_buffer_inplace(t->octets.data(), t->octets.size(), flags, pugi::encoding_utf8);
    assert(result); // the scan is stricter than the parser
    if (!result) return object_error{codes::not_xml, std::string(expected.root), result.description()};
    return document(std::move(t), octets, std::move(outline));
}

element document::root() const
{
    return element(tree_->native.document_element().internal_object());
}

std::string_view document::inner(element e) const
{
    const auto begin = e.octet();
    const auto found = std::lower_bound(outline_.begin(), outline_.end(), begin,
                                        [](const xml::span& s, std::size_t at) { return s.begin < at; });
    assert(found != outline_.end() && found->begin == begin);
    return octets_.substr(found->content, found->content_end - found->content);
}

object_error to_error(const xml::scan_error& e, std::string_view root)
{
    const auto code = e.fault == xml::scan_fault::limit       ? codes::object_limit
                      : e.fault == xml::scan_fault::forbidden ? codes::forbidden_xml
                                                              : codes::not_xml;
    return {code, std::string(root) + " at octet " + std::to_string(e.octet), e.what};
}

} // namespace xproto
