// Queued messages as people read them.
#pragma once

#include <boost/json.hpp>

#include <cstdint>
#include <string>

namespace gateway::cli {

// One line for each message, and below it one for each recipient that still waits.
std::string message_table(const boost::json::array& messages, std::int64_t now, bool with_head);
// Everything about one.
std::string message_text(const boost::json::value& message, std::int64_t now);

} // namespace gateway::cli
