// The administration API without sockets: a request, as its method and target, becomes an answer (docs/admin-api.md).
#pragma once

#include "gateway/admin/control.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace gateway::admin {

enum class access { full, read_only };

// The octets of an object that follow the answer's head, to be fetched by control::queue_read().
struct object_stream {
    std::string id;
    object which = object::envelope;
    std::uint64_t octets = 0;
};

struct answer {
    unsigned status = 200;
    std::string type = "application/json";
    std::string body;
    std::optional<object_stream> stream; // instead of a body
    std::string allow;                   // the methods there are, with 405
};

// GET may be said as HEAD: the answer is the same, and its body is not to be sent.
answer respond(control& daemon, std::string_view method, std::string_view target, access allowed);

// `%41` to `A`, `+` to a space; nothing when an escape is cut off or no escape.
std::optional<std::string> percent_decoded(std::string_view text);
// Everything but unreserved characters (RFC 3986 2.3) as `%41`.
std::string percent_encoded(std::string_view text);

} // namespace gateway::admin
