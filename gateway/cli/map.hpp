// `isthmus map` has three parts in two files.
#pragma once

#include "gateway/cli/command_line.hpp"

namespace gateway::cli {

void add_map_verify(CLI::App& map, int& result);

} // namespace gateway::cli
