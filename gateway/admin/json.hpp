// The API's values as JSON. Text that is no UTF-8 (a peer's words may be anything) has U+FFFD where it is not.
#pragma once

#include "gateway/admin/control.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace gateway::admin {

std::string to_json(const status& value);
std::string to_json(const health& value);
std::string to_json(const queued_message& value);
std::string to_json(const control::reload_outcome& value);
// {"messages": [...], "next": ID}; next is there only when the page is full: the `after` of the next request.
std::string to_json(const std::vector<queued_message>& page, const queue_filter& filter);
std::string to_json(const traceroute_step& value);
std::string probe_json(std::string_view id); // {"id": "..."}
std::string to_json(const std::vector<pinned_domain>& pins);
std::string count_json(std::string_view name, std::uint64_t count); // {"retried": 3}
std::string error_json(std::string_view what);                      // {"error": "..."}

// Octets as well-formed UTF-8.
std::string shown_text(std::string_view octets);

} // namespace gateway::admin
