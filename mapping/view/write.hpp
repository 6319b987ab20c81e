// The inverse of read(): items as the body of a header field in standard syntax.
#pragma once

#include "mapping/view/field_writer.hpp"
#include "mapping/view/view.hpp"

namespace mapping::view {

// The complete field. Nothing when the items are not what this syntax is made of, say what it cannot, or need
// characters that the charset does not have.
std::optional<std::string> write(std::string_view name, syntax s, const items& what, header_charset charset);

} // namespace mapping::view
