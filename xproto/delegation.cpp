// Which domain may have delegated the names of a certificate.
#include "xproto/delegation.hpp"

#include "xproto/domain_name.hpp"

#include <algorithm>

namespace xproto {

namespace {

constexpr std::string_view record_label = "_xproto-ca.";
constexpr std::size_t longest_name = 253;

certificate_error wrong(std::string what)
{
    return {certificate_fault::wrong_name, std::move(what)};
}

// The domain of each host and address that a certificate names, as it is written.
std::vector<std::string> domains_of(const certificate& leaf)
{
    auto all = leaf.dns_names();
    for (const auto& address : leaf.addresses()) all.push_back(address.substr(address.rfind('@') + 1));
    return all;
}

// The issuerAltName as a domain name: exactly one.
checked<std::string> claimed(const certificate& leaf)
{
    const auto& names = leaf.issuer_dns_names();
    if (names.empty()) return wrong("the certificate names no delegating domain (issuerAltName)");
    if (names.size() > 1) return wrong("the certificate names more than one delegating domain (issuerAltName)");
    auto domain = to_a_labels(names.front());
    if (!domain) return wrong(names.front() + " in issuerAltName is not a domain name");
    return {boost::system::in_place_value, *std::move(domain)};
}

// The registrable domain must lie at or above the delegating one. So neither a public suffix nor anything above it can
// delegate, and no suffix lies between: whoever runs `github.io` does not speak for `ehsco.github.io`.
std::string against(const std::string& domain, const std::string& name, const registrable_domain& registrable)
{
    const auto site = registrable(name);
    if (!site) return name + " is a public suffix, and nobody's own domain";
    if (!is_at_or_below(domain, *site)) return domain + " lies above " + *site + ", so it is shared by many";
    return {};
}

} // namespace

std::string delegation_record(std::string_view domain)
{
    return std::string(record_label).append(domain);
}

std::string outside_delegation(const certificate& leaf, std::string_view domain)
{
    const auto said = claimed(leaf);
    if (!said) return said.error().what;
    if (*said != domain)
        return "the certificate names " + *said + " as the delegating domain, not " + std::string(domain);
    const auto names = domains_of(leaf);
    if (names.empty()) return "the certificate names neither a host nor an address";
    for (const auto& written : names) {
        const auto name = to_a_labels(written);
        if (!name) return written + " is not a domain name that can be delegated";
        if (!is_at_or_below(*name, domain)) return written + " does not lie below " + std::string(domain);
    }
    return {};
}

checked<std::string> delegating_domain(const certificate& leaf, const registrable_domain& registrable)
{
    const auto domain = claimed(leaf);
    if (!domain) return domain.error();
    if (domain->find('.') == std::string::npos) return wrong(*domain + " is a single label, which cannot delegate");
    if (record_label.size() + domain->size() > longest_name)
        return wrong(*domain + " is too long a name to have delegation data");
    if (auto why = outside_delegation(leaf, *domain); !why.empty()) return wrong(std::move(why));
    for (const auto& written : domains_of(leaf))
        if (auto why = against(*domain, *to_a_labels(written), registrable); !why.empty()) return wrong(std::move(why));
    return {boost::system::in_place_value, *domain};
}

} // namespace xproto
