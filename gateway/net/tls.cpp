// TLS contexts over OpenSSL.
#include "gateway/net/tls.hpp"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>

#include <array>
#include <stdexcept>

namespace gateway::net {

namespace {

constexpr std::size_t tls_read_octets = 64 * 1024; // of a connection's read buffer; it is given back when it is empty

constexpr std::array<unsigned char, 9> alpn_xproto{8, 'x', 'p', 'r', 'o', 't', 'o', '/', '1'};

using bio_ptr = std::unique_ptr<BIO, decltype(&BIO_free)>;
using x509_ptr = std::unique_ptr<X509, decltype(&X509_free)>;
using key_ptr = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;

bio_ptr memory(const std::string& pem)
{
    return {BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), &BIO_free};
}

std::shared_ptr<SSL_CTX> make(const SSL_METHOD* method, int least_version)
{
    std::shared_ptr<SSL_CTX> context(SSL_CTX_new(method), &SSL_CTX_free);
    if (!context) throw std::bad_alloc();
    SSL_CTX_set_min_proto_version(context.get(), least_version);
    SSL_CTX_set_options(context.get(), SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION);
    SSL_CTX_set_read_ahead(context.get(), 1); // several records at one read
    SSL_CTX_set_default_read_buffer_len(context.get(), tls_read_octets);
    SSL_CTX_set_mode(context.get(),
                     SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    return context;
}

tls_error failure(const std::string& what)
{
    return {what + ": " + last_tls_error()};
}

// Certificate chain, leaf first, and the leaf's key.
boost::system::result<void, tls_error> use_identity(SSL_CTX* context, const std::string& chain_pem,
                                                    const std::string& key_pem)
{
    const auto chain = memory(chain_pem);
    x509_ptr leaf(PEM_read_bio_X509_AUX(chain.get(), nullptr, nullptr, nullptr), &X509_free);
    if (!leaf || SSL_CTX_use_certificate(context, leaf.get()) != 1)
        return failure("the TLS certificate cannot be used");
    while (X509* next = PEM_read_bio_X509(chain.get(), nullptr, nullptr, nullptr)) {
        if (SSL_CTX_add0_chain_cert(context, next) == 1) continue;
        X509_free(next);
        return failure("the TLS certificate chain cannot be used");
    }
    ERR_clear_error(); // the end of the PEM text is reported as an error
    const auto key_text = memory(key_pem);
    key_ptr key(PEM_read_bio_PrivateKey(key_text.get(), nullptr, nullptr, nullptr), &EVP_PKEY_free);
    if (!key || SSL_CTX_use_PrivateKey(context, key.get()) != 1) return failure("the TLS key cannot be used");
    if (SSL_CTX_check_private_key(context) != 1) return failure("the TLS key does not belong to the certificate");
    return {};
}

// How many certificates of the PEM text are believed now.
std::size_t add_anchors(SSL_CTX* context, const std::string& ca_pem)
{
    const auto text = memory(ca_pem);
    auto* store = SSL_CTX_get_cert_store(context);
    std::size_t count = 0;
    while (X509* ca = PEM_read_bio_X509(text.get(), nullptr, nullptr, nullptr)) {
        X509_STORE_add_cert(store, ca);
        X509_free(ca);
        ++count;
    }
    ERR_clear_error();
    return count;
}

int choose_xproto(SSL*, const unsigned char** out, unsigned char* out_size, const unsigned char* in,
                  unsigned int in_size, void*)
{
    unsigned char* chosen = nullptr;
    if (SSL_select_next_proto(&chosen, out_size, alpn_xproto.data(), alpn_xproto.size(), in, in_size) !=
        OPENSSL_NPN_NEGOTIATED)
        return SSL_TLSEXT_ERR_ALERT_FATAL;
    *out = chosen;
    return SSL_TLSEXT_ERR_OK;
}

} // namespace

void throw_exception_from_error(const tls_error& e, const boost::source_location&)
{
    throw std::logic_error(e.what);
}

std::string last_tls_error()
{
    const auto code = ERR_get_error();
    if (code == 0) return "no reason given";
    std::array<char, 256> text{};
    ERR_error_string_n(code, text.data(), text.size());
    ERR_clear_error();
    return text.data();
}

tls_result<tls_context> tls_context::smtp_server(const std::string& chain_pem, const std::string& key_pem)
{
    tls_context made;
    made.context_ = make(TLS_server_method(), TLS1_2_VERSION);
    if (auto used = use_identity(made.native(), chain_pem, key_pem); !used) return used.error();
    return made;
}

tls_result<tls_context> tls_context::smtp_client(const std::string& ca_pem)
{
    tls_context made;
    made.context_ = make(TLS_client_method(), TLS1_2_VERSION);
    SSL_CTX_set_verify(made.native(), SSL_VERIFY_NONE, nullptr); // looked at, and told
    made.verifies_peer_ = true;
    if (ca_pem.empty())
        SSL_CTX_set_default_verify_paths(made.native());
    else if (add_anchors(made.native(), ca_pem) == 0)
        return tls_error{"smtp.ca holds no certificate"};
    return made;
}

tls_result<tls_context> tls_context::xproto_server(const std::string& chain_pem, const std::string& key_pem)
{
    tls_context made;
    made.context_ = make(TLS_server_method(), TLS1_3_VERSION);
    if (auto used = use_identity(made.native(), chain_pem, key_pem); !used) return used.error();
    SSL_CTX_set_alpn_select_cb(made.native(), &choose_xproto, nullptr);
    return made;
}

tls_result<tls_context> tls_context::xproto_client(const std::string& ca_pem)
{
    tls_context made;
    made.context_ = make(TLS_client_method(), TLS1_3_VERSION);
    if (add_anchors(made.native(), ca_pem) == 0) return tls_error{"the peer's CA file holds no certificate"};
    SSL_CTX_set_verify(made.native(), SSL_VERIFY_PEER, nullptr);
    if (SSL_CTX_set_alpn_protos(made.native(), alpn_xproto.data(), alpn_xproto.size()) != 0)
        return failure("ALPN cannot be set");
    made.verifies_peer_ = true;
    return made;
}

tls_result<tls_context> tls_context::xproto_client_unproved()
{
    tls_context made;
    made.context_ = make(TLS_client_method(), TLS1_3_VERSION);
    SSL_CTX_set_verify(made.native(), SSL_VERIFY_NONE, nullptr);
    if (SSL_CTX_set_alpn_protos(made.native(), alpn_xproto.data(), alpn_xproto.size()) != 0)
        return failure("ALPN cannot be set");
    return made;
}

tls_result<tls_context> tls_context::https_client(const std::string& ca_pem)
{
    tls_context made;
    made.context_ = make(TLS_client_method(), TLS1_2_VERSION);
    SSL_CTX_set_verify(made.native(), SSL_VERIFY_PEER, nullptr);
    made.verifies_peer_ = true;
    if (ca_pem.empty())
        SSL_CTX_set_default_verify_paths(made.native());
    else if (add_anchors(made.native(), ca_pem) == 0)
        return tls_error{"the CA file holds no certificate"};
    return made;
}

} // namespace gateway::net
