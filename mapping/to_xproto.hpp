// SMTP to xproto: a legacy message, whatever its octets, becomes three objects from which to_smtp() makes the same octets
// again (law L1, docs/mapping.md). Nothing is refused here: what cannot be read is carried raw.
#pragma once

#include "mapping/header_section.hpp"
#include "smtp/transaction.hpp"
#include "xproto/envelope.hpp"
#include "xproto/headers_object.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace mapping {

// Splits a message into header section and body while it streams, and digests the body in passing. Holds the header
// section in memory, never the body.
class message_splitter {
  public:
    struct limits {
        // A header section larger than this is cut at a field's border: the rest travels as the beginning of the body, so
        // that nothing needs to be refused and nothing is lost.
        std::size_t header_octets = 1 << 20;
        std::size_t fields = 4096;
    };
    // Octets of the body, to be stored in this order. `held` lives until the next call; `fresh` points into the input.
    struct body_pieces {
        std::string_view held;
        std::string_view fresh;
    };

    explicit message_splitter(limits l);
    message_splitter() : message_splitter(limits{}) {}

    body_pieces push(std::string_view octets);
    // No more octets follow. To be called exactly once.
    body_pieces finish();

    // After finish().
    const header_section& header() const;
    std::uint64_t body_octets() const;
    const xproto::digest& body_digest() const;

  private:
    header_section header_;
    std::string held_;
    xproto::sha256_stream digest_;
    xproto::digest body_digest_{};
    std::uint64_t body_octets_ = 0;
    limits limits_;
    // The implementer is free to add what the scan needs.
};

struct objects {
    xproto::envelope envelope; // without trace; the originator not yet signed
    std::string headers;       // message/headers as XML
};

// The objects of a message whose octets have all passed through the splitter. `id` is the xproto message id, `created`
// when the message was taken on. Certificate and signature of the originator are added by the caller.
objects to_xproto(const smtp::transaction& transaction, const message_splitter& message, std::string id,
                  xproto::unix_seconds created);

} // namespace mapping
