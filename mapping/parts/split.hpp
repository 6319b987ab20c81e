// A body as a skeleton and its large leaves, and put together again, octet for octet (docs/mapping.md, "Bodies").
// Both directions stream: no leaf and no body is ever in memory. Which octets are a leaf is for the scan to say, but
// the way back does not rest on the scan being right: it goes by places and digests.
#pragma once

#include "mapping/parts/structure.hpp"
#include "xproto/skeleton.hpp"

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace mapping::parts {

// Octets of a body.
struct place {
    std::uint64_t offset = 0;
    std::uint64_t octets = 0;

    bool operator==(const place&) const = default;
};

struct split_limits {
    std::uint64_t threshold = 64 * 1024; // octets of content below which a leaf stays in the skeleton; one at least
    std::size_t leaves = 256;            // the later ones stay
};

// The content of each leaf that is worth sending by itself, in the body's order.
std::vector<place> large_leaves(const structure& parts, const split_limits& limits = {});

// Deals the octets of a body out to the skeleton and the leaves, and digests all of them in passing.
class body_splitter {
  public:
    // Where some of the body's octets go: to a leaf, or else to what is left in the skeleton.
    struct piece {
        std::optional<std::size_t> leaf;
        std::string_view octets;
    };

    // `leaves` ascend and do not overlap.
    explicit body_splitter(std::vector<place> leaves);

    // As many octets off the front of `octets`, which is not empty, as go to one place.
    piece take(std::string_view& octets);
    // No more octets follow; those of all leaves have been here. To be called exactly once.
    xproto::skeleton_table finish();

  private:
    std::vector<place> places_;
    xproto::skeleton_table table_; // of the leaves that are complete
    xproto::sha256_stream whole_;
    std::optional<xproto::sha256_stream> leaf_; // of the one that is not
};

// Puts a body together. The caller takes octets from where they are due, and they are the next of the body; what was
// put together is to be believed only when finish() says so.
class body_joiner {
  public:
    struct source {
        std::optional<std::size_t> leaf; // else what is left in the skeleton
        std::uint64_t octets = 0;        // how many are due from there now, one at least
    };

    explicit body_joiner(xproto::skeleton_table table) : table_(std::move(table)) {}

    // Nothing when the body is complete.
    std::optional<source> due() const;
    // Octets from the source that is due, no more than are. False: the leaf that they complete is not the one that
    // the table names.
    bool push(std::string_view octets);
    // Is the body complete, and the one that the table names? To be called exactly once.
    bool finish();

  private:
    xproto::skeleton_table table_;
    std::size_t next_ = 0; // index of the first leaf that is not complete
    std::uint64_t at_ = 0;
    xproto::sha256_stream whole_;
    std::optional<xproto::sha256_stream> leaf_;
};

} // namespace mapping::parts
