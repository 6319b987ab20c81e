// isthmus cert publish: what a site puts into DNS or LDAP so that others can validate its hosts by delegation.
#include "gateway/cli/cert_commands.hpp"
#include "gateway/cli/cert_files.hpp"
#include "gateway/validity/ldap_source.hpp"
#include "xproto/base64.hpp"
#include "xproto/certificate_association.hpp"
#include "xproto/delegation.hpp"
#include "xproto/domain_name.hpp"

#include <CLI/CLI.hpp>
#include <boost/json.hpp>

#include <iostream>
#include <memory>

namespace gateway::cli {
namespace {

struct options {
    std::filesystem::path config, ca;
    std::string site;
    int selector = 0, matching = 0;
    std::int64_t ttl = 3600;
    bool ldif = false, json = false;
};

std::string record_of(const options& o, const std::string& site, const xproto::certificate& ca)
{
    const auto data = xproto::certificate_association::of(ca, static_cast<std::uint8_t>(o.selector),
                                                          static_cast<std::uint8_t>(o.matching));
    return xproto::delegation_record(site) + ". " + std::to_string(o.ttl) + " IN TLSA " + data.to_text();
}

// The entries of docs/xproto.md, "Delegation", in the form of RFC 2849.
std::string ldif_of(const std::string& site, const xproto::certificate& ca)
{
    const auto base = validity::ldap_base(site);
    return "dn: " + base +
           "\nobjectClass: inetResources\ncn: inetResources\n\n"
           "dn: cn=" +
           site + "," + base + "\nobjectClass: inetDnsDomain\nobjectClass: pkiCA\ncn: " + site +
           "\ncACertificate;binary:: " + xproto::to_base64(ca.der()) + "\n";
}

int publish(options o)
{
    if (o.ca.empty() || o.site.empty()) {
        const auto settings = load_config(o.config);
        if (!settings) return bad_configuration;
        if (o.ca.empty()) o.ca = settings->tls.ca;
        if (o.site.empty()) o.site = settings->site;
    }
    const auto site = xproto::to_a_labels(o.site);
    if (!site) return fail(usage, o.site + " is not a domain name");
    const auto all = read_certificates(o.ca);
    if (!all) return fail(negative, all.error().what);
    const auto& ca = all->front();
    if (!ca.is_ca()) return fail(negative, o.ca.string() + " is not the certificate of a CA");
    const auto record = record_of(o, *site, ca);
    if (o.json)
        std::cout << boost::json::serialize(
                         boost::json::object{{"domain", *site}, {"record", record}, {"ldif", ldif_of(*site, ca)}})
                  << '\n';
    else
        std::cout << (o.ldif ? ldif_of(*site, ca) : record + "\n");
    if (!o.ldif && !o.json && (o.selector != 0 || o.matching != 0))
        std::cerr << "The record names the CA and does not hold it: hosts must show its certificate behind their own "
                     "(isthmus cert host --with-ca).\n";
    return done;
}

} // namespace

void add_cert_publish(CLI::App& cert, int& result)
{
    auto* command = cert.add_subcommand("publish", "Print what names a site's CA in DNS (TLSA) or LDAP (LDIF)");
    const auto o = std::make_shared<options>();
    add_config_option(*command, o->config);
    command->add_option("--ca", o->ca, "The CA's certificate (else tls.ca of the configuration)")->type_name("FILE");
    command->add_option("--site", o->site, "The domain (else site of the configuration)")->type_name("DOMAIN");
    command->add_option("--selector", o->selector, "0: the whole certificate (else), 1: its key")
        ->check(CLI::Range(0, 1))
        ->type_name("N");
    command->add_option("--matching", o->matching, "0: in full (else), 1: SHA-256, 2: SHA-512")
        ->check(CLI::Range(0, 2))
        ->type_name("N");
    command->add_option("--ttl", o->ttl, "Seconds that others may keep the record (else 3600)")
        ->check(CLI::Range(0, 86'400))
        ->type_name("N");
    command->add_flag("--ldif", o->ldif, "LDIF for a directory");
    command->add_flag("--json", o->json, "Both, as JSON");
    command->footer(
        "The zone must be signed (DNSSEC); an answer that is not secure counts for nothing. Changing the record "
        "revokes the CA it named before.\n\n"
        "Example:\n  isthmus cert publish -c isthmus.toml >>edge.example.zone\n"
        "  isthmus cert publish --ca ca.pem --site edge.example --ldif | ldapadd -x -D cn=admin,dc=example -W");
    command->callback([o, &result] { result = publish(*o); });
}

} // namespace gateway::cli
