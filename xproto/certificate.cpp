// Certificates from DER and PEM, and what they name.
#include "xproto/certificate.hpp"

#include "xproto/certificate_native.hpp"
#include "xproto/utf8.hpp"

#include <openssl/pem.h>

#include <algorithm>
#include <new>

namespace xproto {

namespace {

using native::quiet;
using policies = native::owner<CERTIFICATEPOLICIES, CERTIFICATEPOLICIES_free>;

char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

std::string_view view(const ASN1_STRING* s)
{
    return {reinterpret_cast<const char*>(ASN1_STRING_get0_data(s)), static_cast<std::size_t>(ASN1_STRING_length(s))};
}

std::string dotted(const ASN1_OBJECT* oid)
{
    char text[256];
    const int size = OBJ_obj2txt(text, sizeof text, oid, 1);
    return size > 0 && size < static_cast<int>(sizeof text) ? std::string(text) : std::string();
}

// The extension as libcrypto decodes it; absent is no error, a broken or repeated one is.
template <class Owner> bool read_extension(const X509* x, int nid, Owner& out)
{
    int state = 0;
    out.reset(static_cast<typename Owner::pointer>(X509_get_ext_d2i(x, nid, &state, nullptr)));
    return out || state == -1;
}

bool is_ascii(std::string_view s, char lowest)
{
    return std::all_of(s.begin(), s.end(), [&](char c) { return c >= lowest && static_cast<unsigned char>(c) < 0x80; });
}

bool is_address(std::string_view s)
{
    const auto at = s.rfind('@');
    return at != std::string_view::npos && at != 0 && at + 1 != s.size() && s.find('\0') == std::string_view::npos;
}

// The SmtpUTF8Mailbox (RFC 9598) in an otherName; nothing: another kind of name. False: a malformed one.
bool read_other_name(const OTHERNAME* other, std::vector<std::string>& addresses)
{
    if (OBJ_obj2nid(other->type_id) != NID_id_on_SmtpUTF8Mailbox) return true;
    if (other->value->type != V_ASN1_UTF8STRING) return false;
    const auto address = view(other->value->value.utf8string);
    if (!is_utf8(address) || !is_address(address)) return false;
    addresses.emplace_back(address);
    return true;
}

// `addresses` may be null: not wanted. False: a name that holds octets it may not.
bool read_names(const GENERAL_NAMES* list, std::vector<std::string>& hosts, std::vector<std::string>* addresses)
{
    for (int i = 0; i < sk_GENERAL_NAME_num(list); ++i) {
        const auto* name = sk_GENERAL_NAME_value(list, i);
        if (name->type == GEN_DNS) {
            const auto host = view(name->d.dNSName);
            if (host.empty() || !is_ascii(host, '!')) return false;
            hosts.emplace_back(host);
        } else if (name->type == GEN_EMAIL && addresses != nullptr) {
            const auto address = view(name->d.rfc822Name);
            if (!is_ascii(address, '\1') || !is_address(address)) return false;
            addresses->emplace_back(address);
        } else if (name->type == GEN_OTHERNAME && addresses != nullptr) {
            if (!read_other_name(name->d.otherName, *addresses)) return false;
        }
    }
    return true;
}

std::string name_text(const X509_NAME* name)
{
    const native::bio out(BIO_new(BIO_s_mem()));
    if (!out || X509_NAME_print_ex(out.get(), name, 0, XN_FLAG_RFC2253) < 0) return {};
    return native::contents(out.get());
}

std::optional<unix_seconds> read_time(const ASN1_TIME* t)
{
    static const native::owner<ASN1_TIME, ASN1_TIME_free> epoch(ASN1_TIME_set(nullptr, 0));
    int days = 0, seconds = 0;
    if (ASN1_TIME_diff(&days, &seconds, epoch.get(), t) != 1) return std::nullopt;
    return unix_seconds{days} * 86400 + seconds;
}

// Unknown algorithms count as weak: nobody here could verify them.
bool is_weakly_signed(X509* x)
{
    constexpr int fewest_bits = 112;
    int bits = 0;
    return X509_get_signature_info(x, nullptr, nullptr, &bits, nullptr) != 1 || bits < fewest_bits;
}

// Everything but the octets. What is wrong; empty: nothing.
std::string fill(certificate::handle& h, const certificate_limits& limits)
{
    X509* const x = h.object.get();
    native::names subject_names, issuer_names;
    policies policy_list;
    if (!read_extension(x, NID_subject_alt_name, subject_names)) return "its subjectAltName is malformed";
    if (!read_extension(x, NID_issuer_alt_name, issuer_names)) return "its issuerAltName is malformed";
    if (!read_extension(x, NID_certificate_policies, policy_list)) return "its certificatePolicies are malformed";
    const auto count = sk_GENERAL_NAME_num(subject_names.get()) + sk_GENERAL_NAME_num(issuer_names.get());
    if (count > 0 && static_cast<std::size_t>(count) > limits.names)
        return "it has more names than certificate.names (" + std::to_string(limits.names) + ")";
    if (!read_names(subject_names.get(), h.dns_names, &h.addresses) ||
        !read_names(issuer_names.get(), h.issuer_dns_names, nullptr))
        return "a name in it holds octets that such a name may not hold";
    for (int i = 0; i < sk_POLICYINFO_num(policy_list.get()); ++i)
        h.policies.push_back(dotted(sk_POLICYINFO_value(policy_list.get(), i)->policyid));
    const auto not_before = read_time(X509_get0_notBefore(x)), not_after = read_time(X509_get0_notAfter(x));
    if (!not_before || !not_after) return "its times of validity are malformed";
    h.not_before = *not_before;
    h.not_after = *not_after;
    h.is_ca = X509_check_ca(x) == 1;
    h.weakly_signed = is_weakly_signed(x);
    h.subject = name_text(X509_get_subject_name(x));
    h.issuer = name_text(X509_get_issuer_name(x));
    if (auto* key = X509_get0_pubkey(x); key != nullptr && !native::algorithm_of(key).empty()) {
        auto k = std::make_shared<public_key::handle>();
        EVP_PKEY_up_ref(key);
        k->key.reset(key);
        k->algorithm = native::algorithm_of(key);
        k->der = native::to_der(X509_get_X509_PUBKEY(x), i2d_X509_PUBKEY);
        h.key = public_key(std::move(k));
    }
    return {};
}

} // namespace

certificate::certificate(std::shared_ptr<const handle> h) : handle_(std::move(h)) {}

checked<certificate> certificate::from_der(std::string_view der, const certificate_limits& limits)
{
    if (der.size() > limits.octets)
        return fault(certificate_fault::limit, "a certificate of " + std::to_string(der.size()) +
                                                   " octets is over certificate.octets (" +
                                                   std::to_string(limits.octets) + ")");
    const quiet silence;
    const auto* p = native::octets(der);
    auto h = std::make_shared<handle>();
    h->object.reset(d2i_X509(nullptr, &p, static_cast<long>(der.size())));
    if (!h->object || p != native::octets(der) + der.size())
        return fault(certificate_fault::malformed, "the octets are no certificate");
    if (auto what = fill(*h, limits); !what.empty())
        return fault(certificate_fault::malformed, "the certificate of " + h->subject + ": " + what);
    h->der = der;
    h->sha256 = xproto::sha256(der);
    return certificate(std::move(h));
}

checked<std::vector<certificate>> certificate::all_from_pem(std::string_view pem, const certificate_limits& limits)
{
    const quiet silence;
    const auto in = native::reader(pem);
    std::vector<certificate> all;
    for (;;) {
        char* name = nullptr;
        char* header = nullptr;
        unsigned char* data = nullptr;
        long size = 0;
        if (PEM_read_bio(in.get(), &name, &header, &data, &size) != 1) break;
        const bool is_certificate = std::string_view(name) == PEM_STRING_X509;
        auto one = from_der({reinterpret_cast<const char*>(data), static_cast<std::size_t>(size)}, limits);
        OPENSSL_free(name);
        OPENSSL_free(header);
        OPENSSL_free(data);
        if (!is_certificate) continue; // a key may stand in the same file
        if (!one) return std::move(one).error();
        all.push_back(*std::move(one));
    }
    const bool at_end = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
    if (!at_end) return fault(certificate_fault::malformed, "the PEM text is broken");
    if (all.empty()) return fault(certificate_fault::malformed, "no certificate in PEM");
    return all;
}

checked<certificate> certificate::from_pem(std::string_view pem, const certificate_limits& limits)
{
    auto all = all_from_pem(pem, limits);
    if (!all) return std::move(all).error();
    if (all->size() != 1) return fault(certificate_fault::malformed, "more than one certificate in PEM");
    return std::move(all->front());
}

std::string certificate::to_pem() const
{
    const native::bio out(BIO_new(BIO_s_mem()));
    if (!out || PEM_write_bio_X509(out.get(), handle_->object.get()) != 1) throw std::bad_alloc();
    return native::contents(out.get());
}

const std::string& certificate::der() const
{
    return handle_->der;
}

const digest& certificate::sha256() const
{
    return handle_->sha256;
}

const std::vector<std::string>& certificate::dns_names() const
{
    return handle_->dns_names;
}

const std::vector<std::string>& certificate::addresses() const
{
    return handle_->addresses;
}

const std::vector<std::string>& certificate::issuer_dns_names() const
{
    return handle_->issuer_dns_names;
}

const std::vector<std::string>& certificate::policies() const
{
    return handle_->policies;
}

unix_seconds certificate::not_before() const
{
    return handle_->not_before;
}

unix_seconds certificate::not_after() const
{
    return handle_->not_after;
}

bool certificate::is_ca() const
{
    return handle_->is_ca;
}

const std::string& certificate::subject() const
{
    return handle_->subject;
}

const std::string& certificate::issuer() const
{
    return handle_->issuer;
}

const public_key* certificate::key() const
{
    return handle_->key ? &*handle_->key : nullptr;
}

bool certificate::is_weakly_signed() const
{
    return handle_->weakly_signed;
}

bool certificate::names_host(std::string_view host) const
{
    if (host.find('*') != std::string_view::npos) return false;
    return std::any_of(dns_names().begin(), dns_names().end(), [&](const auto& name) { return same_host(name, host); });
}

bool certificate::names_address(std::string_view address) const
{
    return std::any_of(addresses().begin(), addresses().end(),
                       [&](const auto& name) { return same_address(name, address); });
}

bool same_host(std::string_view a, std::string_view b)
{
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) { return lower(x) == lower(y); });
}

bool same_address(std::string_view a, std::string_view b)
{
    const auto at_a = a.rfind('@'), at_b = b.rfind('@');
    if (at_a == std::string_view::npos || at_b == std::string_view::npos) return a == b;
    return a.substr(0, at_a) == b.substr(0, at_b) && same_host(a.substr(at_a), b.substr(at_b));
}

} // namespace xproto
