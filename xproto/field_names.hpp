// The header field names that standards define, each with the RFC that names its element: `Subject` is
// `RFC822.Subject`. The specification's table (docs/xproto.md, "Objects") is printed from this one. Readers do not need
// it: the name is what follows the first dot, so a writer with a longer table is understood.
#pragma once

#include <span>
#include <string_view>

namespace xproto {

struct registered_name {
    std::string_view element; // "RFC822.Subject"
    std::string_view name;    // "Subject"
};

// Sorted by name.
std::span<const registered_name> registered_names();

// The entry for a field name in whatever letter case; nullptr: not registered.
const registered_name* find_registered(std::string_view field_name);

// Do the names of two fields mean the same (RFC 5322 1.2.2: without regard to ASCII letter case)?
bool same_field_name(std::string_view a, std::string_view b);

} // namespace xproto
