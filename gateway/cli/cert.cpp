// isthmus cert: make certificates with the site's CA, look at certificates, find out whether they are good.
#include "gateway/cli/cert_commands.hpp"
#include "gateway/cli/cert_files.hpp"
#include "gateway/cli/cert_text.hpp"
#include "gateway/cli/commands.hpp"
#include "mapping/sender_certificate.hpp"
#include "xproto/certificate_issue.hpp"

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

    bool with_ca = false;

    std::vector<std::filesystem::path> files; // what is looked at
    bool json = false;
};

// --- ca, host, user -------------------------------------------------------------------------------------------------

// The key first: a certificate without its key is of no use, a key without certificate does no harm.
int store(const options& o, const xproto::certificate& made, const xproto::private_key& key,
          const std::string& chain = {})
{
    const auto allowed = o.force ? overwrite::yes : overwrite::no;
    if (std::error_code ignored; !o.force && std::filesystem::exists(o.out, ignored))
        return fail(negative, o.out.string() + " is there already; --force replaces it");
    if (const auto done_key = write_file(o.key, key.to_pem(), 0600, allowed); !done_key)
        return fail(negative, done_key.error().what + (o.force ? "" : "; --force replaces it"));
    if (const auto done_out = write_file(o.out, made.to_pem() + chain, 0644, allowed); !done_out)
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
    return store(o, *made, key, o.with_ca ? ca->own.to_pem() : "");
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

int make_process(options o)
{
    o.subject = xproto::process_address(config::canonical_domain(o.subject));
    return make_user(o);
}

// --- show ------------------------------------------------------------------------------------------------------------

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
    auto* cert = app.add_subcommand("cert", "Make, show, verify, publish and renew certificates");
    cert->require_subcommand(1);
    cert->footer("Example:\n  isthmus cert show state/host.pem");
    const auto o = std::make_shared<options>();

    auto* ca = maker(*cert, o, "ca", "Make a CA for a site", 3650,
                     "Example:\n  isthmus cert ca --site edge.example -o ca.pem --key ca-key.pem");
    ca->add_option("--site", o->subject, "The site's domain")->required()->type_name("DOMAIN");
    ca->callback([o, &result] { result = make_ca(*o); });

    auto* host = maker(
        *cert, o, "host", "Certify a host, with a new key", 730,
        "A running daemon takes new files into use by itself.\n\nExample:\n"
        "  isthmus cert host mx1.edge.example -c isthmus.toml -o state/host.pem --key state/host-key.pem --force");
    host->add_option("NAME", o->subject, "The host's name")->required();
    add_issuer(*host, o);
    host->add_flag("--with-ca", o->with_ca,
                   "Put the CA's certificate behind it, for peers that know the CA by a digest in DNS");
    host->callback([o, &result] { result = make_host(*o); });

    auto* user = maker(*cert, o, "user", "Certify a mail address, with a new key", 365,
                       "Example:\n  isthmus cert user ann@edge.example -c isthmus.toml -o ann.pem --key ann-key.pem");
    user->add_option("ADDRESS", o->subject, "The address, exactly as in MAIL FROM")->required();
    add_issuer(*user, o);
    user->callback([o, &result] { result = make_user(*o); });

    auto* process =
        maker(*cert, o, "process", "Certify process@HOST, the sender of a host's own mail, with a new key", 365,
              "Example:\n  isthmus cert process mx1.edge.example -c isthmus.toml -o process.pem --key process-key.pem");
    process->add_option("HOST", o->subject, "The host's name")->required();
    add_issuer(*process, o);
    process->callback([o, &result] { result = make_process(*o); });

    auto* shower = cert->add_subcommand("show", "Say what certificates say");
    shower->add_option("FILE", o->files, "PEM files")->required();
    shower->add_flag("--json", o->json, "Print JSON");
    shower->footer("Example:\n  isthmus cert show ca.pem state/host.pem");
    shower->callback([o, &result] { result = show(*o); });

    add_cert_verify(*cert, result);
    add_cert_publish(*cert, result);
    add_cert_renew(*cert, result);
}

} // namespace gateway::cli
