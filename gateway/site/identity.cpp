// Who this site is and whom it knows.
#include "gateway/site/identity.hpp"

#include <fstream>
#include <iterator>
#include <stdexcept>

namespace gateway::site {

namespace {

constexpr std::size_t max_pem_octets = 1 << 20;

boost::system::result<std::string, identity_error> read_file(const std::string& key, const std::filesystem::path& path)
{
    std::ifstream in(path, std::ios::binary);
    if (!in) return identity_error{key + ": cannot read " + path.string()};
    std::string text((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
    if (text.size() > max_pem_octets) return identity_error{key + ": " + path.string() + " is no certificate or key"};
    return {boost::system::in_place_value, std::move(text)};
}

identity_error in_file(const std::string& key, const std::filesystem::path& path, const std::string& what)
{
    return {key + ": " + path.string() + ": " + what};
}

boost::system::result<xproto::certificate_store, identity_error>
read_store(const std::string& key, const std::vector<std::filesystem::path>& files)
{
    std::vector<xproto::certificate> anchors;
    for (const auto& path : files) {
        const auto text = read_file(key, path);
        if (!text) return text.error();
        auto some = xproto::certificate::all_from_pem(*text);
        if (!some) return in_file(key, path, some.error().what);
        anchors.insert(anchors.end(), some->begin(), some->end());
    }
    return {boost::system::in_place_value, std::move(anchors)};
}

} // namespace

void throw_exception_from_error(const identity_error& e, const boost::source_location&)
{
    throw std::logic_error(e.what);
}

boost::system::result<std::shared_ptr<const identity>, identity_error> identity::load(const config::settings& from)
{
    const auto chain_text = read_file("tls.certificate", from.tls.certificate);
    if (!chain_text) return chain_text.error();
    const auto key_text = read_file("tls.key", from.tls.key);
    if (!key_text) return key_text.error();
    const auto ca_text = read_file("tls.ca", from.tls.ca);
    if (!ca_text) return ca_text.error();
    const auto ca_key_text = read_file("tls.ca_key", from.tls.ca_key);
    if (!ca_key_text) return ca_key_text.error();

    std::shared_ptr<identity> made(new identity);
    auto chain = xproto::certificate::all_from_pem(*chain_text);
    if (!chain) return in_file("tls.certificate", from.tls.certificate, chain.error().what);
    made->chain_ = std::move(*chain);
    if (!made->host().names_host(from.host))
        return in_file("tls.certificate", from.tls.certificate, "does not name the host " + from.host);
    auto key = xproto::private_key::from_pem(*key_text);
    if (!key) return in_file("tls.key", from.tls.key, key.error().what);
    made->key_ = std::move(*key);

    auto anchors = xproto::certificate::all_from_pem(*ca_text);
    if (!anchors) return in_file("tls.ca", from.tls.ca, anchors.error().what);
    auto ca_key = xproto::private_key::from_pem(*ca_key_text);
    if (!ca_key) return in_file("tls.ca_key", from.tls.ca_key, ca_key.error().what);
    made->ca_ = std::make_unique<xproto::certificate_authority>(
        xproto::certificate_authority{anchors->front(), std::move(*ca_key)});
    made->own_store_ = xproto::certificate_store(std::move(*anchors));
    made->stores_.push_back(&made->own_store_);

    auto smtp_server = net::tls_context::smtp_server(*chain_text, *key_text);
    if (!smtp_server) return in_file("tls.certificate", from.tls.certificate, smtp_server.error().what);
    made->smtp_server_ = std::make_unique<net::tls_context>(std::move(*smtp_server));
    auto xproto_server = net::tls_context::xproto_server(*chain_text, *key_text);
    if (!xproto_server) return in_file("tls.certificate", from.tls.certificate, xproto_server.error().what);
    made->xproto_server_ = std::make_unique<net::tls_context>(std::move(*xproto_server));
    std::string smtp_ca;
    if (!from.smtp.ca.empty()) {
        auto text = read_file("smtp.ca", from.smtp.ca);
        if (!text) return text.error();
        smtp_ca = std::move(*text);
    }
    auto smtp_client = net::tls_context::smtp_client(smtp_ca);
    if (!smtp_client) return identity_error{smtp_client.error().what};
    made->smtp_client_ = std::make_unique<net::tls_context>(std::move(*smtp_client));

    auto unproved = net::tls_context::xproto_client_unproved();
    if (!unproved) return identity_error{unproved.error().what};
    made->unproved_client_ = std::make_unique<net::tls_context>(std::move(*unproved));

    auto known = read_store("trust.known_ca", from.trust.known_ca);
    if (!known) return known.error();
    made->known_store_ = std::move(*known);
    auto trusted = read_store("trust.trusted_ca", from.trust.trusted_ca);
    if (!trusted) return trusted.error();
    made->trusted_store_ = std::move(*trusted);

    for (const auto& peer : from.peers) {
        if (peer.ca.empty()) {
            known_peer entry{peer, {}, made->unproved_client_tls()};
            made->all_peers_.push_back(&made->peers_.emplace(peer.host, std::move(entry)).first->second);
            continue;
        }
        const auto text = read_file("peer.ca", peer.ca);
        if (!text) return text.error();
        auto peer_anchors = xproto::certificate::all_from_pem(*text);
        if (!peer_anchors) return in_file("peer.ca", peer.ca, peer_anchors.error().what);
        auto tls = net::tls_context::xproto_client(*text);
        if (!tls) return in_file("peer.ca", peer.ca, tls.error().what);
        known_peer entry{peer, xproto::certificate_store(std::move(*peer_anchors)), std::move(*tls)};
        const auto placed = made->peers_.emplace(peer.host, std::move(entry)).first;
        made->all_peers_.push_back(&placed->second);
        made->stores_.push_back(&placed->second.store);
    }
    return {boost::system::in_place_value, std::move(made)};
}

const known_peer* identity::peer(std::string_view host) const
{
    const auto found = peers_.find(config::canonical_domain(host));
    return found == peers_.end() ? nullptr : &found->second;
}

} // namespace gateway::site
