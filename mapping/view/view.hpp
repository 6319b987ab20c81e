// What a header field says, as plain values in UTF-8: mailboxes, dates, parameters, decoded words (docs/mapping.md,
// "Views"). A view stands beside the field's own text in the headers object, and is all that is needed to write the
// field anew when somebody has changed it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mapping::view {

// How a field's body is written, and so what its view is made of.
enum class syntax : std::uint8_t {
    none,       // never has a view: trace fields, which have theirs in the envelope
    text,       // RFC 5322 unstructured, with encoded words: one text
    addresses,  // RFC 5322 3.4: mailboxes and groups
    date,       // RFC 5322 3.3: one date
    ids,        // RFC 5322 3.6.4: what stands between angle brackets
    keywords,   // phrases with commas between them: keywords
    parameters, // RFC 2045 5.1, 2231: a value and parameters
    tags,       // RFC 6376 3.2: tags
    results,    // RFC 8601, 8617: tag i, value (who says so), results with their properties
    spf,        // RFC 7208 9.1: one result with its properties
    list_id,    // RFC 2919: one list
    uris,       // RFC 2369: URIs, or one value such as NO
};

// The syntax of a field by its name, in any letter case. Fields that are not known are text.
syntax syntax_of(std::string_view field_name);

enum class kind : std::uint8_t {
    text,
    mailbox, // name and address
    group,   // name; the mailboxes after it that are its members
    date,    // RFC 3339, with the offset it came with
    id,
    keyword,
    value,
    parameter,
    tag,
    result,   // the method's name and what came of it
    property, // of the result before it
    list,     // name and identifier
    uri,
};

// The element's name in XML: "mailbox".
std::string_view to_text(kind what);

struct item {
    kind what = kind::text;
    std::string value;   // UTF-8 without control characters
    std::string name;    // likewise; empty where there is none
    bool member = false; // a mailbox of the group before it?

    bool operator==(const item&) const = default;
};

using items = std::vector<item>;

// A field beyond these has no view; it travels all the same.
inline constexpr std::size_t longest_text = 64 * 1024; // octets
inline constexpr std::size_t most_items = 4096;
inline constexpr std::size_t deepest_comment = 64;

// Reads what follows a field's colon, unfolded. Nothing when it is not of this syntax, says nothing, has a charset that
// nobody knows, or is over a limit.
std::optional<items> read(syntax s, std::string_view text);

// UTF-8 that XML can hold, without control characters (C0, C1 and DEL): what names and values of items are.
bool is_clean(std::string_view text);

// Would a view of this text say no more than the text does to anybody who splits it at its commas and semicolons? No
// encoded words, comments, quotations that hide something, obsolete forms. Cheap; true for texts that cannot be read.
bool is_plain(syntax s, std::string_view text);

} // namespace mapping::view
