// Who this site is and whom it knows: its host certificate and key, its CA, the CAs of its peers, and the TLS contexts
// made of them. Read from the files that the configuration names; a reload makes a new one and sessions keep theirs.
#pragma once

#include "gateway/config/settings.hpp"
#include "gateway/net/tls.hpp"
#include "xproto/certificate_issue.hpp"
#include "xproto/certificate_store.hpp"

#include <boost/system/result.hpp>

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace gateway::site {

struct identity_error {
    std::string what; // names the file or the key of the configuration
};
[[noreturn]] void throw_exception_from_error(const identity_error& e, const boost::source_location& where);

// A host that has a [[peer]], or one that has been found valid without: with the anchors its certificates must lead to.
struct known_peer {
    config::peer settings;
    xproto::certificate_store store; // empty: of a [[peer]] without ca
    net::tls_context client_tls;     // for connections to it
};

class identity {
  public:
    static boost::system::result<std::shared_ptr<const identity>, identity_error> load(const config::settings& from);

    const std::vector<xproto::certificate>& chain() const { return chain_; } // the host's, leaf first
    const xproto::certificate& host() const { return chain_.front(); }
    const xproto::private_key& host_key() const { return key_; }
    const xproto::certificate_authority& ca() const { return *ca_; }

    const net::tls_context& smtp_server_tls() const { return *smtp_server_; }
    const net::tls_context& smtp_client_tls() const { return *smtp_client_; }
    const net::tls_context& xproto_server_tls() const { return *xproto_server_; }
    // For connections to hosts that have no [[peer]].
    const net::tls_context& unproved_client_tls() const { return *unproved_client_; }

    // Null: not in the configuration.
    const known_peer* peer(std::string_view host) const;
    // All that are in the configuration.
    const std::vector<const known_peer*>& peers() const { return all_peers_; }
    // Every store there is, this site's own CA first: who may have signed a hop.
    const std::vector<const xproto::certificate_store*>& stores() const { return stores_; }
    const xproto::certificate_store& own_store() const { return own_store_; }
    // CAs that validate hosts without a [[peer]] (trust.known_ca), and those that make them trusted (trust.trusted_ca).
    const xproto::certificate_store& known_store() const { return known_store_; }
    const xproto::certificate_store& trusted_store() const { return trusted_store_; }

  private:
    identity() = default;

    std::vector<xproto::certificate> chain_;
    xproto::private_key key_{nullptr};
    std::unique_ptr<xproto::certificate_authority> ca_;
    xproto::certificate_store own_store_, known_store_, trusted_store_;
    std::map<std::string, known_peer, std::less<>> peers_; // by host, lower case
    std::vector<const known_peer*> all_peers_;
    std::vector<const xproto::certificate_store*> stores_;
    std::unique_ptr<net::tls_context> smtp_server_, smtp_client_, xproto_server_, unproved_client_;
};

} // namespace gateway::site
