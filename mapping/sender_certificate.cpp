// Issuing and remembering; what a certificate can hold is for xproto/certificate_issue.cpp to say.
#include "mapping/sender_certificate.hpp"

#include <algorithm>
#include <array>

namespace mapping {

namespace {

struct policy_row {
    assurance how;
    std::string_view oid;
};
// In the order of the enumeration. 2.25 is the arc of UUIDs (ITU-T X.667), which needs no registration:
// 53b10ec1-1265-44c2-b0fb-70b22e11ce7f is xproto's, and 1 below it is for these policies.
constexpr std::array policies{
    policy_row{assurance::nothing, "2.25.111245259444571654714576359568669003391.1.1"},
    policy_row{assurance::network, "2.25.111245259444571654714576359568669003391.1.2"},
    policy_row{assurance::client_certificate, "2.25.111245259444571654714576359568669003391.1.3"},
    policy_row{assurance::login, "2.25.111245259444571654714576359568669003391.1.4"},
    policy_row{assurance::spf, "2.25.111245259444571654714576359568669003391.1.5"},
    policy_row{assurance::dkim, "2.25.111245259444571654714576359568669003391.1.6"},
    policy_row{assurance::dmarc, "2.25.111245259444571654714576359568669003391.1.7"},
    policy_row{assurance::smime, "2.25.111245259444571654714576359568669003391.1.8"},
};

} // namespace

std::string_view policy_of(assurance how)
{
    return policies[static_cast<std::size_t>(how)].oid;
}

std::optional<assurance> assurance_of(const xproto::certificate& user)
{
    std::optional<assurance> found;
    for (const auto& row : policies) {
        if (std::count(user.policies().begin(), user.policies().end(), row.oid) == 0) continue;
        if (found) return {};
        found = row.how;
    }
    return found;
}

std::optional<std::string> reverse_path_of(const xproto::certificate& user, std::string_view host)
{
    if (user.addresses().size() != 1) return {};
    const auto& address = user.addresses().front();
    return xproto::same_address(address, xproto::process_address(host)) ? std::string() : address;
}

sender_certificates::sender_certificates(xproto::certificate_authority ca, xproto::private_key key, std::string host,
                                         limits l)
    : ca_(std::move(ca)), key_(std::move(key)), public_key_(key_.public_part()), host_(std::move(host)), limits_(l)
{
}

sender_certificates::sender_certificates(xproto::certificate_authority ca, xproto::private_key key, std::string host)
    : sender_certificates(std::move(ca), std::move(key), std::move(host), limits{})
{
}

xproto::checked<std::shared_ptr<const sender_certificate>>
sender_certificates::find(std::string_view reverse_path, assurance how, xproto::unix_seconds now)
{
    name key{reverse_path.empty() ? xproto::process_address(host_) : std::string(reverse_path), how};
    if (const auto known = index_.find(key); known != index_.end()) {
        if (is_fresh(*known->second->made, now)) {
            entries_.splice(entries_.begin(), entries_, known->second);
            return known->second->made;
        }
        entries_.erase(known->second);
        index_.erase(known);
    }
    const xproto::validity period{now - limits_.backdate, std::min(now + limits_.validity, ca_.own.not_after())};
    const auto issued = xproto::make_user(ca_, key.first, public_key_, policy_of(how), period);
    if (!issued) return issued.error();
    auto made = std::make_shared<sender_certificate>();
    made->name = issued->sha256();
    made->der = issued->der();
    made->from = period.from;
    made->until = period.until;
    remember(std::move(key), made);
    return std::shared_ptr<const sender_certificate>(std::move(made));
}

// Has it enough time left, or as much as there can be?
bool sender_certificates::is_fresh(const sender_certificate& made, xproto::unix_seconds now) const
{
    if (now < made.from || now > made.until) return false;
    return now + limits_.renew_before < made.until || made.until == ca_.own.not_after();
}

void sender_certificates::remember(name key, std::shared_ptr<const sender_certificate> made)
{
    if (limits_.cached == 0) return;
    if (entries_.size() == limits_.cached) {
        index_.erase(entries_.back().key);
        entries_.pop_back();
    }
    entries_.push_front({std::move(key), std::move(made)});
    index_.emplace(entries_.front().key, entries_.begin());
}

void put_certificate(xproto::envelope& envelope, const sender_certificate& certificate)
{
    envelope.from.certificate = certificate.name;
    const auto is_there = std::any_of(envelope.certificates.begin(), envelope.certificates.end(),
                                      [&](const auto& known) { return known.first == certificate.name; });
    if (!is_there) envelope.certificates.emplace_back(certificate.name, certificate.der);
}

} // namespace mapping
