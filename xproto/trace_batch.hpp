// One signature over many byte strings (docs/xproto.md, "Batches"): what signing and verifying cost a busy host then no
// longer depends on how many messages it passes.
#pragma once

#include "xproto/certificate.hpp"
#include "xproto/envelope.hpp"
#include "xproto/recently_used.hpp"

#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

namespace xproto {

// Gathers what one key is to sign, and signs it all at once.
class signature_batch {
  public:
    // More would make paths of more than trace_limits::path digests.
    static constexpr std::size_t most = 4096;

    // `octets` are those of an originator or a hop (xproto/trace.hpp); `beside`, unless empty, is signed with them, as
    // the leaf next to theirs. Tells which of sign()'s results is theirs.
    std::size_t add(std::string_view octets, std::string_view beside = {});
    std::size_t size() const { return leaves_.size(); }
    bool is_full() const { return leaves_.size() == most; }

    // A signature for each, in the order of add(). One alone, with nothing beside it, is signed without a path.
    std::vector<signature> sign(const private_key& key) const;

  private:
    std::vector<digest> leaves_;                // of those with something beside them, the node above both
    std::vector<std::optional<digest>> beside_; // the leaf next to each
    std::string first_;
};

// Remembers batches whose signature was verified, so that the other messages of each need only their path checked.
// Not synchronised: one per thread, or under its owner's lock.
class verified_batches {
  public:
    explicit verified_batches(std::size_t capacity = 1024) : known_(capacity) {}

    // public_key::verify(), or the memory of it.
    bool verify(const public_key& key, const signature& s, std::string_view signed_octets);

  private:
    recently_used<digest, bool> known_; // of key, algorithm, signed octets and signature
};

} // namespace xproto
