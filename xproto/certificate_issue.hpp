// A site's own certificate authority: it certifies the site's hosts, and the senders whose mail comes in by SMTP
// (docs/xproto.md, "Identity and certificates"). Keys and serial numbers come from libcrypto's random generator; time
// is given by the caller.
#pragma once

#include "xproto/certificate.hpp"

namespace xproto {

struct validity {
    unix_seconds from = 0;
    unix_seconds until = 0; // not after the issuer's own end
};

struct certificate_authority {
    certificate own;
    private_key key;
};

// A self-signed CA for `site`, a DNS name. Everything it issues carries the site as issuerAltName, by which others find
// out whether the site is a DNS parent of the name certified (delegation).
checked<certificate_authority> make_ca(std::string_view site, validity period);

// For a host, a DNS name without wildcards: signs trace hops and HELO proofs, and serves for TLS on both sides.
checked<certificate> make_host(const certificate_authority& ca, std::string_view host, const public_key& key,
                               validity period);

// For exactly this address, as it stands in MAIL FROM between < and >. `policy` is the OID that says how the address
// was authenticated. Refused as unfit: an address that a certificate cannot hold octet for octet (over 254 octets, no
// local part or domain, a NUL, octets that are no UTF-8); the message then travels without a sender certificate.
checked<certificate> make_user(const certificate_authority& ca, std::string_view address, const public_key& key,
                               std::string_view policy, validity period);

// The address of a host's own mail and of the null sender's: "process@" and the host.
std::string process_address(std::string_view host);

} // namespace xproto
