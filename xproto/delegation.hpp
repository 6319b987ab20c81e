// Validity by delegation: a certificate says in issuerAltName which domain stands behind it, and that domain's public
// data names the CA (docs/xproto.md, "Delegation"). These are the rules by which such a claim is worth a look; where
// the data comes from, DNS or LDAP, is no matter here.
//
// RFC 5280 does nothing with issuerAltName, and the CA that is found could sign any name at all. So the domain must lie
// above every name in the certificate, below the same registrable domain, and the CA is believed for nothing else.
#pragma once

#include "xproto/certificate.hpp"

#include <functional>
#include <optional>

namespace xproto {

// By the public suffix list: "ehsco.com" for "mail.ehsco.com". Nothing: the name itself is a public suffix. Names in
// A-labels, lower case.
using registrable_domain = std::function<std::optional<std::string>(std::string_view name)>;

// The one domain (in A-labels) that this certificate says delegated its names, when it may have: an error of fault
// wrong_name says which rule stands against it.
checked<std::string> delegating_domain(const certificate& leaf, const registrable_domain& registrable);

// Where DNS has the TLSA records that name a domain's CA: "_xproto-ca.ehsco.com".
std::string delegation_record(std::string_view domain);

// Is `domain` (in A-labels) the one domain that the certificate names in issuerAltName, and do all of its names lie at
// or below it? These are the name constraints under which a delegated CA is believed. Empty: yes; else why not.
std::string outside_delegation(const certificate& leaf, std::string_view domain);

} // namespace xproto
