// Path validation by libcrypto, with its verdicts put into words.
#include "xproto/certificate_store.hpp"

#include "xproto/certificate_native.hpp"
#include "xproto/delegation.hpp"

#include <openssl/x509_vfy.h>

#include <algorithm>
#include <new>

namespace xproto {

namespace {

using native::quiet;
using store_owner = native::owner<X509_STORE, X509_STORE_free>;
using context_owner = native::owner<X509_STORE_CTX, X509_STORE_CTX_free>;

constexpr int security_level = 2; // 112 bits: RSA of 2048 bits, no SHA-1

struct free_stack {
    void operator()(STACK_OF(X509) * s) const { sk_X509_free(s); } // the certificates belong to others
};
using borrowed = std::unique_ptr<STACK_OF(X509), free_stack>;

X509* pointer(const certificate& c)
{
    return c.native().object.get();
}

// The order of anchors does not matter, and neither does one that stands twice.
digest id_of(const std::vector<certificate>& anchors, std::string_view domain)
{
    std::vector<digest> names;
    for (const auto& a : anchors) names.push_back(a.sha256());
    std::sort(names.begin(), names.end());
    names.erase(std::unique(names.begin(), names.end()), names.end());
    sha256_stream all;
    for (const auto& n : names) all.update({reinterpret_cast<const char*>(n.data()), n.size()});
    all.update(domain);
    return all.finish();
}

// What libcrypto should check key usage and extended key usage for, along the whole path.
int libcrypto_purpose(X509* leaf, purpose use)
{
    if (use == purpose::user) return X509_PURPOSE_SMIME_SIGN;
    return (X509_get_extended_key_usage(leaf) & XKU_SSL_CLIENT) != 0 ? X509_PURPOSE_SSL_CLIENT
                                                                     : X509_PURPOSE_SSL_SERVER;
}

certificate_fault kind_of(int error)
{
    switch (error) {
    case X509_V_ERR_CERT_NOT_YET_VALID:
    case X509_V_ERR_CERT_HAS_EXPIRED: return certificate_fault::expired;
    case X509_V_ERR_INVALID_PURPOSE:
    case X509_V_ERR_INVALID_CA:
    case X509_V_ERR_KEYUSAGE_NO_CERTSIGN:
    case X509_V_ERR_KEYUSAGE_NO_DIGITAL_SIGNATURE: return certificate_fault::wrong_purpose;
    case X509_V_ERR_PERMITTED_VIOLATION:
    case X509_V_ERR_EXCLUDED_VIOLATION: return certificate_fault::wrong_name;
    case X509_V_ERR_EE_KEY_TOO_SMALL:
    case X509_V_ERR_CA_KEY_TOO_SMALL:
    case X509_V_ERR_CA_MD_TOO_WEAK: return certificate_fault::weak;
    case X509_V_ERR_CERT_SIGNATURE_FAILURE: return certificate_fault::not_signed;
    default: return certificate_fault::untrusted;
    }
}

std::string named(const certificate& c)
{
    return "the certificate of " + (c.subject().empty() ? "(no subject)" : c.subject());
}

} // namespace

struct certificate_store::native {
    std::vector<certificate> anchors;
    std::string domain;
    digest id{};
    store_owner store{X509_STORE_new()};
};

certificate_store::certificate_store() : certificate_store(std::vector<certificate>()) {}

certificate_store::certificate_store(std::vector<certificate> anchors)
    : certificate_store(std::move(anchors), std::string())
{
}

certificate_store::certificate_store(std::vector<certificate> anchors, std::string domain)
    : native_(std::make_unique<native>())
{
    if (!native_->store) throw std::bad_alloc();
    native_->id = id_of(anchors, domain);
    native_->domain = std::move(domain);
    for (const auto& a : anchors)
        if (X509_STORE_add_cert(native_->store.get(), pointer(a)) != 1) throw std::bad_alloc();
    native_->anchors = std::move(anchors);
}

certificate_store::~certificate_store() = default;
certificate_store::certificate_store(certificate_store&&) noexcept = default;
certificate_store& certificate_store::operator=(certificate_store&&) noexcept = default;

const std::vector<certificate>& certificate_store::anchors() const
{
    return native_->anchors;
}

const digest& certificate_store::id() const
{
    return native_->id;
}

const std::string& certificate_store::domain() const
{
    return native_->domain;
}

checked<validation> certificate_store::validate(const certificate& leaf, const std::vector<certificate>& others,
                                                purpose use, unix_seconds at) const
{
    if (leaf.is_ca()) return fault(certificate_fault::wrong_purpose, named(leaf) + " is a certificate authority's");
    if (leaf.key() == nullptr)
        return fault(certificate_fault::weak, named(leaf) + " has a key of an algorithm or size that is not accepted");
    if ((X509_get_key_usage(pointer(leaf)) & KU_DIGITAL_SIGNATURE) == 0)
        return fault(certificate_fault::wrong_purpose, named(leaf) + " is not for signatures (keyUsage)");
    if (!domain().empty())
        if (const auto why = outside_delegation(leaf, domain()); !why.empty())
            return fault(certificate_fault::wrong_name, named(leaf) + ": " + why);

    const quiet silence;
    const borrowed untrusted(sk_X509_new_null());
    const context_owner context(X509_STORE_CTX_new());
    if (!untrusted || !context) throw std::bad_alloc();
    for (const auto& c : others)
        if (sk_X509_push(untrusted.get(), pointer(c)) == 0) throw std::bad_alloc();
    if (X509_STORE_CTX_init(context.get(), native_->store.get(), pointer(leaf), untrusted.get()) != 1)
        throw std::bad_alloc();
    auto* const rules = X509_STORE_CTX_get0_param(context.get());
    X509_VERIFY_PARAM_set_time(rules, static_cast<time_t>(at));
    X509_VERIFY_PARAM_set_flags(rules, X509_V_FLAG_PARTIAL_CHAIN); // an anchor need not be self-signed
    X509_VERIFY_PARAM_set_depth(rules, path_length - 2);           // counts what lies between leaf and anchor
    X509_VERIFY_PARAM_set_auth_level(rules, security_level);
    X509_VERIFY_PARAM_set_purpose(rules, libcrypto_purpose(pointer(leaf), use));

    if (X509_verify_cert(context.get()) != 1) {
        const int error = X509_STORE_CTX_get_error(context.get());
        const auto* const about = X509_STORE_CTX_get_current_cert(context.get());
        const bool of_leaf = about == nullptr || about == pointer(leaf);
        return fault(kind_of(error),
                     named(leaf) + (of_leaf ? ": " : ", further up its path: ") + X509_verify_cert_error_string(error));
    }
    const auto* const path = X509_STORE_CTX_get0_chain(context.get());
    const int last = sk_X509_num(path) - 1;
    const auto anchor = std::find_if(native_->anchors.begin(), native_->anchors.end(), [&](const certificate& a) {
        return X509_cmp(pointer(a), sk_X509_value(path, last)) == 0;
    });
    if (anchor == native_->anchors.end())
        return fault(certificate_fault::untrusted, named(leaf) + " has a path that ends in no anchor");
    validation found{*anchor, std::max(leaf.not_before(), anchor->not_before()),
                     std::min(leaf.not_after(), anchor->not_after()), domain()};
    for (int i = 1; i < last; ++i) {
        const auto between = std::find_if(others.begin(), others.end(), [&](const certificate& c) {
            return X509_cmp(pointer(c), sk_X509_value(path, i)) == 0;
        });
        if (between == others.end()) continue; // an anchor itself, passed on the way to another
        found.from = std::max(found.from, between->not_before());
        found.until = std::min(found.until, between->not_after());
    }
    return found;
}

checked<validation> certificate_store::validate_host(const certificate& leaf, const std::vector<certificate>& others,
                                                     std::string_view host, unix_seconds at) const
{
    if (!leaf.names_host(host))
        return fault(certificate_fault::wrong_name, named(leaf) + " does not name the host " + std::string(host));
    return validate(leaf, others, purpose::host, at);
}

checked<validation> certificate_store::validate_user(const certificate& leaf, const std::vector<certificate>& others,
                                                     std::string_view address, unix_seconds at) const
{
    if (!leaf.names_address(address))
        return fault(certificate_fault::wrong_name, named(leaf) + " does not name the address " + std::string(address));
    return validate(leaf, others, purpose::user, at);
}

checked<certificate> validation_cache::parse(const digest& name, std::string_view der)
{
    if (const auto* known = parsed_.find(name)) {
        ++hits_;
        return *known;
    }
    auto fresh = certificate::from_der(der);
    if (fresh && der.size() <= largest) parsed_.put(name, *fresh);
    return fresh;
}

checked<validation> validation_cache::validate(const certificate_store& store, const certificate& leaf,
                                               const std::vector<certificate>& others, purpose use, unix_seconds at)
{
    const key name{leaf.sha256(), store.id(), use};
    if (const auto* known = valid_.find(name); known != nullptr && known->from <= at && at <= known->until) {
        ++hits_;
        return *known;
    }
    auto fresh = store.validate(leaf, others, use, at);
    if (fresh && leaf.der().size() <= largest) valid_.put(name, *fresh);
    return fresh;
}

} // namespace xproto
