// TLS contexts for the listeners and couriers, over OpenSSL. A context is made once from files and shared by all
// connections that use it; a reload makes new ones and leaves running connections alone.
#pragma once

#include <boost/system/result.hpp>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

struct ssl_ctx_st;
struct ssl_st;

namespace gateway::net {

struct tls_error {
    std::string what; // names the file or the setting
};
template <class T> using tls_result = boost::system::result<T, tls_error>;
[[noreturn]] void throw_exception_from_error(const tls_error& e, const boost::source_location& where);

// What a finished handshake tells.
struct tls_facts {
    std::string version;        // "TLSv1.3"
    std::string cipher;         // "TLS_AES_256_GCM_SHA384"
    std::string alpn;           // the protocol both agreed on; empty: none
    std::string exporter;       // RFC 9266 tls-exporter channel binding, 32 octets
    bool peer_verified = false; // did the peer's certificate validate, for the name asked for?
    std::string verify_text;    // why not
};

class tls_context {
  public:
    // SMTP STARTTLS as a server: TLS 1.2 or later, no client certificate asked for.
    static tls_result<tls_context> smtp_server(const std::string& chain_pem, const std::string& key_pem);
    // SMTP STARTTLS as a client, opportunistic (RFC 7435): goes on whatever the server's certificate is, and tells
    // whether it is that of the host, by the CAs in `ca_pem`, or without any by the system's.
    static tls_result<tls_context> smtp_client(const std::string& ca_pem = {});
    // xproto: TLS 1.3 only, ALPN `xproto/1` required. The client's identity is proved by its HELO, not by TLS.
    static tls_result<tls_context> xproto_server(const std::string& chain_pem, const std::string& key_pem);
    // The server's certificate must validate against the CAs in `ca_pem`; the name is checked for each connection.
    static tls_result<tls_context> xproto_client(const std::string& ca_pem);

    // Encrypts and proves nothing: for a server that proves itself by its HELO, which is bound to the channel.
    static tls_result<tls_context> xproto_client_unproved();

    // HTTPS: TLS 1.2 or later. The server's certificate must validate against the CAs in `ca_pem`, or without any
    // against the system's; the name is checked for each connection.
    static tls_result<tls_context> https_client(const std::string& ca_pem = {});

    ssl_ctx_st* native() const { return context_.get(); }
    bool verifies_peer() const { return verifies_peer_; }

  private:
    tls_context() = default;

    std::shared_ptr<ssl_ctx_st> context_;
    bool verifies_peer_ = false;
};

// The oldest error in OpenSSL's queue as a sentence; clears the queue.
std::string last_tls_error();

} // namespace gateway::net
