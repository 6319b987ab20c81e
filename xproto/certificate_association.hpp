// Which CA a domain has, as its public delegation data says: the "certificate association data" of a TLSA record
// (RFC 6698 section 2). One that holds a whole certificate is that certificate; one that holds a key or a digest needs
// the certificate itself from elsewhere, from the chain that a peer has shown.
#pragma once

#include "xproto/certificate.hpp"

#include <optional>

namespace xproto {

struct certificate_association {
    std::uint8_t usage = 2;    // 2: a trust anchor (DANE-TA); others name end certificates or public CAs
    std::uint8_t selector = 0; // 0: the whole certificate, 1: its SubjectPublicKeyInfo
    std::uint8_t matching = 0; // 0: the octets themselves, 1: their SHA-256, 2: their SHA-512
    std::string data;

    // The RDATA of a TLSA record. Nothing: too short, or longer than a certificate may be.
    static std::optional<certificate_association> from_rdata(std::string_view rdata,
                                                             const certificate_limits& limits = {});
    // For this CA. `selector` and `matching` as above.
    static certificate_association of(const certificate& ca, std::uint8_t selector, std::uint8_t matching);

    // As a zone file has it: "2 0 1 9F86...".
    std::string to_text() const;
    bool names(const certificate& ca) const;
    // The certificate in it, when it holds one.
    std::optional<certificate> carried() const;

    bool operator==(const certificate_association&) const = default;
};

constexpr std::size_t most_associations = 16; // records of one domain that are looked at

// The CAs that these records name as trust anchors: those in the records, and those of the chain that a record names.
// Certificates that are no CA's are left out, and so are records of other usages and of unknown selectors and types.
std::vector<certificate> anchors_of(const std::vector<certificate_association>& records,
                                    const std::vector<certificate>& chain);

} // namespace xproto
