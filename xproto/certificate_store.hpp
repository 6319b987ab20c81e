// Validity: whether a certificate may be used by who presents it, according to a set of trust anchors (RFC 5280
// section 6). Validity is not trust (docs/xproto.md, "Identity and certificates"): policy decides what a valid peer may
// do.
#pragma once

#include "xproto/certificate.hpp"
#include "xproto/recently_used.hpp"

#include <tuple>

namespace xproto {

enum class purpose {
    host, // the certificate names hosts; extended key usage, when present, has serverAuth or clientAuth
    user, // the certificate names addresses; extended key usage, when present, has emailProtection
};

struct validation {
    certificate anchor; // the one of the store that the path ends in: whom to thank, or to block
    unix_seconds from = 0;
    unix_seconds until = 0; // the whole path is valid between these
    // The domain whose public data names the anchor; empty: the anchor is one of the local store.
    std::string delegated_by{};
};

// A set of trust anchors. Const use is safe from several threads at once.
class certificate_store {
  public:
    static constexpr int path_length = 5; // certificates from leaf to anchor, both counted

    certificate_store(); // trusts nobody
    explicit certificate_store(std::vector<certificate> anchors);
    // Anchors that the public data of `domain` (in A-labels) names: believed for certificates of names at or below it,
    // which say in issuerAltName that it delegated them, and for no others.
    certificate_store(std::vector<certificate> anchors, std::string domain);
    ~certificate_store();
    certificate_store(certificate_store&&) noexcept;
    certificate_store& operator=(certificate_store&&) noexcept;

    const std::vector<certificate>& anchors() const;
    // Names the set of anchors and the domain: equal sets have equal ids, whatever their order.
    const digest& id() const;
    // The domain that delegated to the anchors; empty: they are believed for any name.
    const std::string& domain() const;

    // Is there a path from `leaf` over `others` (untrusted intermediates) to an anchor, valid at `at`? Signatures below
    // 112 bits of strength, SHA-1 and MD5 are refused. Revocation lists are not consulted.
    checked<validation> validate(const certificate& leaf, const std::vector<certificate>& others, purpose use,
                                 unix_seconds at) const;
    // The same, and the certificate names this host, or this address.
    checked<validation> validate_host(const certificate& leaf, const std::vector<certificate>& others,
                                      std::string_view host, unix_seconds at) const;
    checked<validation> validate_user(const certificate& leaf, const std::vector<certificate>& others,
                                      std::string_view address, unix_seconds at) const;

  private:
    struct native;
    std::unique_ptr<native> native_;
};

// Remembers successful validations, so that a sender's certificate that comes with every message is parsed and
// validated once. Least recently used entries go first; an entry holds only within the validity of its path and for the
// set of anchors it was found with. Not synchronised: one per thread, or under its owner's lock.
class validation_cache {
  public:
    static constexpr std::size_t largest = 4096; // octets of a certificate that is remembered; others are read anew

    explicit validation_cache(std::size_t capacity = 4096) : parsed_(capacity), valid_(capacity) {}

    // The certificate of these octets, parsed or remembered. `name` must be their SHA-256 (read_envelope() checks
    // that).
    checked<certificate> parse(const digest& name, std::string_view der);
    checked<validation> validate(const certificate_store& store, const certificate& leaf,
                                 const std::vector<certificate>& others, purpose use, unix_seconds at);

    std::uint64_t hits() const { return hits_; }

  private:
    using key = std::tuple<digest, digest, purpose>; // certificate, set of anchors, purpose

    recently_used<digest, certificate> parsed_;
    recently_used<key, validation> valid_;
    std::uint64_t hits_ = 0;
};

} // namespace xproto
