// Facts as people read them on a terminal.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace gateway::cli {

// What came from peers, fit for a terminal: controls, and characters that reorder a line, become '?'. UTF-8 stays.
std::string printable(std::string_view text);

std::string age_text(std::int64_t seconds);       // "5m 40s", "3d 4h"; the two largest units
std::string size_text(std::uint64_t octets);      // "812 B", "79.9 KiB"
std::string time_text(std::int64_t unix_seconds); // "2025-11-22 01:23:45 UTC"
std::string count_text(std::uint64_t n, std::string_view one, std::string_view many); // "1 message", "5 messages"

// Rows as columns, each as wide as its widest cell, the last one ragged.
std::string columns(const std::vector<std::vector<std::string>>& rows);

// Is this descriptor a terminal? If not, no progress is shown.
bool is_terminal(int descriptor);

} // namespace gateway::cli
