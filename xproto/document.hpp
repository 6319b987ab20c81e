// The reading wall: octets from a peer become a tree of elements only after xml_scan.hpp has passed them. The parser
// behind it (pugixml) is known to document.cpp alone.
#pragma once

#include "xproto/object_error.hpp"
#include "xproto/xml_scan.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace xproto {

// An element of the document's own namespace: a cheap handle, good as long as its document.
class element {
  public:
    element() = default;
    explicit operator bool() const { return node_ != nullptr; }

    std::string_view name() const;
    // Absent and empty are different. The value's characters, references resolved.
    std::optional<std::string_view> attribute(std::string_view name) const;
    // The character data directly inside, without that of foreign elements. White space is kept.
    std::string text() const;
    bool has_text() const; // anything but white space

    // Elements of the document's own namespace; foreign ones are stepped over.
    element first() const;
    element next() const;

    // The first attribute without a prefix that is not one of `known` (a declaration of a namespace is none); empty
    // when there is none.
    std::string_view unknown_attribute(std::initializer_list<std::string_view> known) const;

    std::size_t octet() const; // where its `<` stands in the document
    std::string path() const;  // "envelope/recipients/recipient[3]"

  private:
    friend class document;
    explicit element(void* node) : node_(node) {}
    void* node_ = nullptr;
};

class document {
  public:
    struct kind {
        std::string_view root, uri;
    };

    // As xml::scan(), then parsed. Errors carry the code that a session answers with. `octets` must outlive the
    // document when inner() is asked for.
    static parsed<document> read(std::string_view octets, kind expected, const xml::scan_limits& limits,
                                 std::size_t outline_depth = 0);

    ~document();
    document(document&&) noexcept;
    document& operator=(document&&) noexcept;

    element root() const;
    // What stands between the tags of `e`, octet for octet. `e` must not lie deeper than `outline_depth`.
    std::string_view inner(element e) const;

  private:
    struct tree;
    document(std::unique_ptr<tree> t, std::string_view octets, std::vector<xml::span> outline);

    std::unique_ptr<tree> tree_;
    std::string_view octets_;
    std::vector<xml::span> outline_;
};

object_error to_error(const xml::scan_error& e, std::string_view root);

} // namespace xproto
