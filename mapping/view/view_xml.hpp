// A view as the elements that stand inside a field's element (docs/schemas/view.rng):
// `<v:mailbox name="Größe">a@b.example</v:mailbox>`. One way to write each view, so that octets tell whether two are
// the same.
#pragma once

#include "mapping/view/view.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace mapping::view {

std::string to_xml(const items& what);

// Reads what to_xml() or xproto::element::foreign() wrote. Nothing when there are other elements or attributes in it
// than views have, elements in the wrong place, or control characters.
std::optional<items> from_xml(std::string_view xml);

} // namespace mapping::view
