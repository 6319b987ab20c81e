// The byte strings of the signed trace, with the facts that signing and verifying find out in different ways given to
// them (docs/xproto.md, "Signed trace").
#pragma once

#include "xproto/envelope.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace xproto::trace_records {

// An object at one point of the way.
struct object_state {
    std::string type;
    digest sha256{};

    bool operator==(const object_state&) const = default;
};
using object_states = std::vector<object_state>;

object_states states_of(const std::vector<object_reference>& objects);
// The state before these changes. False, and `states` as far as it got, when a change does not lead to what is there.
bool undo(object_states& states, const std::vector<change>& changes);

std::string origin(const envelope& message, const object_states& born);
// `number` counts from 1. `previous`: the signature before this one, nullptr if there is none.
std::string hop_step(std::size_t number, const digest& origin, const signature* previous, const object_states& after,
                     const hop& step);

// Batches: the hash of a byte string, of two hashes, of a place over 2^level leaves that nothing stands at; and what is
// signed for a tree with this root.
digest leaf_of(std::string_view octets);
digest node_of(const digest& left, const digest& right);
digest empty_node(std::size_t level);
std::string batch(const digest& root);

} // namespace xproto::trace_records
