// Laws L1 and L2 put to the test with messages of the user's own: `isthmus map verify`, and the tests.
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

// Law L2: sends the three objects of an xproto message as standard mail with a carrier, and takes that for what SMTP
// brought. Nothing when the objects came back octet for octet; else a sentence that says what did not. A message
// without headers and body is for control: both are empty.
std::optional<std::string> verify_native_round_trip(std::string_view envelope_xml, std::string_view headers_xml,
                                                    std::string_view body);
// How many octets the header section of a message has, with the line ends that SMTP demands, and how many the headers
// object made of it.
struct header_sizes {
    std::size_t header = 0;
    std::size_t object = 0;
};
header_sizes sizes_of_header(std::string_view message);

} // namespace mapping
