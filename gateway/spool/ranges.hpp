// A set of octets of a file, as ranges. Cheap to add to: it sorts and joins them only now and then.
#pragma once

#include <cstdint>
#include <vector>

namespace gateway::spool {

struct octet_range {
    std::uint64_t begin = 0;
    std::uint64_t end = 0;

    std::uint64_t octets() const { return end - begin; }
    bool operator==(const octet_range&) const = default;
};

class octet_ranges {
  public:
    void add(std::uint64_t offset, std::uint64_t octets);
    // Ascending, with a gap between any two.
    const std::vector<octet_range>& joined();
    // What is not in the set, of a file of this size.
    octet_ranges inverse(std::uint64_t file_octets);

  private:
    std::vector<octet_range> ranges_;
    std::size_t joined_ = 0; // so many at the front are ascending and apart
};

} // namespace gateway::spool
