// What a certificate says.
#include "gateway/cli/cert_text.hpp"

#include "gateway/cli/text.hpp"
#include "mapping/sender_certificate.hpp"
#include "xproto/digest.hpp"

namespace gateway::cli {
namespace {

namespace json = boost::json;

std::string joined(const std::vector<std::string>& names)
{
    std::string out;
    for (const auto& n : names) out += (out.empty() ? "" : ", ") + printable(n);
    return out;
}

json::array listed(const std::vector<std::string>& names)
{
    json::array out;
    for (const auto& n : names) out.push_back(json::string(printable(n)));
    return out;
}

std::string state(const xproto::certificate& c, std::int64_t now)
{
    if (now < c.not_before()) return " (not yet)";
    if (now > c.not_after()) return " (expired)";
    return " (for another " + age_text(c.not_after() - now) + ")";
}

// How much was checked about an address, if a gateway issued it.
std::string assurance_text(const xproto::certificate& c)
{
    const auto how = mapping::assurance_of(c);
    if (!how) return "";
    switch (*how) {
    case mapping::assurance::nothing: return "not checked";
    case mapping::assurance::network: return "by the client's network";
    case mapping::assurance::client_certificate: return "by a certificate";
    case mapping::assurance::login: return "by a login";
    case mapping::assurance::spf: return "by SPF";
    case mapping::assurance::dkim: return "by DKIM";
    case mapping::assurance::dmarc: return "by DMARC";
    case mapping::assurance::smime: return "by S/MIME";
    }
    return "";
}

} // namespace

std::string certificate_text(const xproto::certificate& c, const std::string& name, std::int64_t now)
{
    std::vector<std::vector<std::string>> rows{{"  subject", printable(c.subject())},
                                               {"  issuer", printable(c.issuer())}};
    const auto add = [&](const char* what, const std::string& value) {
        if (!value.empty()) rows.push_back({what, value});
    };
    add("  hosts", joined(c.dns_names()));
    add("  addresses", joined(c.addresses()));
    add("  address checked", assurance_text(c));
    add("  delegated by", joined(c.issuer_dns_names()));
    add("  policies", joined(c.policies()));
    add("  key", c.key() == nullptr ? "of an algorithm that is not accepted" : std::string(c.key()->algorithm()));
    add("  valid", time_text(c.not_before()) + " to " + time_text(c.not_after()) + state(c, now));
    add("  digest", xproto::to_text(c.sha256()));
    return name + (c.is_ca() ? ": a CA\n" : "\n") + columns(rows);
}

json::object certificate_json(const xproto::certificate& c)
{
    json::object out{{"subject", printable(c.subject())},
                     {"issuer", printable(c.issuer())},
                     {"ca", c.is_ca()},
                     {"hosts", listed(c.dns_names())},
                     {"addresses", listed(c.addresses())},
                     {"delegated_by", listed(c.issuer_dns_names())},
                     {"policies", listed(c.policies())},
                     {"not_before", c.not_before()},
                     {"not_after", c.not_after()},
                     {"digest", xproto::to_text(c.sha256())}};
    if (c.key() != nullptr) out["key"] = c.key()->algorithm();
    return out;
}

} // namespace gateway::cli
