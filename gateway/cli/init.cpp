// isthmus init: a folder with everything a new site needs, ready to run.
#include "gateway/cli/commands.hpp"
#include "gateway/cli/common.hpp"
#include "gateway/cli/text.hpp"
#include "gateway/config/reference.hpp"
#include "xproto/certificate_issue.hpp"

#include <CLI/CLI.hpp>
#include <boost/json.hpp>

#include <iostream>
#include <memory>
#include <sys/stat.h>

namespace gateway::cli {
namespace {

constexpr std::int64_t day = 86'400;
constexpr std::int64_t ca_days = 3650;
constexpr std::int64_t host_days = 730;
constexpr std::int64_t backdate = 3600; // for peers whose clocks are behind

struct options {
    std::filesystem::path folder;
    std::string site, host;
    std::vector<std::string> smtp, xproto, admin;
    bool force = false;
    bool json = false;
};

struct file {
    std::filesystem::path path;
    std::string octets;
    unsigned mode;
};

std::string toml_list(const std::vector<std::string>& items)
{
    std::string out;
    for (const auto& i : items) out += (out.empty() ? "[" : ", ") + config::toml_string(i);
    return out + "]";
}

std::string config_text(const options& o)
{
    std::map<std::string, std::string> set{{"site", config::toml_string(o.site)},
                                           {"host", config::toml_string(o.host)}};
    if (!o.smtp.empty()) set["smtp.listen"] = toml_list(o.smtp);
    if (!o.xproto.empty()) set["xproto.listen"] = toml_list(o.xproto);
    if (!o.admin.empty()) set["admin.listen"] = toml_list(o.admin);
    return config::commented_file(set);
}

struct credentials {
    xproto::certificate_authority ca;
    xproto::certificate host;
    xproto::private_key host_key;
};

attempt<credentials> make_credentials(const options& o)
{
    const auto now = unix_now();
    auto ca = xproto::make_ca(o.site, {now - backdate, now + ca_days * day});
    if (!ca) return failure{ca.error().what};
    auto key = xproto::private_key::generate();
    auto host = xproto::make_host(*ca, o.host, key.public_part(), {now - backdate, now + host_days * day});
    if (!host) return failure{host.error().what};
    return credentials{std::move(*ca), std::move(*host), std::move(key)};
}

// What the other side has to add to its configuration. Its paths and addresses are its own to know.
std::string for_peers(const options& o, const config::settings& made)
{
    const auto port = made.xproto.listen.empty() ? 0 : made.xproto.listen.front().port;
    return "    [[peer]]\n"
           "    host = " +
           config::toml_string(o.host) +
           "\n"
           "    ca = " +
           config::toml_string(o.site + "-ca.pem") +
           "        # the ca.pem you give them\n"
           "    trust = \"known\"\n\n"
           "    [[route]]\n"
           "    domain = " +
           config::toml_string(o.site) +
           "\n"
           "    via = \"xproto\"\n"
           "    to = " +
           config::toml_string(o.host + ":" + std::to_string(port == 0 ? 6525 : port)) + "\n";
}

void report(const options& o, const config::settings& made)
{
    const auto config = (o.folder / "isthmus.toml").string();
    if (o.json) {
        std::cout << boost::json::serialize(boost::json::object{{"config", config},
                                                                {"ca", made.tls.ca.string()},
                                                                {"certificate", made.tls.certificate.string()},
                                                                {"site", o.site},
                                                                {"host", o.host}})
                  << '\n';
        return;
    }
    std::cout << "Made " << config << " for " << o.host << ".\n\n"
              << "Give this CA certificate to your peers:\n    " << made.tls.ca.string() << "\n\n"
              << "They add to their configuration:\n"
              << for_peers(o, made)
              << "\nYou add the same for them, and a [[route]] by smtp to your own mail store. Then:\n"
              << "    isthmus check -c " << config << "\n    isthmus run -c " << config << '\n';
}

int init(options o)
{
    o.site = config::canonical_domain(o.site);
    if (o.host.empty()) o.host = "mx1." + o.site;
    o.host = config::canonical_domain(o.host);

    // What the file will say is read before it is written: names and addresses that are wrong are found here.
    const auto text = config_text(o);
    const auto settings = config::parse(text, o.folder / "isthmus.toml");
    if (!settings) {
        for (const auto& p : settings.error()) fail(usage, p.key + ": " + p.what);
        return usage;
    }
    const auto made = make_credentials(o);
    if (!made) return fail(usage, made.error().what);

    const file files[] = {
        {settings->tls.ca_key, made->ca.key.to_pem(), 0600},
        {settings->tls.ca, made->ca.own.to_pem(), 0644},
        {settings->tls.key, made->host_key.to_pem(), 0600},
        {settings->tls.certificate, made->host.to_pem(), 0644},
        {settings->file, text, 0644},
    };
    for (const auto& f : files)
        if (std::error_code ignored; !o.force && std::filesystem::exists(f.path, ignored))
            return fail(negative, f.path.string() + " is there already; --force replaces it, and the keys with it");
    if (const auto folder = make_folder(settings->state); !folder) return fail(negative, folder.error().what);
    ::chmod(settings->state.c_str(), S_IRWXU);
    for (const auto& f : files) {
        const auto written = write_file(f.path, f.octets, f.mode, o.force ? overwrite::yes : overwrite::no);
        if (!written) return fail(negative, written.error().what);
    }
    report(o, *settings);
    return done;
}

} // namespace

void add_init(CLI::App& app, int& result)
{
    auto* command = app.add_subcommand("init", "Make a configuration, a CA and a host certificate: ready to run");
    const auto o = std::make_shared<options>();
    command->add_option("DIR", o->folder, "Folder to make them in")->required();
    command->add_option("--site", o->site, "The site's domain")->required()->type_name("DOMAIN");
    command->add_option("--host", o->host, "The gateway's own name (else mx1.DOMAIN)")->type_name("NAME");
    command->add_option("--smtp-listen", o->smtp, "Where SMTP clients connect (else 127.0.0.1:2525)")
        ->type_name("ADDRESS:PORT");
    command->add_option("--xproto-listen", o->xproto, "Where xproto peers connect (else 127.0.0.1:6525)")
        ->type_name("ADDRESS:PORT");
    command->add_option("--admin-listen", o->admin, "Where monitoring connects (else 127.0.0.1:8525)")
        ->type_name("ADDRESS:PORT");
    command->add_flag("--force", o->force, "Replace files that are there, keys included");
    command->add_flag("--json", o->json, "Print what was made as JSON");
    command->footer("Needs no privileges. Makes DIR/isthmus.toml, DIR/ca.pem (for peers) and DIR/state with the keys "
                    "(mode 0600).\n\n"
                    "Example:\n  isthmus init /etc/isthmus --site edge.example --host mx1.edge.example");
    command->callback([o, &result] { result = init(*o); });
}

} // namespace gateway::cli
