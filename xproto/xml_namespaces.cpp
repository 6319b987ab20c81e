// Declarations of namespaces as they come into scope and leave it.
#include "xproto/xml_namespaces.hpp"

namespace xproto::xml {

namespace {

constexpr std::string_view xml_uri = "http://www.w3.org/XML/1998/namespace";
constexpr std::string_view xmlns_uri = "http://www.w3.org/2000/xmlns/";

// A URI, as far as its characters go: a scheme, then what RFC 3986 lets stand in one unencoded.
bool is_uri(std::string_view name)
{
    constexpr std::string_view letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    constexpr std::string_view scheme = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+-.";
    constexpr std::string_view rest =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~:/?#@!$()*+,;=";
    const auto colon = name.find_first_not_of(scheme);
    return colon != std::string_view::npos && colon > 0 && name[colon] == ':' &&
           letters.find(name.front()) != std::string_view::npos &&
           name.find_first_not_of(rest, colon) == std::string_view::npos;
}

} // namespace

std::optional<std::string_view> namespace_scope::find(std::string_view prefix) const
{
    if (prefix == "xml") return xml_uri;
    for (auto i = bindings_.rbegin(); i != bindings_.rend(); ++i)
        if (i->prefix == prefix) return i->uri;
    return std::nullopt;
}

std::optional<std::string_view> namespace_scope::declare(const raw_attribute& a, std::size_t depth)
{
    const bool is_default = a.name.prefix.empty();
    const auto prefix = is_default ? std::string_view() : a.name.local();
    auto uri = a.value;
    if (!uri.empty() && !is_uri(uri)) return "a namespace name that is no URI, or has a reference in it";
    if (uri == xml_uri || uri == xmlns_uri || prefix == "xml" || prefix == "xmlns")
        return "a declaration of a reserved namespace";
    if (!is_default && uri.empty()) return "a prefix for no namespace";
    if (uri == own_ && !(is_default && depth == 1)) return "the object's own namespace declared again";
    for (const auto& earlier : bindings_)
        if (earlier.uri == uri) uri = earlier.uri;
    bindings_.push_back({prefix, uri, depth});
    return std::nullopt;
}

std::optional<namespace_scope::problem> namespace_scope::open(std::size_t depth, std::size_t octet,
                                                              const qualified_name& element,
                                                              const std::vector<raw_attribute>& attributes)
{
    bool prefixed = !element.prefix.empty();
    for (const auto& a : attributes) {
        if (a.is_declaration()) {
            if (const auto what = declare(a, depth)) return problem{a.octet, *what};
        }
        prefixed = prefixed || !a.name.prefix.empty();
    }
    if (!prefixed) return std::nullopt;
    constexpr std::string_view unbound = "a prefix without a namespace";
    if (!element.prefix.empty() && (element.prefix == "xmlns" || !find(element.prefix))) return problem{octet, unbound};
    std::vector<std::string_view> uris(attributes.size());
    for (std::size_t i = 0; i < attributes.size(); ++i) {
        const auto& a = attributes[i];
        if (a.name.prefix.empty() || a.is_declaration()) continue;
        const auto uri = find(a.name.prefix);
        if (!uri) return problem{a.octet, unbound};
        uris[i] = *uri;
        for (std::size_t j = 0; j < i; ++j)
            if (uris[j].data() == uri->data() && attributes[j].name.local() == a.name.local())
                return problem{a.octet, "an attribute that stands twice"};
    }
    return std::nullopt;
}

void namespace_scope::close(std::size_t depth)
{
    while (!bindings_.empty() && bindings_.back().depth == depth) bindings_.pop_back();
}

bool namespace_scope::is_own() const
{
    return find("") == own_;
}

} // namespace xproto::xml
