// X.509 certificates and the keys behind them, as values (docs/xproto.md, "Identity and certificates"). Host
// certificates name hosts (dNSName), user certificates name addresses (rfc822Name, or SmtpUTF8Mailbox of RFC 9598).
// Whether a certificate is believed is decided in xproto/certificate_store.hpp; making them is certificate_issue.hpp.
#pragma once

#include "xproto/digest.hpp"

#include <boost/system/result.hpp>

#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace xproto {

using unix_seconds = std::int64_t;

enum class certificate_fault {
    malformed,     // not what it should be: DER, PEM, CMS, a name that holds octets it may not
    limit,         // over a named limit
    expired,       // or not valid yet
    untrusted,     // no path to an anchor of the store
    wrong_name,    // it does not name the host or address in question
    wrong_purpose, // key usage, extended key usage, or a CA's certificate used as an end certificate
    weak,          // algorithm or key below the floor
    not_signed,    // the signature does not verify
    unfit,         // what was asked for cannot be put into a certificate exactly
};

struct certificate_error {
    certificate_fault fault = certificate_fault::malformed;
    std::string what; // a calm sentence that names the value in question
};

template <class T> using checked = boost::system::result<T, certificate_error>;

// For boost::system::result: value() without a check is a bug in this program, never an answer to input.
[[noreturn]] inline void throw_exception_from_error(const certificate_error& e, const boost::source_location&)
{
    throw std::logic_error(e.what);
}

// The names of signature algorithms in xproto objects. Nothing else is ever accepted.
namespace algorithm {
inline constexpr std::string_view ed25519 = "ed25519";
inline constexpr std::string_view ecdsa_p256 = "ecdsa-p256-sha256";
inline constexpr std::string_view rsa = "rsa-sha256"; // PKCS #1 v1.5, 2048 bits or more
} // namespace algorithm

class public_key {
  public:
    // A DER SubjectPublicKeyInfo (RFC 5280 4.1.2.7) of one of the algorithms above; others are refused as weak.
    static checked<public_key> from_der(std::string_view der);

    const std::string& to_der() const; // as it came, and so the key's name: it is not written anew
    std::string to_pem() const;
    std::string_view algorithm() const;
    // Does `signature` by `algorithm` over `octets` verify? An algorithm that is not this key's own is a plain no.
    bool verify(std::string_view algorithm, std::string_view octets, std::string_view signature) const;

    bool operator==(const public_key& other) const;

    struct handle;
    explicit public_key(std::shared_ptr<const handle> h);
    const handle& native() const { return *handle_; }

  private:
    std::shared_ptr<const handle> handle_;
};

// Copies share one key; the octets are wiped when the last one goes.
class private_key {
  public:
    static private_key generate();         // ECDSA P-256
    static private_key generate_ed25519(); // for trace signatures; the HELO proof needs P-256 or RSA
    // PKCS #8 or a traditional EC/RSA key, unencrypted.
    static checked<private_key> from_pem(std::string_view pem);

    std::string to_pem() const; // PKCS #8, unencrypted: for a file of mode 0600
    public_key public_part() const;
    std::string_view algorithm() const;
    std::string sign(std::string_view octets) const;

    struct handle;
    explicit private_key(std::shared_ptr<const handle> h);
    const handle& native() const { return *handle_; }

  private:
    std::shared_ptr<const handle> handle_;
};

struct certificate_limits {
    std::size_t octets = 16 * 1024; // of one certificate's DER
    std::size_t names = 256;        // in its subjectAltName
};

// One certificate, parsed once; copies are cheap and share it.
class certificate {
  public:
    // Exactly one certificate, nothing after it. Names that hold a NUL or octets their type does not allow are refused
    // here, so that no later comparison can be fooled by them.
    static checked<certificate> from_der(std::string_view der, const certificate_limits& limits = {});
    static checked<certificate> from_pem(std::string_view pem, const certificate_limits& limits = {});
    // All certificates of a PEM file, in its order; at least one.
    static checked<std::vector<certificate>> all_from_pem(std::string_view pem, const certificate_limits& limits = {});

    const std::string& der() const;
    std::string to_pem() const;
    const digest& sha256() const;
    const std::vector<std::string>& dns_names() const;        // subjectAltName dNSName, as written
    const std::vector<std::string>& addresses() const;        // rfc822Name and SmtpUTF8Mailbox, as written
    const std::vector<std::string>& issuer_dns_names() const; // issuerAltName dNSName: who is said to have delegated
    const std::vector<std::string>& policies() const;         // certificatePolicies, dotted decimal
    unix_seconds not_before() const;
    unix_seconds not_after() const;
    bool is_ca() const;
    const std::string& subject() const; // RFC 4514 text, for logs
    const std::string& issuer() const;
    const public_key* key() const; // nullptr: of an algorithm that is never accepted
    bool is_weakly_signed() const; // by its issuer, with SHA-1, MD5, or anything else below 112 bits

    // Compared as DNS names, without regard to letter case. Wildcards name nothing: a host certificate names hosts.
    bool names_host(std::string_view host) const;
    // Local part octet for octet, domain without regard to ASCII letter case.
    bool names_address(std::string_view address) const;

    bool operator==(const certificate& other) const { return sha256() == other.sha256(); }

    struct handle;
    explicit certificate(std::shared_ptr<const handle> h);
    const handle& native() const { return *handle_; }

  private:
    std::shared_ptr<const handle> handle_;
};

bool same_host(std::string_view a, std::string_view b);
bool same_address(std::string_view a, std::string_view b);

} // namespace xproto
