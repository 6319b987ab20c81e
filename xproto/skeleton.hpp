// The message/skeleton object: a body without its large leaves (docs/xproto.md, "Split bodies"). A table of what is
// missing where comes first, then the octets that are left.
#pragma once

#include "xproto/digest.hpp"
#include "xproto/object_error.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace xproto {

struct skeleton_limits {
    std::size_t leaves = 256;
    std::size_t table = 64 * 1024; // octets, the empty line included
};

// Octets of a body that travel by themselves, as a message/leaf.
struct leaf {
    std::uint64_t offset = 0; // in the body
    std::uint64_t octets = 0; // one at least
    digest sha256{};

    bool operator==(const leaf&) const = default;
};

// What a skeleton says about its body, before the octets that are left.
struct skeleton_table {
    std::uint64_t octets = 0; // of the whole body
    digest sha256{};          // of the whole body
    std::vector<leaf> leaves; // in the body's order, none over another

    // How many octets of the body follow the table.
    std::uint64_t rest() const;

    bool operator==(const skeleton_table&) const = default;
};

// Precondition: leaves ascend, do not overlap, and lie in the body.
std::string write(const skeleton_table& table);

// Takes a skeleton's octets as they come, up to the end of the table.
class skeleton_reader {
  public:
    explicit skeleton_reader(const skeleton_limits& limits = {}) : limits_(limits) {}

    // How many of the octets belong to the table; the others follow it. An error is final.
    parsed<std::size_t> push(std::string_view octets);
    bool is_complete() const { return complete_; }
    // When it is complete.
    const skeleton_table& table() const { return table_; }

  private:
    bool take_line(std::string_view line);

    skeleton_limits limits_;
    skeleton_table table_;
    std::string text_;           // what has come of the table
    std::size_t line_begin_ = 0; // of the line that is not complete yet
    bool complete_ = false;
};

} // namespace xproto
