// The outer wall against hostile XML: one pass, no recursion, and no memory that grows with the input but the notes
// that it is asked for. What passes is well-formed XML 1.0 with namespaces, in the profile of docs/xproto.md
// ("Objects"): UTF-8, no DTD, no processing instructions, comments or CDATA sections, bounded in every direction. Other
// parsers then agree about what it says.
#pragma once

#include <cstddef>
#include <cstdint>
#include <forward_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace xproto::xml {

struct scan_limits {
    std::size_t octets = 1 << 20; // more than 4 GiB are never read
    std::size_t elements = 1 << 16;
    std::size_t depth = 32;
    std::size_t attributes = 32; // of one element, namespace declarations included
    std::size_t name = 128;      // octets of an element's or attribute's name
    std::size_t namespaces = 64; // declared in one place
};

enum class scan_fault {
    malformed, // not well-formed XML
    forbidden, // XML, but not of this profile
    limit,
};

struct scan_error {
    scan_fault fault = scan_fault::malformed;
    std::size_t octet = 0; // where
    std::string what;      // a calm sentence
};

// An attribute that declares no namespace: its name as it is written, its value with references resolved.
struct attribute {
    std::string_view name;
    std::string_view value;
};

// Where an element stands: `<name ...>` is [begin, content), `</name>` is [content_end, end). For `<name/>` content,
// content_end and end are the same.
struct span {
    std::string_view name;   // qualified
    std::string_view uri;    // its namespace; empty: none
    std::uint32_t depth = 0; // of the root: 1
    std::uint32_t begin = 0, content = 0, content_end = 0, end = 0;
    std::uint32_t after = 0;      // index of the first span that does not lie in this one
    std::uint32_t attributes = 0; // index of its first attribute
    std::uint16_t attribute_count = 0;
    bool own = false;            // in the document's namespace, not foreign
    bool has_references = false; // in the text directly inside

    bool is_empty_tag() const { return content == end; }
};

// The elements of a document in its order, as views into its octets. What lies inside an element follows it.
struct outline {
    std::vector<span> elements;
    std::vector<attribute> attributes;       // without declarations of namespaces
    std::forward_list<std::string> resolved; // values that held references
};

// What is wrong with `xml`, if anything. The root element must be `root` in the namespace `uri`, declared on it as the
// default; no other declaration may name that namespace, so that an element without a prefix and without `xmlns` is the
// document's own and every other is foreign. Elements down to `depth` are noted in `noted`.
std::optional<scan_error> scan(std::string_view xml, std::string_view root, std::string_view uri,
                               const scan_limits& limits, std::size_t depth = 0, outline* noted = nullptr);

} // namespace xproto::xml
