// CMS SignedData by libcrypto, accepted only in the narrow form that a HELO proof has.
#include "xproto/identity.hpp"

#include "xproto/certificate_native.hpp"

#include <openssl/cms.h>

#include <algorithm>
#include <new>

namespace xproto {

namespace {

using native::quiet;
using cms_owner = native::owner<CMS_ContentInfo, CMS_ContentInfo_free>;

struct free_stack {
    void operator()(STACK_OF(X509) * s) const { sk_X509_pop_free(s, X509_free); }
};
using certificates = std::unique_ptr<STACK_OF(X509), free_stack>;

certificate_error malformed(std::string what)
{
    return fault(certificate_fault::malformed, std::move(what));
}

// Only SHA-2 with 256 bits or more.
bool is_strong(const X509_ALGOR* a)
{
    const ASN1_OBJECT* oid = nullptr;
    X509_ALGOR_get0(&oid, nullptr, nullptr, a);
    const int nid = OBJ_obj2nid(oid);
    return nid == NID_sha256 || nid == NID_sha384 || nid == NID_sha512;
}

// The certificates inside, at most as many as the limit, and no revocation lists.
checked<std::vector<certificate>> read_certificates(CMS_ContentInfo* cms, const proof_limits& limits)
{
    auto* const lists = CMS_get1_crls(cms);
    const bool has_lists = lists != nullptr && sk_X509_CRL_num(lists) > 0;
    sk_X509_CRL_pop_free(lists, X509_CRL_free);
    if (has_lists) return malformed("the proof carries revocation lists");
    const certificates found(CMS_get1_certs(cms));
    const int count = found ? sk_X509_num(found.get()) : 0;
    if (count == 0) return malformed("the proof carries no certificate");
    if (static_cast<std::size_t>(count) > limits.certificates)
        return fault(certificate_fault::limit, "the proof carries more certificates than proof.certificates (" +
                                                   std::to_string(limits.certificates) + ")");
    std::vector<certificate> all;
    for (int i = 0; i < count; ++i) {
        auto one = certificate::from_der(native::to_der(sk_X509_value(found.get(), i), i2d_X509));
        if (!one) return std::move(one).error();
        all.push_back(*std::move(one));
    }
    return all;
}

// What CMS_verify() does once it knows the signer; itself it leaks memory whenever the content is in memory and the CMS
// is damaged (OpenSSL 3.0), which a peer could make use of.
bool is_signed(CMS_ContentInfo* cms, CMS_SignerInfo* signer, std::string_view transcript)
{
    auto content = native::reader(transcript);
    BIO* const digesting = CMS_dataInit(cms, content.get());
    if (digesting == nullptr) return false;
    static_cast<void>(content.release()); // now the end of the chain
    const native::owner<BIO, BIO_free_all> chain(digesting);
    char buffer[1024];
    while (BIO_read(chain.get(), buffer, sizeof buffer) > 0) {
    }
    const bool has_attributes = CMS_signed_get_attr_count(signer) >= 0;
    if (has_attributes && CMS_SignerInfo_verify(signer) != 1) return false;
    return CMS_SignerInfo_verify_content(signer, chain.get()) == 1;
}

} // namespace

checked<std::string> make_proof(const std::vector<certificate>& chain, const private_key& key,
                                std::string_view transcript)
{
    if (chain.empty() || chain.front().key() == nullptr || !(*chain.front().key() == key.public_part()))
        return fault(certificate_fault::unfit, "the key is not that of the first certificate of the chain");
    if (key.algorithm() == algorithm::ed25519)
        return fault(certificate_fault::unfit,
                     "an Ed25519 key cannot make a HELO proof; host keys are ECDSA P-256 or RSA");
    const quiet silence;
    const certificates others(sk_X509_new_null());
    if (!others) throw std::bad_alloc();
    for (std::size_t i = 1; i < chain.size(); ++i) {
        auto* x = chain[i].native().object.get();
        if (X509_up_ref(x) != 1 || sk_X509_push(others.get(), x) == 0) throw std::bad_alloc();
    }
    // Without attributes: libcrypto would put the time of day into them, and the transcript says all there is to say.
    const auto content = native::reader(transcript);
    const cms_owner cms(CMS_sign(chain.front().native().object.get(), key.native().key.get(), others.get(),
                                 content.get(), CMS_DETACHED | CMS_BINARY | CMS_NOATTR));
    if (!cms) throw std::runtime_error("libcrypto could not sign a HELO proof");
    return native::to_der(cms.get(), i2d_CMS_ContentInfo);
}

checked<proved> open_proof(std::string_view der, std::string_view transcript, const proof_limits& limits)
{
    if (der.size() > limits.octets)
        return fault(certificate_fault::limit,
                     "the proof has more octets than proof.octets (" + std::to_string(limits.octets) + ")");
    const quiet silence;
    const auto* p = native::octets(der);
    const cms_owner cms(d2i_CMS_ContentInfo(nullptr, &p, static_cast<long>(der.size())));
    if (!cms || p != native::octets(der) + der.size()) return malformed("the proof is no CMS ContentInfo");
    if (OBJ_obj2nid(CMS_get0_type(cms.get())) != NID_pkcs7_signed) return malformed("the proof is no CMS SignedData");
    if (CMS_is_detached(cms.get()) != 1 || OBJ_obj2nid(CMS_get0_eContentType(cms.get())) != NID_pkcs7_data)
        return malformed("the proof is not a detached signature over data");
    auto* const signers = CMS_get0_SignerInfos(cms.get());
    if (sk_CMS_SignerInfo_num(signers) != 1) return malformed("the proof has not exactly one signer");
    auto* const signer = sk_CMS_SignerInfo_value(signers, 0);

    auto carried = read_certificates(cms.get(), limits);
    if (!carried) return std::move(carried).error();
    const auto leaf = std::find_if(carried->begin(), carried->end(), [&](const certificate& c) {
        return CMS_SignerInfo_cert_cmp(signer, c.native().object.get()) == 0;
    });
    if (leaf == carried->end()) return malformed("the signer's certificate is not in the proof");
    X509_ALGOR* digest_algorithm = nullptr;
    CMS_SignerInfo_get0_algs(signer, nullptr, nullptr, &digest_algorithm, nullptr);
    if (leaf->key() == nullptr || !is_strong(digest_algorithm))
        return fault(certificate_fault::weak, "the proof's key or digest algorithm is not accepted");
    if (leaf->dns_names().empty())
        return fault(certificate_fault::wrong_name, "the certificate of " + leaf->subject() + " names no host");

    CMS_SignerInfo_set1_signer_cert(signer, leaf->native().object.get());
    if (!is_signed(cms.get(), signer, transcript))
        return fault(certificate_fault::not_signed,
                     "the proof's signature does not verify: another key, or another session's proof");
    auto hosts = leaf->dns_names();
    proved who{*leaf, {}, std::move(hosts)};
    carried->erase(leaf);
    who.others = *std::move(carried);
    return who;
}

checked<valid_identity> verify_proof(std::string_view der, std::string_view transcript,
                                     const std::vector<const certificate_store*>& stores, unix_seconds now,
                                     const proof_limits& limits)
{
    auto who = open_proof(der, transcript, limits);
    if (!who) return std::move(who).error();
    auto why_not = fault(certificate_fault::untrusted, "there is no anchor to validate it with");
    for (std::size_t i = 0; i < stores.size(); ++i) {
        auto why = stores[i]->validate(who->leaf, who->others, purpose::host, now);
        if (why) return valid_identity{*std::move(who), *std::move(why), i};
        // A store that knows the issuer says more than one that does not.
        if (why_not.fault == certificate_fault::untrusted) why_not = std::move(why).error();
    }
    return why_not;
}

} // namespace xproto
