// The reading wall: octets from a peer become elements only when xml_scan.hpp has passed them whole. Elements are views
// into those octets; nothing is copied and no tree is built.
#pragma once

#include "xproto/object_error.hpp"
#include "xproto/xml_scan.hpp"

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace xproto {

// An element of the document's own namespace: a cheap handle, good as long as its document.
class element {
  public:
    element() = default;
    explicit operator bool() const { return in_ != nullptr; }

    std::string_view name() const { return at().name; }
    std::string_view local_name() const { return name().substr(name().find(':') + 1); }
    // Absent and empty are different. The value's characters, references resolved.
    std::optional<std::string_view> attribute(std::string_view name) const;
    // The character data directly inside, without that of foreign elements. White space is kept. What does not stand in
    // the document as one piece is put together in `room`, which must then live as long as the result.
    std::string_view text(std::string& room) const;
    bool has_text() const; // anything but white space

    // Elements of the document's own namespace; foreign ones are stepped over.
    element first() const;
    element next() const;

    // The children that are elements of the foreign namespace `uri`.
    std::vector<element> foreigners(std::string_view uri) const;

    // The first attribute without a prefix that is not one of `known` (a declaration of a namespace is none); empty
    // when there is none.
    std::string_view unknown_attribute(std::initializer_list<std::string_view> known) const;

    // The children that are elements of the foreign namespace `uri`, all that is theirs inside them too, written in one
    // way however they came: `<prefix:name a="b">text</prefix:name>`, nothing between them, a space for each tab and
    // line end. What has another namespace, or stands beside elements without being one, is left out.
    std::string foreign(std::string_view uri, std::string_view prefix) const;

    std::size_t octet() const { return at().begin; } // where its `<` stands in the document
    std::string path() const;                        // "envelope/recipients/recipient[3]"

  private:
    friend class document;
    struct source {
        std::string_view octets;
        xml::outline noted;
    };

    element(const source& in, std::size_t index) : in_(&in), index_(index) {}
    const xml::span& at() const { return in_->noted.elements[index_]; }
    std::span<const xml::attribute> attributes() const;
    void append_foreign(std::string& out, std::string_view uri, std::string_view prefix) const;
    void append_written(std::string& out, std::string_view uri, std::string_view prefix) const;
    element own_from(std::size_t index, std::size_t depth) const;
    template <class Visit> void each_piece(Visit visit) const;

    const source* in_ = nullptr;
    std::size_t index_ = 0; // in the outline
};

class document {
  public:
    struct kind {
        std::string_view root, uri;
    };

    // As xml::scan(). Errors carry the code that a session answers with. `octets` must outlive the document.
    static parsed<document> read(std::string_view octets, kind expected, const xml::scan_limits& limits);

    element root() const { return {*source_, 0}; }
    // What stands between the tags of `e`, octet for octet.
    std::string_view inner(const element& e) const;

  private:
    explicit document(std::unique_ptr<const element::source> s) : source_(std::move(s)) {}

    std::unique_ptr<const element::source> source_;
};

object_error to_error(const xml::scan_error& e, std::string_view root);

} // namespace xproto
