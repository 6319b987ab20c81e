// A legacy sender as a user certificate (docs/mapping.md, "Senders"): the gateway's own CA certifies, for a few days,
// that mail came in under exactly this address, and how much was checked about it. It never claims more than was
// checked.
#pragma once

#include "xproto/certificate_issue.hpp"
#include "xproto/envelope.hpp"

#include <list>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace mapping {

// How an address was authenticated. Whoever asks for a certificate says what was checked; nothing here checks it.
enum class assurance {
    nothing,            // it is what the client said
    network,            // the client is in a network that may send for this site
    client_certificate, // the client proved a certificate that may send for this site
    login,              // the client proved an account (SMTP AUTH, RFC 4954) that may use the address
    spf,                // the client may send for the address's domain (RFC 7208: pass)
    dkim,               // the address's domain signed the message (RFC 6376: pass)
    dmarc,              // SPF or DKIM passed, in line with the From field of the same domain (RFC 7489)
    smime,              // a valid S/MIME signature of the message (RFC 8551) names the address
};

// The certificate policy (RFC 5280 4.2.1.4) that says so. The arc is that of xproto: 99 is its short name on the wire,
// which no certificate could hold.
std::string_view policy_of(assurance how);
// What a user certificate says; nothing when it has none of these policies, or several.
std::optional<assurance> assurance_of(const xproto::certificate& user);

// The reverse-path that a user certificate stands for, octet for octet; `process@host` is the null sender of its host.
// Nothing when it names no address, or several.
std::optional<std::string> reverse_path_of(const xproto::certificate& user, std::string_view host);

struct sender_certificate {
    xproto::digest name{};
    std::string der;
    xproto::unix_seconds from = 0;
    xproto::unix_seconds until = 0;
};

// Makes certificates for senders and remembers them. All of them share one key, which is the gateway's to sign with.
// Not synchronised: one per thread, or under its owner's lock.
class sender_certificates {
  public:
    struct limits {
        std::size_t cached = 16384;                // about 1.2 KB each; the least recently used go first
        xproto::unix_seconds validity = 7 * 86400; // from now on; not beyond the CA's own
        xproto::unix_seconds renew_before = 86400; // a certificate with less time left is made anew
        xproto::unix_seconds backdate = 600;       // for hosts whose clocks are behind ours
    };

    // `host` is whose process@ certificate stands for the null sender.
    sender_certificates(xproto::certificate_authority ca, xproto::private_key key, std::string host, limits l);
    sender_certificates(xproto::certificate_authority ca, xproto::private_key key, std::string host);

    // The certificate for what stood between < and > of MAIL FROM. Fails for an address that no certificate can hold
    // octet for octet (a bare `postmaster`, more than 254 octets), and when the CA has expired: the message then
    // travels without one.
    xproto::checked<std::shared_ptr<const sender_certificate>> find(std::string_view reverse_path, assurance how,
                                                                    xproto::unix_seconds now);
    // Signs with this.
    const xproto::private_key& key() const { return key_; }
    std::size_t cached() const { return entries_.size(); }

  private:
    using name = std::pair<std::string, assurance>;
    struct entry {
        name key;
        std::shared_ptr<const sender_certificate> made;
    };
    using order = std::list<entry>;

    bool is_fresh(const sender_certificate& made, xproto::unix_seconds now) const;
    void remember(name key, std::shared_ptr<const sender_certificate> made);

    xproto::certificate_authority ca_;
    xproto::private_key key_;
    xproto::public_key public_key_;
    std::string host_;
    limits limits_;
    order entries_; // most recently used first
    std::map<name, order::iterator> index_;
};

// Makes `certificate` the originator's.
void put_certificate(xproto::envelope& envelope, const sender_certificate& certificate);

} // namespace mapping
