// CAs from LDAP: entries of class inetDnsDomain below cn=inetResources, and the attribute cACertificate of their
// auxiliary class pkiCA (RFC 4523), from a directory that the configuration names for the domain.
#pragma once

#include "gateway/config/settings.hpp"
#include "gateway/validity/ca_source.hpp"

#include <boost/asio/io_context.hpp>

#include <memory>

namespace gateway::validity {

// Looks up in a thread of its own, one domain after the other. `timeout` is for connecting, and for the answer.
std::unique_ptr<ca_source> make_ldap_source(boost::asio::io_context& context, const config::directory& directory,
                                            std::chrono::seconds timeout);

// "cn=inetResources,dc=ehsco,dc=com"
std::string ldap_base(std::string_view domain);

} // namespace gateway::validity
