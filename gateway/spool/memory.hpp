// A spool without a disk: everything is in memory and gone with it. For tests and tools; same promises to its user
// otherwise, asynchronous handlers included.
#pragma once

#include "gateway/spool/spool.hpp"

namespace gateway::spool {

std::unique_ptr<spool> make_memory_spool(poster post);

} // namespace gateway::spool
