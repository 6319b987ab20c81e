// libcrypto's objects behind certificates and keys, owned. Only the implementation files of certificates, identity and
// trace include this.
#pragma once

#include "xproto/certificate.hpp"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <optional>

namespace xproto {

namespace native {

template <auto Free> struct deleter {
    template <class T> void operator()(T* p) const { Free(p); }
};
template <class T, auto Free> using owner = std::unique_ptr<T, deleter<Free>>;

using pkey = owner<EVP_PKEY, EVP_PKEY_free>;
using x509 = owner<X509, X509_free>;
using bio = owner<BIO, BIO_free>;
using names = owner<GENERAL_NAMES, GENERAL_NAMES_free>;

// Leaves libcrypto's queue of errors as it was: what is left in it would be taken for a later call's failure.
class quiet {
  public:
    quiet() { ERR_set_mark(); }
    ~quiet() { ERR_pop_to_mark(); }
    quiet(const quiet&) = delete;
    quiet& operator=(const quiet&) = delete;
};

inline const unsigned char* octets(std::string_view s)
{
    return reinterpret_cast<const unsigned char*>(s.data());
}

// A read-only BIO over these octets, which must outlive it.
bio reader(std::string_view octets);
std::string contents(BIO* memory);

// Runs one of libcrypto's i2d functions.
template <class T, class Encode> std::string to_der(T* object, Encode encode)
{
    unsigned char* out = nullptr;
    const int size = encode(object, &out);
    if (size < 0) throw std::bad_alloc();
    std::string der(reinterpret_cast<const char*>(out), static_cast<std::size_t>(size));
    OPENSSL_free(out);
    return der;
}

// The name of the signature algorithm of a key that is strong enough; empty: none that is accepted.
std::string_view algorithm_of(const EVP_PKEY* key);

} // namespace native

inline certificate_error fault(certificate_fault f, std::string what)
{
    return {f, std::move(what)};
}

struct public_key::handle {
    native::pkey key;
    std::string_view algorithm;
    std::string der;
};

struct private_key::handle {
    native::pkey key;
    std::string_view algorithm;
    std::optional<public_key> open; // made at once: libcrypto takes long to make it
};

struct certificate::handle {
    native::x509 object;
    std::string der;
    digest sha256{};
    std::vector<std::string> dns_names, addresses, issuer_dns_names, policies;
    unix_seconds not_before = 0, not_after = 0;
    bool is_ca = false;
    bool weakly_signed = false;
    std::string subject, issuer;
    std::optional<public_key> key;
};

} // namespace xproto
