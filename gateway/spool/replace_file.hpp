// A small file that is written anew as a whole: after a crash it holds what it held before, or what was written, and
// nothing between.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace gateway::spool {

// Writes `octets` beside `file`, syncs them, renames them to `file`, and syncs its folder. Why that failed, with the
// name of the file; empty: it is done. Blocks; one caller at a time for a file.
std::string replace_file(const std::filesystem::path& file, std::string_view octets);

} // namespace gateway::spool
