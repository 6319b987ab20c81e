// What a message's carrier gives back to `isthmus map to-xproto` (docs/mapping.md, "Carriers").
#pragma once

#include "mapping/message_splitter.hpp"
#include "smtp/transaction.hpp"

#include <optional>
#include <string>

namespace gateway::cli {

struct restored_message {
    std::string envelope_xml, headers_xml;
    std::optional<std::string> body; // absent: as it arrived
    bool is_control = false;         // it has no headers and no body
};

struct restoring {
    std::optional<restored_message> message;
    std::string note; // for people: why there is none, or what was undone; empty when there is nothing to tell
};

// A body up to this size is held in memory, to undo another encoding of it.
inline constexpr std::size_t undo_octets = 1 << 20;

// The objects that the message carries, when they are all that they were. `body`: its octets, unless there are too
// many. `wanted`: who sends it to whom; absent: as it was.
restoring restore_message(const mapping::message_splitter& message, const std::optional<std::string>& body,
                          const std::optional<smtp::transaction>& wanted);

} // namespace gateway::cli
