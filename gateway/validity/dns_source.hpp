// CAs from DNS: TLSA records at `_xproto-ca.` and the domain. What is not secure by DNSSEC is not believed.
#pragma once

#include "gateway/net/resolver.hpp"
#include "gateway/validity/ca_source.hpp"

#include <memory>

namespace gateway::validity {

// `dns` must outlive the source, and be one that validates.
std::unique_ptr<ca_source> make_dns_source(net::resolver& dns);

} // namespace gateway::validity
