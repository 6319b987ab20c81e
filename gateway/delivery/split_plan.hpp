// How a body is to be split: its octets are read twice, once to find the large leaves and once to digest them, a piece
// at a time (docs/xproto.md, "Split bodies"). A body in which there is nothing large is read once, and goes whole.
#pragma once

#include "gateway/spool/spool.hpp"
#include "mapping/parts/scan.hpp"
#include "mapping/parts/split.hpp"
#include "xproto/headers_object.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gateway::delivery {

class split_plan {
  public:
    // What a leaf is, as its own header says.
    struct description {
        std::string media_type, file_name;
    };

    split_plan(const xproto::headers_object& headers, std::uint64_t body_octets);

    // Reads on, about a mebibyte. True: done; or it cannot be read, and the body goes whole.
    bool read_some(spool::reader& body);

    // When done. Empty: the body goes whole.
    const std::vector<xproto::leaf>& leaves() const { return table_.leaves; }
    const std::vector<description>& descriptions() const { return descriptions_; }
    // The skeleton's first octets; after them come those of the body that are in no leaf.
    const std::string& table_octets() const { return table_octets_; }
    std::uint64_t skeleton_octets() const { return table_octets_.size() + table_.rest(); }
    // Where octets of the skeleton behind the table stand in the body, and how many stand together there.
    mapping::parts::place place_of(std::uint64_t skeleton_offset) const;

  private:
    void scanned();
    void add(std::string_view octets);

    std::uint64_t body_octets_;
    std::uint64_t at_ = 0;
    std::optional<mapping::parts::scanner> scanner_; // in the first pass
    std::optional<mapping::parts::body_splitter> splitter_;
    std::vector<description> descriptions_;
    xproto::skeleton_table table_;
    std::string table_octets_;
};

} // namespace gateway::delivery
