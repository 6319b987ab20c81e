#include "gateway/tools/credentials.hpp"

#include "gateway/config/load.hpp"

#include <CLI/CLI.hpp>

namespace gateway::tools {

namespace {

using complaint = std::optional<std::string>;

// What stands in the configuration fills the gaps that the options leave.
complaint take_site(const std::filesystem::path& folder, credential_options& options, credentials& made)
{
    const auto file = std::filesystem::is_directory(folder) ? folder / "isthmus.toml" : folder;
    auto loaded = config::load(file);
    if (!loaded) return loaded.error().empty() ? file.string() + " cannot be read" : loaded.error().front().text();
    const auto& tls = loaded->tls;
    if (options.certificate.empty()) options.certificate = tls.certificate;
    if (options.key.empty()) options.key = tls.key;
    if (options.host.empty()) options.host = loaded->host;
    if (options.user_ca.empty()) {
        options.user_ca = tls.ca;
        options.user_ca_key = tls.ca_key;
    }
    options.cas.push_back(tls.ca);
    for (const auto& peer : loaded->peers) options.cas.push_back(peer.ca);
    made.settings = std::move(*loaded);
    return std::nullopt;
}

complaint take_host(const credential_options& options, credentials& made)
{
    if (options.certificate.empty() || options.key.empty())
        return "name this host's certificate and key with --cert and --key, or a site with --site";
    auto chain_pem = read_file(options.certificate, cli::max_pem_octets);
    if (!chain_pem) return chain_pem.error().what;
    auto key_pem = read_file(options.key, cli::max_pem_octets);
    if (!key_pem) return key_pem.error().what;
    auto chain = xproto::certificate::all_from_pem(*chain_pem);
    if (!chain) return options.certificate.string() + ": " + chain.error().what;
    auto key = xproto::private_key::from_pem(*key_pem);
    if (!key) return options.key.string() + ": " + key.error().what;
    made.chain_pem = std::move(*chain_pem);
    made.key_pem = std::move(*key_pem);
    made.chain = std::move(*chain);
    made.key = std::move(*key);
    const auto& names = made.chain.front().dns_names();
    if (names.empty()) return options.certificate.string() + " names no host";
    made.host = config::canonical_domain(options.host.empty() ? names.front() : options.host);
    if (!made.chain.front().names_host(made.host))
        return options.certificate.string() + " does not name the host " + made.host;
    return std::nullopt;
}

complaint take_anchors(const credential_options& options, credentials& made)
{
    std::vector<xproto::certificate> anchors;
    for (const auto& file : options.cas) {
        const auto pem = read_file(file, cli::max_pem_octets);
        if (!pem) return pem.error().what;
        const auto found = xproto::certificate::all_from_pem(*pem);
        if (!found) return file.string() + ": " + found.error().what;
        anchors.insert(anchors.end(), found->begin(), found->end());
        made.anchors_pem += *pem + "\n";
    }
    made.anchors = xproto::certificate_store(std::move(anchors));
    return std::nullopt;
}

complaint take_user_ca(const credential_options& options, credentials& made)
{
    if (options.user_ca.empty()) return std::nullopt;
    if (options.user_ca_key.empty()) return "--user-ca needs --user-ca-key";
    const auto pem = read_file(options.user_ca, cli::max_pem_octets);
    if (!pem) return pem.error().what;
    const auto key_pem = read_file(options.user_ca_key, cli::max_pem_octets);
    if (!key_pem) return key_pem.error().what;
    auto own = xproto::certificate::from_pem(*pem);
    if (!own) return options.user_ca.string() + ": " + own.error().what;
    auto key = xproto::private_key::from_pem(*key_pem);
    if (!key) return options.user_ca_key.string() + ": " + key.error().what;
    xproto::certificate_authority ca{std::move(*own), std::move(*key)};
    made.user_ca = std::make_shared<const xproto::certificate_authority>(std::move(ca));
    return std::nullopt;
}

} // namespace

void add_credential_options(CLI::App& command, credential_options& into, bool signs_for_users)
{
    command.add_option("--site", into.site, "take certificate, key, CAs and host from this site's isthmus.toml")
        ->type_name("DIR");
    command.add_option("--cert", into.certificate, "this host's certificate chain")->type_name("PEM");
    command.add_option("--key", into.key, "its key")->type_name("PEM");
    command.add_option("--ca", into.cas, "believe certificates of this CA (repeatable)")
        ->type_name("PEM")
        ->allow_extra_args(false);
    command.add_option("--host", into.host, "this host's name, if its certificate has several")->type_name("NAME");
    if (!signs_for_users) return;
    command.add_option("--user-ca", into.user_ca, "certify the sender by this CA, and sign in its name")
        ->type_name("PEM");
    command.add_option("--user-ca-key", into.user_ca_key, "that CA's key")->type_name("PEM");
}

attempt<credentials> load(const credential_options& from)
{
    auto options = from;
    credentials made;
    if (!options.site.empty())
        if (auto wrong = take_site(options.site, options, made)) return failure{*wrong};
    for (const auto take : {take_host, take_anchors, take_user_ca})
        if (auto wrong = take(options, made)) return failure{*wrong};
    return {boost::system::in_place_value, std::move(made)};
}

} // namespace gateway::tools
