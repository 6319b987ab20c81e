// The proof of identity in HELO: a detached CMS SignedData (RFC 5652) over what only this session can know, with the
// host's certificate chain inside (docs/xproto.md, "Identity and certificates"). It verifies with stock tools, cannot
// be replayed in another session, and cannot be relayed to another server.
#pragma once

#include "xproto/certificate_store.hpp"

namespace xproto {

struct proof_limits {
    std::size_t octets = 32 * 1024;
    std::size_t certificates = 5;
};

// `chain` begins with the certificate of `key`; intermediates follow, the anchor need not be there. Refused as unfit: a
// key that is not the certificate's, and Ed25519 (OpenSSL 3.0 has no CMS for it).
checked<std::string> make_proof(const std::vector<certificate>& chain, const private_key& key,
                                std::string_view transcript);

struct proved {
    certificate leaf;
    std::vector<certificate> others; // the rest of the chain as it was sent
    std::vector<std::string> hosts;  // what the leaf names: never empty

    bool names(std::string_view host) const { return leaf.names_host(host); }
};

// Whoever sent this holds the key of the leaf certificate. That says nothing yet about the certificate.
checked<proved> open_proof(std::string_view der, std::string_view transcript, const proof_limits& limits = {});

struct valid_identity {
    proved who;
    validation why;        // which anchor, and until when
    std::size_t store = 0; // index of the store that has the anchor
};

// Possession of the key, and a path to an anchor of the first of `stores` that has one. The error tells which failed.
checked<valid_identity> verify_proof(std::string_view der, std::string_view transcript,
                                     const std::vector<const certificate_store*>& stores, unix_seconds now,
                                     const proof_limits& limits = {});

} // namespace xproto
