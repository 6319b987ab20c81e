// SHA-256 over octets as they pass: the digest by which every xproto object is named.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

struct evp_md_ctx_st; // libcrypto's EVP_MD_CTX

namespace xproto {

using digest = std::array<std::uint8_t, 32>;

// Digest of octets that are all here.
digest sha256(std::string_view octets);

// Digest of octets that arrive in pieces. finish() may be called once; afterwards the object is spent.
class sha256_stream {
  public:
    sha256_stream();
    ~sha256_stream();
    sha256_stream(sha256_stream&&) noexcept;
    sha256_stream& operator=(sha256_stream&&) noexcept;

    void update(std::string_view octets);
    digest finish();

  private:
    struct give_back {
        void operator()(evp_md_ctx_st* context) const noexcept;
    };
    std::unique_ptr<evp_md_ctx_st, give_back> context_;
};

// `sha-256:` and 64 lower-case hexadecimal digits: the written form in lines, objects and logs.
std::string to_text(const digest& value);
// Refuses everything but exactly that form.
std::optional<digest> digest_from_text(std::string_view text);

} // namespace xproto
