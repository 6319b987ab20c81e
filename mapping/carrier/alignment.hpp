// Which fields of a header are the ones that were sent, and what happened to the others on the way.
#pragma once

#include "mapping/header_section.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace mapping::carrier {

// Two fields are the same when their names are, and their values up to white space and folding (the relaxed form of
// RFC 6376 3.4.2): mail software folds fields anew as it likes.
std::string relaxed(const header_field& field);

struct alignment {
    static constexpr std::size_t none = static_cast<std::size_t>(-1);

    // For each field that arrived: the field that was sent and is the same, or none. Each is used once.
    std::vector<std::size_t> source;
    std::vector<std::size_t> missing; // fields that were sent and are not among them, ascending
    bool moved = false;               // do those that are stand in another order?
};

// `arrived` and `sent` are fields in relaxed form. Takes time in proportion to their number.
alignment align(const std::vector<std::string>& arrived, const std::vector<std::string>& sent);

// "Subject changed, List-Id added, X-Mailer removed": names, in the order in which they stand. A name that is both
// missing and new has changed.
std::string describe_changes(const std::vector<std::string>& added, const std::vector<std::string>& removed);

} // namespace mapping::carrier
