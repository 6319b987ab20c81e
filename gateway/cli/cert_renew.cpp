// isthmus cert renew: a new certificate for the host before the old one ends, with the same key.
#include "gateway/cli/cert_commands.hpp"
#include "gateway/cli/cert_files.hpp"
#include "gateway/cli/cert_text.hpp"
#include "gateway/cli/text.hpp"

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
    std::filesystem::path config;
    std::int64_t within = 30, days = 730;
    bool force = false, json = false;
};

int say(const options& o, const xproto::certificate& host, const std::filesystem::path& file, bool renewed)
{
    if (o.json) {
        auto out = certificate_json(host);
        out["renewed"] = renewed;
        std::cout << boost::json::serialize(out) << '\n';
    } else if (renewed) {
        std::cout << certificate_text(host, file.string(), unix_now());
    } else {
        std::cout << file.string() << ": good until " << time_text(host.not_after()) << ", not renewed\n";
    }
    return done;
}

int renew(const options& o)
{
    const auto settings = load_config(o.config);
    if (!settings) return bad_configuration;
    const auto& files = settings->tls;
    auto chain = read_certificates(files.certificate);
    if (!chain) return fail(negative, chain.error().what);
    const auto key = read_key(files.key);
    if (!key) return fail(negative, key.error().what);
    const auto ca = read_ca(files.ca, files.ca_key);
    if (!ca) return fail(negative, ca.error().what);

    const auto now = unix_now();
    auto& host = chain->front();
    if (!o.force && host.not_after() - now > o.within * day) return say(o, host, files.certificate, false);
    if (host.issuer() != ca->own.subject())
        return fail(negative, files.certificate.string() + " does not come from " + files.ca.string() +
                                  ": whoever issued it must renew it");
    const auto until = std::min(now + o.days * day, ca->own.not_after());
    if (until <= now) return fail(negative, files.ca.string() + " has expired itself: make a new CA (isthmus cert ca)");
    auto made = xproto::make_host(*ca, settings->host, key->public_part(), {now - backdate, until});
    if (!made) return fail(negative, made.error().what);
    host = *std::move(made);
    std::string pem;
    for (const auto& one : *chain) pem += one.to_pem();
    const auto written = write_file(files.certificate, pem, 0644, overwrite::yes);
    if (!written) return fail(negative, written.error().what);
    return say(o, host, files.certificate, true);
}

} // namespace

void add_cert_renew(CLI::App& cert, int& result)
{
    auto* command = cert.add_subcommand("renew", "Renew the host's certificate, if it ends soon");
    const auto o = std::make_shared<options>();
    add_config_option(*command, o->config);
    command->add_option("--within", o->within, "Only when it ends within so many days (else 30)")
        ->check(CLI::Range(0, 36'500))
        ->type_name("N");
    command->add_option("--days", o->days, "Valid for so many days (else 730), but no longer than the CA")
        ->check(CLI::Range(1, 36'500))
        ->type_name("N");
    command->add_flag("--force", o->force, "Whenever it ends");
    command->add_flag("--json", o->json, "Print JSON");
    command->footer(
        "The key stays. A running daemon takes the new certificate into use by itself. Fit for a daily timer.\n\n"
        "Example:\n  isthmus cert renew -c /etc/isthmus/isthmus.toml");
    command->callback([o, &result] { result = renew(*o); });
}

} // namespace gateway::cli
