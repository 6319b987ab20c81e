// Law L1 put to the test with messages of the user's own: `isthmus map verify`, and the tests.
#pragma once

#include "smtp/transaction.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace mapping {

// Maps the message to objects, writes them as XML, reads that back and maps it to SMTP again. Nothing when transaction,
// header and body came back octet for octet, objects made from the result equal the first ones, however the message was
// cut into pieces, and the body comes together again when it is split; else a sentence that says what differs, and
// where.
std::optional<std::string> verify_round_trip(std::string_view message, const smtp::transaction& transaction);

// The same, with a transaction that has every parameter there is, and addresses that are hard to carry.
std::optional<std::string> verify_round_trip(std::string_view message);

// How large a header is as an object, line ends counted as SMTP demands them.
struct header_sizes {
    std::size_t header = 0;   // octets of the header section
    std::size_t fields = 0;   // of the fields that are in the headers object: all but Received and Return-Path
    std::size_t object = 0;   // octets of the headers object
    bool is_ordinary = false; // mail that has been on its way: it has From, Date and Received
};
header_sizes sizes_of_header(std::string_view message);

} // namespace mapping
