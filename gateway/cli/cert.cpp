// isthmus cert: make certificates with the site's CA, look at certificates, find out whether they are good.
#include "gateway/cli/cert_text.hpp"
#include "gateway/cli/commands.hpp"
#include "gateway/cli/common.hpp"
#include "gateway/cli/text.hpp"
#include "mapping/sender_certificate.hpp"
#include "xproto/certificate_issue.hpp"
#include "xproto/certificate_store.hpp"

#include <CLI/CLI.hpp>
#include <boost/json.hpp>

#include <algorithm>
#include <iostream>
#include <memory>

namespace gateway::cli {
namespace {

constexpr std::int64_t day = 86'400;
constexpr std::int64_t backdate = 3600; // for peers whose clocks are behind

struct options {
    std::filesystem::path config, ca, ca_key; // who issues
    std::filesystem::path out, key;           // what is made
    std::string subject;                      // site, host or address
    std::int64_t days = 0;
    bool force = false;

    std::vector<std::filesystem::path> files, cas; // what is looked at
    std::string host, address;
    bool json = false;
};

attempt<std::vector<xproto::certificate>> read_certificates(const std::filesystem::path& path)
{
    const auto text = read_file(path, max_pem_octets);
    if (!text) return text.error();
    auto all = xproto::certificate::all_from_pem(*text);
    if (!all) return failure{path.string() + ": " + all.error().what};
    return {boost::system::in_place_value, std::move(*all)};
}

attempt<xproto::private_key> read_key(const std::filesystem::path& path)
{
    const auto text = read_file(path, max_pem_octets);
    if (!text) return text.error();
    auto key = xproto::private_key::from_pem(*text);
    if (!key) return failure{path.string() + ": " + key.error().what};
    return {boost::system::in_place_value, std::move(*key)};
}

attempt<xproto::certificate_authority> read_ca(const std::filesystem::path& certificate,
                                               const std::filesystem::path& key_file)
{
    auto own = read_certificates(certificate);
    if (!own) return own.error();
    auto key = read_key(key_file);
    if (!key) return key.error();
    const auto* public_key = own->front().key();
    if (public_key == nullptr || !(*public_key == key->public_part()))
        return failure{key_file.string() + " is not the key of " + certificate.string()};
    return xproto::certificate_authority{own->front(), std::move(*key)};
}

// --- ca, host, user -------------------------------------------------------------------------------------------------

// The key first: a certificate without its key is of no use, a key without certificate does no harm.
int store(const options& o, const xproto::certificate& made, const xproto::private_key& key)
{
    const auto allowed = o.force ? overwrite::yes : overwrite::no;
    if (std::error_code ignored; !o.force && std::filesystem::exists(o.out, ignored))
        return fail(negative, o.out.string() + " is there already; --force replaces it");
    if (const auto done_key = write_file(o.key, key.to_pem(), 0600, allowed); !done_key)
        return fail(negative, done_key.error().what + (o.force ? "" : "; --force replaces it"));
    if (const auto done_out = write_file(o.out, made.to_pem(), 0644, allowed); !done_out)
        return fail(negative, done_out.error().what);
    if (o.json)
        std::cout << boost::json::serialize(certificate_json(made)) << '\n';
    else
        std::cout << certificate_text(made, o.out.string(), unix_now());
    return done;
}

xproto::validity from_now(std::int64_t days, std::int64_t at_most)
{
    const auto now = unix_now();
    return {now - backdate, std::min(now + days * day, at_most)};
}

constexpr auto no_end = std::numeric_limits<std::int64_t>::max();

int make_ca(const options& o)
{
    const auto made = xproto::make_ca(o.subject, from_now(o.days, no_end));
    if (!made) return fail(negative, made.error().what);
    return store(o, made->own, made->key);
}

// Calls make(ca, key, period) with the CA of the options, and stores what it makes.
template <class Make> int issue(options o, Make make)
{
    if (o.ca.empty() != o.ca_key.empty()) return fail(usage, "--ca and --ca-key belong together");
    if (o.ca.empty()) {
        const auto settings = load_config(o.config);
        if (!settings) return bad_configuration;
        o.ca = settings->tls.ca;
        o.ca_key = settings->tls.ca_key;
    }
    const auto ca = read_ca(o.ca, o.ca_key);
    if (!ca) return fail(negative, ca.error().what);
    const auto key = xproto::private_key::generate();
    const auto made = make(*ca, key.public_part(), from_now(o.days, ca->own.not_after()));
    if (!made) return fail(negative, made.error().what);
    return store(o, *made, key);
}

int make_host(const options& o)
{
    return issue(o, [&](const auto& ca, const auto& key, const auto& period) {
        return xproto::make_host(ca, config::canonical_domain(o.subject), key, period);
    });
}

int make_user(const options& o)
{
    const auto policy = mapping::policy_of(mapping::assurance::client_certificate);
    return issue(o, [&](const auto& ca, const auto& key, const auto& period) {
        return xproto::make_user(ca, o.subject, key, policy, period);
    });
}

// --- show, verify ---------------------------------------------------------------------------------------------------

int show(const options& o)
{
    boost::json::array all;
    for (const auto& path : o.files) {
        const auto read = read_certificates(path);
        if (!read) return fail(negative, read.error().what);
        for (const auto& c : *read) {
            if (o.json)
                all.push_back(certificate_json(c));
            else
                std::cout << certificate_text(c, path.string(), unix_now());
        }
    }
    if (o.json) std::cout << boost::json::serialize(all) << '\n';
    return done;
}

int verify(const options& o)
{
    const auto chain = read_certificates(o.files.front());
    if (!chain) return fail(negative, chain.error().what);
    std::vector<xproto::certificate> anchors;
    for (const auto& path : o.cas) {
        const auto read = read_certificates(path);
        if (!read) return fail(negative, read.error().what);
        anchors.insert(anchors.end(), read->begin(), read->end());
    }
    const xproto::certificate_store store(std::move(anchors));
    const auto& leaf = chain->front();
    const std::vector<xproto::certificate> others(chain->begin() + 1, chain->end());
    const bool user = !o.address.empty() || (o.host.empty() && leaf.dns_names().empty());
    const auto found =
        !o.host.empty() ? store.validate_host(leaf, others, o.host, unix_now())
        : !o.address.empty()
            ? store.validate_user(leaf, others, o.address, unix_now())
            : store.validate(leaf, others, user ? xproto::purpose::user : xproto::purpose::host, unix_now());
    if (o.json) {
        boost::json::object out{{"valid", found.has_value()}};
        if (found)
            out["anchor"] = found->anchor.subject();
        else
            out["reason"] = found.error().what;
        std::cout << boost::json::serialize(out) << '\n';
    } else if (found) {
        std::cout << o.files.front().string() << ": good until " << time_text(found->until) << ", by "
                  << printable(found->anchor.subject()) << '\n';
    } else {
        std::cout << o.files.front().string() << ": not good: " << printable(found.error().what) << '\n';
    }
    return found ? done : negative;
}

// --- the tree -------------------------------------------------------------------------------------------------------

CLI::App* maker(CLI::App& cert, const std::shared_ptr<options>& o, const char* name, const char* what,
                std::int64_t days, const char* example)
{
    auto* command = cert.add_subcommand(name, what);
    command->add_option("-o,--output", o->out, "File for the certificate")->required()->type_name("FILE");
    command->add_option("--key", o->key, "File for its private key (mode 0600)")->required()->type_name("FILE");
    command->add_option("--days", o->days, "Valid for so many days (else " + std::to_string(days) + ")")
        ->check(CLI::Range(1, 36'500))
        ->type_name("N");
    command->add_flag("--force", o->force, "Replace files that are there");
    command->add_flag("--json", o->json, "Print what was made as JSON");
    command->footer(example);
    command->preparse_callback([o, days](std::size_t) { o->days = days; });
    return command;
}

void add_issuer(CLI::App& command, const std::shared_ptr<options>& o)
{
    add_config_option(command, o->config);
    command.add_option("--ca", o->ca, "The CA's certificate (else tls.ca of the configuration)")->type_name("FILE");
    command.add_option("--ca-key", o->ca_key, "The CA's private key (else tls.ca_key)")->type_name("FILE");
}

} // namespace

void add_cert(CLI::App& app, int& result)
{
    auto* cert = app.add_subcommand("cert", "Make, show and verify certificates");
    cert->require_subcommand(1);
    cert->footer("Example:\n  isthmus cert show state/host.pem");
    const auto o = std::make_shared<options>();

    auto* ca = maker(*cert, o, "ca", "Make a CA for a site", 3650,
                     "Example:\n  isthmus cert ca --site edge.example -o ca.pem --key ca-key.pem");
    ca->add_option("--site", o->subject, "The site's domain")->required()->type_name("DOMAIN");
    ca->callback([o, &result] { result = make_ca(*o); });

    auto* host = maker(
        *cert, o, "host", "Certify a host, with a new key", 730,
        "SIGHUP makes a running daemon use new files.\n\nExample:\n"
        "  isthmus cert host mx1.edge.example -c isthmus.toml -o state/host.pem --key state/host-key.pem --force");
    host->add_option("NAME", o->subject, "The host's name")->required();
    add_issuer(*host, o);
    host->callback([o, &result] { result = make_host(*o); });

    auto* user = maker(*cert, o, "user", "Certify a mail address, with a new key", 365,
                       "Example:\n  isthmus cert user ann@edge.example -c isthmus.toml -o ann.pem --key ann-key.pem");
    user->add_option("ADDRESS", o->subject, "The address, exactly as in MAIL FROM")->required();
    add_issuer(*user, o);
    user->callback([o, &result] { result = make_user(*o); });

    auto* shower = cert->add_subcommand("show", "Say what certificates say");
    shower->add_option("FILE", o->files, "PEM files")->required();
    shower->add_flag("--json", o->json, "Print JSON");
    shower->footer("Example:\n  isthmus cert show ca.pem state/host.pem");
    shower->callback([o, &result] { result = show(*o); });

    auto* verifier = cert->add_subcommand("verify", "Find out whether a certificate is good, according to CAs");
    verifier->add_option("FILE", o->files, "The certificate, and after it its chain, PEM")->required()->expected(1);
    verifier->add_option("--ca", o->cas, "A CA to believe; may be said again")
        ->required()
        ->type_name("FILE")
        ->allow_extra_args(false);
    auto* by_host = verifier->add_option("--host", o->host, "It must name this host")->type_name("NAME");
    verifier->add_option("--address", o->address, "It must name this mail address")
        ->type_name("ADDRESS")
        ->excludes(by_host);
    verifier->add_flag("--json", o->json, "Print JSON");
    verifier->footer(
        "Exit 1 when it is not.\n\nExample:\n  isthmus cert verify state/host.pem --ca ca.pem --host mx1.edge.example");
    verifier->callback([o, &result] { result = verify(*o); });
}

} // namespace gateway::cli
