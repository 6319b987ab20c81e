// Law L1 put to the test with a message of the user's own: `isthmus map verify`, and the tests.
#pragma once

#include "smtp/transaction.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace mapping {

// Maps the message to objects, writes them as XML, reads that back and maps it to SMTP again. Nothing when transaction,
// header and body came back octet for octet, objects made from the result equal the first ones, however the message was
// cut into pieces, and the body comes together again when it is split; else a sentence that says what differs, and where.
std::optional<std::string> verify_round_trip(std::string_view message, const smtp::transaction& transaction);

// The same, with a transaction that has every parameter there is, and addresses that are hard to carry.
std::optional<std::string> verify_round_trip(std::string_view message);

} // namespace mapping
