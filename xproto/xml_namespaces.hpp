// Which namespace a prefix stands for while a document is scanned (Namespaces in XML 1.0), bounded in number.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

namespace xproto::xml {

// A name as it is written, with at most one colon.
struct qualified_name {
    std::string_view whole;
    std::string_view prefix; // empty: none

    std::string_view local() const { return prefix.empty() ? whole : whole.substr(prefix.size() + 1); }
};

struct raw_attribute {
    qualified_name name;
    std::string_view value;
    std::size_t octet = 0; // where it begins
    bool has_references = false;

    bool is_declaration() const { return name.whole == "xmlns" || name.prefix == "xmlns"; }
};

class namespace_scope {
  public:
    struct problem {
        std::size_t octet = 0;
        std::string_view what;
    };

    // `own` is the namespace that the root declares as the default and that nothing else may declare.
    explicit namespace_scope(std::string_view own) : own_(own) {}

    // The start tag of an element at `depth` (the root's is 1) that begins at `octet`: takes its declarations in, and
    // checks that its prefixes have one and that no two attributes have the same expanded name.
    std::optional<problem> open(std::size_t depth, std::size_t octet, const qualified_name& element,
                                const std::vector<raw_attribute>& attributes);
    void close(std::size_t depth);
    // How many declarations are in scope.
    std::size_t size() const { return bindings_.size(); }
    // Is the default namespace, now, the document's own?
    bool is_own() const;
    // What a prefix (empty: none) stands for now; empty when it stands for nothing.
    std::string_view uri(std::string_view prefix) const { return find(prefix).value_or(std::string_view()); }

  private:
    struct binding {
        std::string_view prefix;
        std::string_view uri; // equal names share the same octets, so that data() tells them apart
        std::size_t depth = 0;
    };

    std::optional<std::string_view> declare(const raw_attribute& a, std::size_t depth);
    std::optional<std::string_view> find(std::string_view prefix) const;

    std::string_view own_;
    std::vector<binding> bindings_;
};

} // namespace xproto::xml
