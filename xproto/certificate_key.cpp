// Keys: generating, PEM and DER, signing, verifying.
#include "xproto/certificate_native.hpp"

#include <openssl/ec.h>
#include <openssl/pem.h>

#include <new>

namespace xproto {

namespace native {

constexpr int shortest_rsa = 2048;
constexpr int longest_rsa = 8192; // longer ones only serve to keep verifiers busy

bio reader(std::string_view octets)
{
    bio b(BIO_new_mem_buf(octets.data(), static_cast<int>(octets.size())));
    if (!b) throw std::bad_alloc();
    return b;
}

std::string contents(BIO* memory)
{
    char* data = nullptr;
    const auto size = BIO_get_mem_data(memory, &data);
    return {data, static_cast<std::size_t>(size)};
}

std::string_view algorithm_of(const EVP_PKEY* key)
{
    switch (EVP_PKEY_get_base_id(key)) {
    case EVP_PKEY_ED25519: return algorithm::ed25519;
    case EVP_PKEY_EC: {
        char group[64] = {};
        std::size_t size = 0;
        const bool known = EVP_PKEY_get_group_name(key, group, sizeof group, &size) == 1;
        return known && std::string_view(group, size) == SN_X9_62_prime256v1 ? algorithm::ecdsa_p256 : "";
    }
    case EVP_PKEY_RSA: {
        const int bits = EVP_PKEY_get_bits(key);
        return bits >= shortest_rsa && bits <= longest_rsa ? algorithm::rsa : "";
    }
    default: return {};
    }
}

namespace {

using md_context = owner<EVP_MD_CTX, EVP_MD_CTX_free>;

md_context new_context()
{
    md_context c(EVP_MD_CTX_new());
    if (!c) throw std::bad_alloc();
    return c;
}

// Ed25519 hashes by itself.
const char* digest_for(std::string_view algorithm)
{
    return algorithm == algorithm::ed25519 ? nullptr : "SHA256";
}

// Never asks a terminal.
int no_passphrase(char*, int, int, void*)
{
    return -1;
}

} // namespace

} // namespace native

// --- public ----------------------------------------------------------------------------------------------------------

public_key::public_key(std::shared_ptr<const handle> h) : handle_(std::move(h)) {}

checked<public_key> public_key::from_der(std::string_view der)
{
    const native::quiet silence;
    const auto* p = native::octets(der);
    native::pkey key(d2i_PUBKEY(nullptr, &p, static_cast<long>(der.size())));
    if (!key || p != native::octets(der) + der.size())
        return fault(certificate_fault::malformed, "the octets are no SubjectPublicKeyInfo");
    const auto algorithm = native::algorithm_of(key.get());
    if (algorithm.empty())
        return fault(certificate_fault::weak, "the key is none of Ed25519, ECDSA P-256 and RSA of 2048 bits or more");
    auto h = std::make_shared<handle>();
    h->key = std::move(key);
    h->algorithm = algorithm;
    h->der = der;
    return public_key(std::move(h));
}

const std::string& public_key::to_der() const
{
    return handle_->der;
}

std::string public_key::to_pem() const
{
    const native::bio out(BIO_new(BIO_s_mem()));
    if (!out || PEM_write_bio_PUBKEY(out.get(), handle_->key.get()) != 1) throw std::bad_alloc();
    return native::contents(out.get());
}

std::string_view public_key::algorithm() const
{
    return handle_->algorithm;
}

bool public_key::verify(std::string_view algorithm, std::string_view octets, std::string_view signature) const
{
    if (algorithm != handle_->algorithm) return false;
    const native::quiet silence;
    const auto context = native::new_context();
    return EVP_DigestVerifyInit_ex(context.get(), nullptr, native::digest_for(algorithm), nullptr, nullptr,
                                   handle_->key.get(), nullptr) == 1 &&
           EVP_DigestVerify(context.get(), native::octets(signature), signature.size(), native::octets(octets),
                            octets.size()) == 1;
}

bool public_key::operator==(const public_key& other) const
{
    return EVP_PKEY_eq(handle_->key.get(), other.handle_->key.get()) == 1;
}

// --- private ---------------------------------------------------------------------------------------------------------

private_key::private_key(std::shared_ptr<const handle> h) : handle_(std::move(h)) {}

namespace {

std::shared_ptr<private_key::handle> own(EVP_PKEY* fresh)
{
    if (fresh == nullptr) throw std::runtime_error("libcrypto could not generate a key");
    auto h = std::make_shared<private_key::handle>();
    h->key.reset(fresh);
    h->algorithm = native::algorithm_of(fresh);
    h->open = public_key::from_der(native::to_der(fresh, i2d_PUBKEY)).value();
    return h;
}

} // namespace

private_key private_key::generate()
{
    return private_key(own(EVP_EC_gen("P-256")));
}

private_key private_key::generate_ed25519()
{
    return private_key(own(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519")));
}

checked<private_key> private_key::from_pem(std::string_view pem)
{
    const native::quiet silence;
    const auto in = native::reader(pem);
    native::pkey key(PEM_read_bio_PrivateKey(in.get(), nullptr, native::no_passphrase, nullptr));
    if (!key) return fault(certificate_fault::malformed, "no unencrypted private key in PEM");
    if (native::algorithm_of(key.get()).empty())
        return fault(certificate_fault::weak, "the key is none of Ed25519, ECDSA P-256 and RSA of 2048 bits or more");
    return private_key(own(key.release()));
}

std::string private_key::to_pem() const
{
    const native::bio out(BIO_new(BIO_s_secmem()));
    if (!out ||
        PEM_write_bio_PKCS8PrivateKey(out.get(), handle_->key.get(), nullptr, nullptr, 0, nullptr, nullptr) != 1)
        throw std::bad_alloc();
    return native::contents(out.get());
}

public_key private_key::public_part() const
{
    return *handle_->open;
}

std::string_view private_key::algorithm() const
{
    return handle_->algorithm;
}

std::string private_key::sign(std::string_view octets) const
{
    const native::quiet silence;
    const auto context = native::new_context();
    std::string out;
    std::size_t size = 0;
    const bool begun = EVP_DigestSignInit_ex(context.get(), nullptr, native::digest_for(handle_->algorithm), nullptr,
                                             nullptr, handle_->key.get(), nullptr) == 1 &&
                       EVP_DigestSign(context.get(), nullptr, &size, native::octets(octets), octets.size()) == 1;
    if (begun) out.resize(size);
    if (!begun || EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(out.data()), &size,
                                 native::octets(octets), octets.size()) != 1)
        throw std::runtime_error("libcrypto could not sign");
    out.resize(size);
    return out;
}

} // namespace xproto
