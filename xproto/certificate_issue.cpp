// Making certificates: version 3, with the extensions of RFC 5280 section 4.2 that say what each may be used for.
#include "xproto/certificate_issue.hpp"

#include "xproto/certificate_native.hpp"
#include "xproto/utf8.hpp"

#include <openssl/rand.h>

#include <algorithm>
#include <cassert>
#include <new>

namespace xproto {

namespace {

using native::quiet;
using extension_owner = native::owner<X509_EXTENSION, X509_EXTENSION_free>;

constexpr std::size_t longest_address = 254; // RFC 5321 4.5.3.1.3: a path of 256 octets, < and > included
constexpr std::size_t longest_name = 253;    // of a host
constexpr std::size_t longest_label = 63;
constexpr std::size_t longest_common_name = 64; // RFC 5280, ub-common-name
constexpr std::size_t serial_octets = 16;       // RFC 5280 4.1.2.2: at most 20
constexpr long version_3 = 2;

// Failures here are want of memory or misuse: what depends on the caller has been checked before.
template <class T> T* must(T* p)
{
    if (p == nullptr) throw std::runtime_error("libcrypto could not make a certificate");
    return p;
}
void must(int result)
{
    if (result <= 0) throw std::runtime_error("libcrypto could not make a certificate");
}

bool is_host(std::string_view name)
{
    if (name.empty() || name.size() > longest_name) return false;
    for (;;) {
        const auto label = name.substr(0, name.find('.'));
        const bool letters = std::all_of(label.begin(), label.end(), [](char c) {
            return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
        });
        if (!letters || label.empty() || label.size() > longest_label || label.front() == '-' || label.back() == '-')
            return false;
        if (label.size() == name.size()) return true;
        name.remove_prefix(label.size() + 1);
    }
}

// Why an address cannot be certified exactly; empty: it can.
std::string unfit_address(std::string_view address)
{
    const auto at = address.rfind('@');
    if (address.size() > longest_address) return "is longer than 254 octets";
    if (at == std::string_view::npos || at == 0 || at + 1 == address.size()) return "has no local part or no domain";
    if (address.find('\0') != std::string_view::npos) return "holds a NUL";
    if (!is_utf8(address)) return "is not UTF-8";
    return {};
}

bool is_ascii(std::string_view s)
{
    return std::all_of(s.begin(), s.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

// A name for subjectAltName or issuerAltName, put into a list.
void add_dns(GENERAL_NAMES* to, std::string_view host)
{
    auto* name = must(GENERAL_NAME_new());
    must(sk_GENERAL_NAME_push(to, name));
    auto* text = must(ASN1_IA5STRING_new());
    GENERAL_NAME_set0_value(name, GEN_DNS, text);
    must(ASN1_STRING_set(text, host.data(), static_cast<int>(host.size())));
}

// ASCII as rfc822Name; everything else as SmtpUTF8Mailbox (RFC 9598), as it is written: a domain in U-labels stays so,
// because the address must come back octet for octet.
void add_address(GENERAL_NAMES* to, std::string_view address)
{
    auto* name = must(GENERAL_NAME_new());
    must(sk_GENERAL_NAME_push(to, name));
    if (is_ascii(address)) {
        auto* text = must(ASN1_IA5STRING_new());
        GENERAL_NAME_set0_value(name, GEN_EMAIL, text);
        must(ASN1_STRING_set(text, address.data(), static_cast<int>(address.size())));
        return;
    }
    auto* value = must(ASN1_TYPE_new());
    auto* text = must(ASN1_UTF8STRING_new());
    ASN1_TYPE_set(value, V_ASN1_UTF8STRING, text);
    must(ASN1_STRING_set(text, address.data(), static_cast<int>(address.size())));
    must(GENERAL_NAME_set0_othername(name, OBJ_nid2obj(NID_id_on_SmtpUTF8Mailbox), value));
}

class builder {
  public:
    builder(const public_key& key, validity period) : x_(must(X509_new()))
    {
        unsigned char serial[serial_octets];
        must(RAND_bytes(serial, sizeof serial));
        serial[0] = static_cast<unsigned char>((serial[0] & 0x7F) | 0x40); // positive, always of the same length
        const native::owner<BIGNUM, BN_free> number(must(BN_bin2bn(serial, sizeof serial, nullptr)));
        must(BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(x_.get())));
        must(X509_set_version(x_.get(), version_3));
        must(ASN1_TIME_set(X509_getm_notBefore(x_.get()), static_cast<time_t>(period.from)));
        must(ASN1_TIME_set(X509_getm_notAfter(x_.get()), static_cast<time_t>(period.until)));
        must(X509_set_pubkey(x_.get(), key.native().key.get()));
    }

    // An empty subject when the name is too long for one; subjectAltName is critical then (RFC 5280 4.2.1.6).
    void subject(std::string_view common_name)
    {
        if (common_name.size() > longest_common_name) return;
        named_ = true;
        must(X509_NAME_add_entry_by_NID(X509_get_subject_name(x_.get()), NID_commonName, MBSTRING_UTF8,
                                        native::octets(common_name), static_cast<int>(common_name.size()), -1, 0));
    }
    void issued_by(const X509* issuer)
    {
        issuer_ = issuer != nullptr ? issuer : x_.get();
        must(X509_set_issuer_name(x_.get(), X509_get_subject_name(issuer_)));
    }
    // An extension in libcrypto's notation.
    void add(int nid, const char* value)
    {
        X509V3_CTX context;
        X509V3_set_ctx(&context, const_cast<X509*>(issuer_), x_.get(), nullptr, nullptr, 0);
        const extension_owner e(must(X509V3_EXT_conf_nid(nullptr, &context, nid, value)));
        must(X509_add_ext(x_.get(), e.get(), -1));
    }
    void add_names(int nid, GENERAL_NAMES* list)
    {
        const bool critical = nid == NID_subject_alt_name && !named_;
        must(X509_add1_ext_i2d(x_.get(), nid, list, critical ? 1 : 0, X509V3_ADD_DEFAULT));
    }
    void add_policy(const std::string& oid)
    {
        const native::owner<CERTIFICATEPOLICIES, CERTIFICATEPOLICIES_free> list(must(CERTIFICATEPOLICIES_new()));
        auto* policy = must(POLICYINFO_new());
        must(sk_POLICYINFO_push(list.get(), policy));
        policy->policyid = must(OBJ_txt2obj(oid.c_str(), 1));
        must(X509_add1_ext_i2d(x_.get(), NID_certificate_policies, list.get(), 0, X509V3_ADD_DEFAULT));
    }
    certificate sign(const private_key& key)
    {
        const bool hashes_itself = key.algorithm() == algorithm::ed25519;
        must(X509_sign(x_.get(), key.native().key.get(), hashes_itself ? nullptr : EVP_sha256()));
        auto made = certificate::from_der(native::to_der(x_.get(), i2d_X509));
        assert(made);
        return *std::move(made);
    }

  private:
    native::x509 x_;
    const X509* issuer_ = nullptr;
    bool named_ = false;
};

native::names new_names()
{
    return native::names(must(GENERAL_NAMES_new()));
}

std::string unfit_period(validity period, const certificate* issuer)
{
    if (period.from > period.until) return "ends before it begins";
    const bool outlives = issuer != nullptr && period.until > issuer->not_after();
    return outlives ? "ends after its issuer's" : "";
}

// What host and user certificates have in common.
certificate issue(const certificate_authority& ca, const public_key& key, validity period, std::string_view name,
                  GENERAL_NAMES* names, const char* usage, const std::string& policy)
{
    const auto site = new_names();
    for (const auto& host : ca.own.dns_names()) add_dns(site.get(), host);
    builder b(key, period);
    b.subject(name);
    b.issued_by(ca.own.native().object.get());
    b.add(NID_basic_constraints, "critical,CA:FALSE");
    b.add(NID_key_usage, "critical,digitalSignature");
    b.add(NID_ext_key_usage, usage);
    b.add_names(NID_subject_alt_name, names);
    b.add_names(NID_issuer_alt_name, site.get());
    if (!policy.empty()) b.add_policy(policy);
    b.add(NID_subject_key_identifier, "hash");
    b.add(NID_authority_key_identifier, "keyid:always");
    return b.sign(ca.key);
}

} // namespace

checked<certificate_authority> make_ca(std::string_view site, validity period)
{
    if (!is_host(site)) return fault(certificate_fault::unfit, "the site " + std::string(site) + " is no DNS name");
    if (const auto what = unfit_period(period, nullptr); !what.empty())
        return fault(certificate_fault::unfit, "the period of validity " + what);
    const quiet silence;
    auto key = private_key::generate();
    const auto names = new_names();
    add_dns(names.get(), site);
    builder b(key.public_part(), period);
    const std::string subject(site);
    b.subject(subject.size() + 10 <= longest_common_name ? subject + " xproto CA"
                                                         : subject.substr(0, longest_common_name));
    b.issued_by(nullptr);
    b.add(NID_basic_constraints, "critical,CA:TRUE,pathlen:0");
    b.add(NID_key_usage, "critical,keyCertSign,cRLSign");
    b.add_names(NID_subject_alt_name, names.get());
    b.add(NID_subject_key_identifier, "hash");
    b.add(NID_authority_key_identifier, "keyid:always");
    auto own = b.sign(key);
    return certificate_authority{std::move(own), std::move(key)};
}

checked<certificate> make_host(const certificate_authority& ca, std::string_view host, const public_key& key,
                               validity period)
{
    if (!is_host(host)) return fault(certificate_fault::unfit, "the host " + std::string(host) + " is no DNS name");
    if (const auto what = unfit_period(period, &ca.own); !what.empty())
        return fault(certificate_fault::unfit, "the period of validity " + what);
    const quiet silence;
    const auto names = new_names();
    add_dns(names.get(), host);
    return issue(ca, key, period, host, names.get(), "serverAuth,clientAuth", {});
}

checked<certificate> make_user(const certificate_authority& ca, std::string_view address, const public_key& key,
                               std::string_view policy, validity period)
{
    if (const auto what = unfit_address(address); !what.empty())
        return fault(certificate_fault::unfit, "the address " + what + ", so that no certificate can hold it");
    if (const auto what = unfit_period(period, &ca.own); !what.empty())
        return fault(certificate_fault::unfit, "the period of validity " + what);
    const quiet silence;
    const std::string oid(policy);
    const native::owner<ASN1_OBJECT, ASN1_OBJECT_free> known(OBJ_txt2obj(oid.c_str(), 1));
    if (!known) return fault(certificate_fault::unfit, "the policy " + oid + " is no object identifier");
    const auto names = new_names();
    add_address(names.get(), address);
    return issue(ca, key, period, address, names.get(), "emailProtection", oid);
}

std::string process_address(std::string_view host)
{
    return "process@" + std::string(host);
}

} // namespace xproto
