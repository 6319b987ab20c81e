// Which view a field gets in the headers object.
#pragma once

#include "xproto/field.hpp"

#include <cstddef>
#include <cstdint>
#include <string>

namespace mapping::view {

enum class wanted : std::uint8_t {
    needed, // only what says more than the field's text does (is_plain())
    all,    // whatever can be read
    none,
};

// The view of a field as xproto::field::view holds it. Empty: it has none. `room` is for all fields of a message
// together: octets of text that were read and of views that were made are taken from it, and where it is too small
// there is none.
std::string describe(const xproto::field& field, wanted which, std::size_t& room);

} // namespace mapping::view
