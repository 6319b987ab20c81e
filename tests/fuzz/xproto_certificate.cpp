// Chains of certificates from anybody: whatever they hold, nobody is believed without an anchor, and a delegated anchor
// is believed for names of its own domain only. The input: certificates, each after its length in two octets; the first
// is the leaf, the second the anchor, all others lie between.
#include "xproto/certificate_association.hpp"
#include "xproto/certificate_store.hpp"
#include "xproto/delegation.hpp"
#include "xproto/domain_name.hpp"

#include <cstdint>
#include <cstdlib>

namespace {

using namespace xproto;

constexpr std::size_t most = 12;

std::vector<certificate> read(std::string_view octets)
{
    std::vector<certificate> chain;
    while (octets.size() >= 2 && chain.size() < most) {
        const auto high = static_cast<unsigned char>(octets[0]), low = static_cast<unsigned char>(octets[1]);
        octets.remove_prefix(2);
        const auto der = octets.substr(0, std::size_t{high} << 8 | low);
        octets.remove_prefix(der.size());
        if (auto one = certificate::from_der(der)) chain.push_back(*std::move(one));
    }
    return chain;
}

// A public suffix list in which every last label stands, and nothing else.
std::optional<std::string> registrable(std::string_view name)
{
    const auto last = name.rfind('.');
    if (last == std::string_view::npos) return std::nullopt;
    const auto before = name.substr(0, last).rfind('.');
    return std::string(before == std::string_view::npos ? name : name.substr(before + 1));
}

void check_delegation(const certificate& leaf, const std::vector<certificate>& chain, purpose use)
{
    const auto domain = delegating_domain(leaf, registrable);
    if (!domain) return;
    if (!outside_delegation(leaf, *domain).empty() || to_a_labels(*domain) != *domain) std::abort();
    for (const auto& name : leaf.dns_names())
        if (!is_at_or_below(to_a_labels(name).value(), *domain)) std::abort();
    const certificate_store delegated({chain[1]}, *domain), local({chain[1]});
    // Delegation may only take away.
    const auto at = leaf.not_before();
    if (delegated.validate(leaf, chain, use, at) && !local.validate(leaf, chain, use, at)) std::abort();
    if (certificate_store({chain[1]}, "elsewhere.test").validate(leaf, chain, use, at) && *domain != "elsewhere.test")
        std::abort();
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const std::string_view octets(reinterpret_cast<const char*>(data), size);
    if (const auto record = certificate_association::from_rdata(octets)) {
        static_cast<void>(record->to_text());
        static_cast<void>(record->carried());
    }
    const auto chain = read(octets);
    if (chain.size() < 2) return 0;
    const auto& leaf = chain.front();
    const certificate_store nobody, local({chain[1]});
    for (const auto use : {purpose::host, purpose::user}) {
        if (nobody.validate(leaf, chain, use, leaf.not_before())) std::abort();
        const auto found = local.validate(leaf, chain, use, leaf.not_before());
        if (found && (found->anchor.der() != chain[1].der() || found->until > leaf.not_after())) std::abort();
        check_delegation(leaf, chain, use);
    }
    for (const std::uint8_t selector : {0, 1})
        for (const std::uint8_t matching : {0, 1, 2})
            for (const auto& anchor : anchors_of({certificate_association::of(chain[1], selector, matching)}, chain))
                if (!anchor.is_ca()) std::abort();
    return 0;
}
