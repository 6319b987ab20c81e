// TLSA data: read, made, compared.
#include "xproto/certificate_association.hpp"

#include "xproto/certificate_native.hpp"

#include <algorithm>

namespace xproto {

namespace {

constexpr std::uint8_t trust_anchor = 2;
constexpr std::size_t fixed_octets = 3;

std::string selected(const certificate& ca, std::uint8_t selector)
{
    if (selector == 0) return ca.der();
    return native::to_der(X509_get_X509_PUBKEY(ca.native().object.get()), i2d_X509_PUBKEY);
}

std::string digested(std::string_view octets, const EVP_MD* how)
{
    unsigned char out[EVP_MAX_MD_SIZE];
    unsigned size = 0;
    if (EVP_Digest(octets.data(), octets.size(), out, &size, how, nullptr) != 1)
        throw std::runtime_error("libcrypto could not digest");
    return {reinterpret_cast<const char*>(out), size};
}

std::string matched(std::string octets, std::uint8_t matching)
{
    if (matching == 1) return digested(octets, EVP_sha256());
    if (matching == 2) return digested(octets, EVP_sha512());
    return octets;
}

} // namespace

std::optional<certificate_association> certificate_association::from_rdata(std::string_view rdata,
                                                                           const certificate_limits& limits)
{
    if (rdata.size() <= fixed_octets || rdata.size() > fixed_octets + limits.octets) return std::nullopt;
    certificate_association read;
    read.usage = static_cast<std::uint8_t>(rdata[0]);
    read.selector = static_cast<std::uint8_t>(rdata[1]);
    read.matching = static_cast<std::uint8_t>(rdata[2]);
    read.data = rdata.substr(fixed_octets);
    return read;
}

certificate_association certificate_association::of(const certificate& ca, std::uint8_t selector, std::uint8_t matching)
{
    certificate_association made;
    made.usage = trust_anchor;
    made.selector = selector;
    made.matching = matching;
    made.data = matched(selected(ca, selector), matching);
    return made;
}

std::string certificate_association::to_text() const
{
    static constexpr std::string_view digits = "0123456789abcdef";
    auto text = std::to_string(usage) + " " + std::to_string(selector) + " " + std::to_string(matching) + " ";
    for (const char c : data) {
        text += digits[static_cast<unsigned char>(c) >> 4];
        text += digits[static_cast<unsigned char>(c) & 15];
    }
    return text;
}

bool certificate_association::names(const certificate& ca) const
{
    if (usage != trust_anchor || selector > 1 || matching > 2) return false;
    return data == matched(selected(ca, selector), matching);
}

std::optional<certificate> certificate_association::carried() const
{
    if (usage != trust_anchor || selector != 0 || matching != 0) return std::nullopt;
    auto read = certificate::from_der(data);
    if (!read) return std::nullopt;
    return *std::move(read);
}

std::vector<certificate> anchors_of(const std::vector<certificate_association>& records,
                                    const std::vector<certificate>& chain)
{
    std::vector<certificate> found;
    const auto add = [&](const certificate& one) {
        if (one.is_ca() && std::find(found.begin(), found.end(), one) == found.end()) found.push_back(one);
    };
    const auto count = std::min(records.size(), most_associations);
    for (std::size_t i = 0; i < count; ++i) {
        if (const auto one = records[i].carried()) add(*one);
        for (const auto& shown : chain)
            if (records[i].names(shown)) add(shown);
    }
    return found;
}

} // namespace xproto
