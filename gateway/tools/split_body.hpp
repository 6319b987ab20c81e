// A body in memory, split for sending (docs/xproto.md, "Split bodies").
#pragma once

#include "gateway/cli/common.hpp"
#include "mapping/parts/split.hpp"
#include "xproto/client_session.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace gateway::tools {

struct split_body {
    std::string skeleton;
    std::vector<xproto::outgoing_leaf> leaves;
    std::vector<mapping::parts::place> places; // of the leaves, in the body
};

// Leaves of `threshold` octets and more travel by themselves; when there are none: null. `headers` is the object.
// Fails when that cannot be read.
cli::attempt<std::shared_ptr<const split_body>> split(std::string_view headers, std::string_view body,
                                                      std::uint64_t threshold);

} // namespace gateway::tools
