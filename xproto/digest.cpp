// SHA-256 by libcrypto, and its written form.
#include "xproto/digest.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <cassert>
#include <new>
#include <stdexcept>

namespace xproto {

namespace {

constexpr std::string_view prefix = "sha-256:";
constexpr std::string_view hex = "0123456789abcdef";

// What each octet stands for as a hexadecimal digit; all bits set: it is none.
constexpr auto halves = [] {
    std::array<std::uint8_t, 256> made{};
    made.fill(0xff);
    for (std::size_t i = 0; i < hex.size(); ++i)
        made[static_cast<unsigned char>(hex[i])] = static_cast<std::uint8_t>(i);
    return made;
}();

// Looked up once: a fetch costs more than the digest of a short message.
const EVP_MD* algorithm()
{
    static const EVP_MD* const found = EVP_MD_fetch(nullptr, "SHA256", nullptr);
    if (found == nullptr) throw std::runtime_error("libcrypto has no SHA-256");
    return found;
}

struct free_context {
    void operator()(EVP_MD_CTX* c) const { EVP_MD_CTX_free(c); }
};
using context_pointer = std::unique_ptr<EVP_MD_CTX, free_context>;

// A context that was used for this digest before begins again without allocating anything.
thread_local context_pointer spare;

context_pointer take_context()
{
    if (spare) return std::move(spare);
    context_pointer fresh(EVP_MD_CTX_new());
    if (!fresh) throw std::bad_alloc();
    return fresh;
}

// libcrypto's digest calls fail only for want of memory or on misuse.
void check(int result)
{
    if (result != 1) throw std::runtime_error("libcrypto's SHA-256 failed");
}

void begin(EVP_MD_CTX* context)
{
    check(EVP_DigestInit_ex2(context, algorithm(), nullptr));
}

digest end(EVP_MD_CTX* context)
{
    digest value{};
    unsigned size = 0;
    check(EVP_DigestFinal_ex(context, value.data(), &size));
    assert(size == value.size());
    return value;
}

} // namespace

void sha256_stream::give_back::operator()(evp_md_ctx_st* context) const noexcept
{
    if (spare)
        EVP_MD_CTX_free(context);
    else
        spare.reset(context);
}

sha256_stream::sha256_stream() : context_(take_context().release())
{
    begin(context_.get());
}

sha256_stream::~sha256_stream() = default;
sha256_stream::sha256_stream(sha256_stream&&) noexcept = default;
sha256_stream& sha256_stream::operator=(sha256_stream&&) noexcept = default;

void sha256_stream::update(std::string_view octets)
{
    assert(context_);
    check(EVP_DigestUpdate(context_.get(), octets.data(), octets.size()));
}

digest sha256_stream::finish()
{
    assert(context_);
    const auto value = end(context_.get());
    context_.reset();
    return value;
}

digest sha256(std::string_view octets)
{
    sha256_stream stream;
    stream.update(octets);
    return stream.finish();
}

std::string to_text(const digest& value)
{
    std::string out(prefix.size() + 2 * value.size(), '\0');
    auto* at = std::copy(prefix.begin(), prefix.end(), out.data());
    for (const auto octet : value) {
        *at++ = hex[octet >> 4];
        *at++ = hex[octet & 15];
    }
    return out;
}

std::optional<digest> digest_from_text(std::string_view text)
{
    digest value{};
    if (text.size() != prefix.size() + 2 * value.size() || !text.starts_with(prefix)) return std::nullopt;
    text.remove_prefix(prefix.size());
    unsigned seen = 0;
    for (std::size_t i = 0; i < value.size(); ++i) {
        const auto high = halves[static_cast<unsigned char>(text[2 * i])];
        const auto low = halves[static_cast<unsigned char>(text[2 * i + 1])];
        seen |= high | low;
        value[i] = static_cast<std::uint8_t>(high << 4 | low);
    }
    if (seen > 0xf) return std::nullopt;
    return value;
}

} // namespace xproto
