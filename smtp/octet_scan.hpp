// Finds the octets at which content needs thought, sixteen at a step, so that line ends and dots cost nothing where
// they are regular. The vectors are the compiler's own (GNU C), the same on every machine.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace smtp {

using octet_block = signed char __attribute__((vector_size(16)));

inline octet_block load_block(const char* from)
{
    octet_block block;
    std::memcpy(&block, from, sizeof block);
    return block;
}

inline bool any(octet_block block)
{
    std::uint64_t halves[2];
    std::memcpy(halves, &block, sizeof halves);
    return (halves[0] | halves[1]) != 0;
}

// What to look for: true for an octet that needs thought, given the one before it. For one octet, and for blocks, where
// the answer is 0 or -1 for each octet.
struct unpaired_newline {
    template <class Octets> static auto found(Octets before, Octets octet)
    {
        return (before == '\r') != (octet == '\n');
    }
};
struct unpaired_newline_or_dot {
    template <class Octets> static auto found(Octets before, Octets octet)
    {
        return ((before == '\r') != (octet == '\n')) | ((before == '\n') & (octet == '.'));
    }
};
struct dot_after_lf {
    template <class Octets> static auto found(Octets before, Octets octet) { return (before == '\n') & (octet == '.'); }
};

// The first octet of `text` at or after `from` that needs thought, or npos. `before` is the octet that preceded `text`.
template <class What> std::size_t find_octet(std::string_view text, char before, std::size_t from = 0)
{
    std::size_t i = from;
    if (i < text.size() && What::found(i == 0 ? before : text[i - 1], text[i])) return i;
    for (++i; i + sizeof(octet_block) <= text.size(); i += sizeof(octet_block)) {
        if (any(What::found(load_block(text.data() + i - 1), load_block(text.data() + i)))) break;
    }
    for (; i < text.size(); ++i) {
        if (What::found(text[i - 1], text[i])) return i;
    }
    return std::string_view::npos;
}

} // namespace smtp
