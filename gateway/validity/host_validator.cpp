// The three mechanisms in their order: the local store, whose word is final where it has one, then delegation.
#include "gateway/validity/host_validator.hpp"

#include "xproto/delegation.hpp"

#include <utility>

namespace gateway::validity {

namespace codes = xproto::codes;
using xproto::certificate_fault;

namespace {

constexpr std::size_t longest_authority = 512; // that a hop can have

finding refused(const xproto::result_code& code, std::string why)
{
    finding made;
    made.answer = xproto::identity_answer::refuse(code, std::move(why));
    return made;
}

xproto::standing standing_of(config::trust trust)
{
    switch (trust) {
    case config::trust::trusted: return xproto::standing::trusted;
    case config::trust::known: return xproto::standing::known;
    case config::trust::unknown: break;
    }
    return xproto::standing::unknown;
}

finding accepted(xproto::standing as, const std::string& host, std::shared_ptr<const site::known_peer> peer,
                 const xproto::validation& why)
{
    finding made;
    made.answer = xproto::identity_answer::accept(as, host);
    made.peer = std::move(peer);
    made.mechanism = why.delegated_by.empty() ? "store" : "delegation";
    made.issuer = why.delegated_by.empty() ? why.anchor.subject() : why.delegated_by;
    return made;
}

} // namespace

// One host on its way to an answer.
class host_validator::inquiry : public std::enable_shared_from_this<inquiry> {
  public:
    inquiry(host_validator& owner, std::shared_ptr<const site::identity> site, std::string address,
            xproto::unix_seconds now, finding_receiver receiver)
        : owner_(owner), site_(std::move(site)), address_(std::move(address)), now_(now), receiver_(std::move(receiver))
    {
    }

    void begin(const claim& shown);
    // Of a host that proved itself before.
    void begin_again(const finding& found);

  private:
    void judge();
    void by_peer(const site::known_peer& peer);
    void without_peer();
    // False: the store does not know the issuer.
    bool by_store(const xproto::certificate_store& store, config::trust trust);
    void by_delegation();
    void take(const std::string& domain, const ca_answer& found);
    void accept_stranger(xproto::certificate_store store, config::trust trust, std::vector<std::string> domains,
                         const xproto::validation& why);
    bool lets_strangers_in() const { return owner_.settings_->xproto.unknown_peers == config::unknown_peers::accept; }
    std::string own_domain() const;
    void end(finding found);
    std::string mechanism_of(const finding& found) const;

    host_validator& owner_;
    std::shared_ptr<const site::identity> site_;
    std::string address_, host_;
    std::optional<xproto::proved> shown_;
    std::shared_ptr<const std::vector<std::string>> shown_der_; // the same
    xproto::unix_seconds now_;
    finding_receiver receiver_;
    bool counted_before_ = false;
    const site::known_peer* named_ = nullptr; // a [[peer]] without a ca, which says what it is but not by whose word
};

// By what a host is validated, as its messages' hops say it. Where the configuration trusts a host by its name, that is
// what counts: whose certificate it has is the administrator's own affair.
std::string host_validator::inquiry::mechanism_of(const finding& found) const
{
    if (found.mechanism == "store") {
        const auto* named = site_->peer(host_);
        const bool by_name =
            named != nullptr && named->settings.trust == config::trust::trusted && !named->settings.ca.empty();
        return by_name ? "trusted" : "store";
    }
    return owner_.settings_->directory_for(found.issuer) != nullptr ? "ldap" : "dns";
}

void host_validator::inquiry::end(finding found)
{
    if (shown_) found.issuers = shown_->leaf.issuer_dns_names();
    if (!shown_der_ && shown_) {
        std::vector<std::string> der{shown_->leaf.der()};
        for (const auto& other : shown_->others) der.push_back(other.der());
        shown_der_ = std::make_shared<const std::vector<std::string>>(std::move(der));
    }
    found.shown = shown_der_;
    if (found.peer) {
        found.reception.by = mechanism_of(found);
        found.reception.standing = config::to_text(found.peer->settings.trust);
        found.reception.certificate = shown_->leaf.sha256();
        found.reception.authority = found.issuer.substr(0, longest_authority);
    }
    std::exchange(receiver_, nullptr)(std::move(found));
}

void host_validator::inquiry::begin(const claim& shown)
{
    auto opened = xproto::open_proof(shown.proof, shown.transcript);
    if (!opened) return end(refused(codes::invalid_proof, opened.error().what));
    host_ = config::canonical_domain(shown.host.empty() ? opened->hosts.front() : shown.host);
    if (!opened->names(host_)) return end(refused(codes::host_mismatch, "the certificate does not name " + host_));
    if (host_ == config::canonical_domain(owner_.settings_->host))
        return end(refused(codes::identity_refused, host_ + " is this host's own name"));
    shown_ = *std::move(opened);
    judge();
}

void host_validator::inquiry::begin_again(const finding& found)
{
    host_ = found.answer.host;
    shown_der_ = found.shown;
    counted_before_ = true;
    for (const auto& der : *found.shown) {
        auto read = xproto::certificate::from_der(der);
        if (!read) return end(refused(codes::invalid_certificate, read.error().what)); // it could be read before
        if (shown_)
            shown_->others.push_back(*std::move(read));
        else
            shown_ = xproto::proved{*std::move(read), {}, {host_}};
    }
    judge();
}

void host_validator::inquiry::judge()
{
    const auto* peer = site_->peer(host_);
    if (peer != nullptr && !peer->settings.address.empty() && !address_.empty() && peer->settings.address != address_)
        return end(refused(codes::host_mismatch, host_ + " is not expected from this address"));
    if (peer == nullptr || peer->settings.trust == config::trust::unknown) return without_peer();
    if (!peer->settings.ca.empty()) return by_peer(*peer);
    named_ = peer;
    if (by_store(site_->trusted_store(), peer->settings.trust)) return;
    if (by_store(site_->known_store(), peer->settings.trust)) return;
    by_delegation();
}

void host_validator::inquiry::by_peer(const site::known_peer& peer)
{
    const auto valid = peer.store.validate_host(shown_->leaf, shown_->others, host_, now_);
    if (!valid) return end(refused(codes::invalid_certificate, valid.error().what));
    end(accepted(standing_of(peer.settings.trust), host_, std::shared_ptr<const site::known_peer>(site_, &peer),
                 *valid));
}

void host_validator::inquiry::without_peer()
{
    if (by_store(site_->trusted_store(), config::trust::trusted)) return;
    if (!lets_strangers_in()) return end(refused(codes::identity_refused, "this host does not know " + host_));
    // A [[peer]] that is to be treated as any stranger has a store of its own all the same.
    const auto* peer = site_->peer(host_);
    if (peer != nullptr && by_store(peer->store, config::trust::unknown)) return;
    if (by_store(site_->known_store(), config::trust::unknown)) return;
    by_delegation();
}

bool host_validator::inquiry::by_store(const xproto::certificate_store& store, config::trust trust)
{
    if (store.anchors().empty()) return false;
    const auto valid = store.validate_host(shown_->leaf, shown_->others, host_, now_);
    if (!valid && valid.error().fault == certificate_fault::untrusted) return false;
    if (!valid) {
        end(refused(codes::invalid_certificate, valid.error().what));
        return true;
    }
    const auto domain = own_domain();
    accept_stranger(xproto::certificate_store(store.anchors()), trust, {domain, "*." + domain}, *valid);
    return true;
}

// What a host valid by a store may speak for: the domain its name stands in, unless that is shared by many.
std::string host_validator::inquiry::own_domain() const
{
    const auto dot = host_.find('.');
    const auto site = owner_.suffixes_.registrable_domain(host_);
    const bool shared = !site || *site == host_ || dot == std::string::npos;
    return shared ? host_ : host_.substr(dot + 1);
}

void host_validator::inquiry::by_delegation()
{
    const auto domain = xproto::delegating_domain(
        shown_->leaf, [this](std::string_view name) { return owner_.suffixes_.registrable_domain(name); });
    if (!domain) return end(refused(codes::invalid_certificate, domain.error().what));
    owner_.directory_->find(
        *domain, [self = shared_from_this(), name = *domain](const ca_answer& found) { self->take(name, found); });
}

void host_validator::inquiry::take(const std::string& domain, const ca_answer& found)
{
    if (found.outcome == ca_answer::kind::failed) return end(refused(codes::identity_unchecked, found.what));
    if (found.outcome == ca_answer::kind::none) return end(refused(codes::invalid_certificate, found.what));
    auto anchors = xproto::anchors_of(found.records, shown_->others);
    if (anchors.empty())
        return end(
            refused(codes::invalid_certificate, domain + " delegates to no CA that is here; does the chain hold it?"));
    xproto::certificate_store store(std::move(anchors), domain);
    const auto valid = store.validate_host(shown_->leaf, shown_->others, host_, now_);
    if (!valid) return end(refused(codes::invalid_certificate, valid.error().what));
    accept_stranger(std::move(store), config::trust::unknown, {domain, "*." + domain}, *valid);
}

void host_validator::inquiry::accept_stranger(xproto::certificate_store store, config::trust trust,
                                              std::vector<std::string> domains, const xproto::validation& why)
{
    config::peer settings;
    if (named_ != nullptr) {
        settings = named_->settings;
    } else {
        settings.host = host_;
        settings.trust = trust;
        settings.domains = std::move(domains);
        if (trust == config::trust::trusted) settings.extensions = owner_.settings_->xproto.extensions;
    }
    const auto as = standing_of(settings.trust);
    const bool counted = as == xproto::standing::unknown && !address_.empty() && !counted_before_;
    site::known_peer made{std::move(settings), std::move(store), site_->unproved_client_tls()};
    auto peer = counted ? owner_.admit(std::move(made)) : std::make_shared<const site::known_peer>(std::move(made));
    if (!peer)
        return end(
            refused(codes::too_many_sessions, "more sessions of " + host_ + " than limits.sessions_per_unknown_peer"));
    end(accepted(as, host_, std::move(peer), why));
}

host_validator::host_validator(boost::asio::io_context& context, net::resolver& dns,
                               std::shared_ptr<const config::settings> settings)
    : host_validator(settings, std::make_unique<ca_directory>(context, dns, settings))
{
}

host_validator::host_validator(std::shared_ptr<const config::settings> settings,
                               std::unique_ptr<ca_directory> directory)
    : settings_(std::move(settings)), directory_(std::move(directory))
{
}

void log_proved(log::logger& log, const finding& found, const std::string& address)
{
    const bool stranger = found.answer.peer == xproto::standing::unknown;
    log.event(stranger ? log::level::info : log::level::debug, "peer_proved",
              {{"peer", found.answer.host},
               {"peer_address", address},
               {"trust", config::to_text(found.peer->settings.trust)},
               {"validity", found.mechanism},
               {"issuer", found.issuer}});
}

void log_disowned(log::logger& log, const finding& before, const std::string& address, std::string_view side,
                  const xproto::result_code& code, const std::string& why)
{
    log.warning("session_disowned", {{"peer", before.answer.host},
                                     {"peer_address", address},
                                     {"side", side},
                                     {"was_valid_by", before.issuer},
                                     {"code", code.text()},
                                     {"reason", why}});
}

void host_validator::use(std::shared_ptr<const config::settings> settings)
{
    settings_ = settings;
    directory_->use(std::move(settings));
}

void host_validator::identify(std::shared_ptr<const site::identity> site, claim shown, xproto::unix_seconds now,
                              finding_receiver receiver)
{
    std::make_shared<inquiry>(*this, std::move(site), shown.address, now, std::move(receiver))->begin(shown);
}

void host_validator::review(std::shared_ptr<const site::identity> site, const finding& found, std::string address,
                            xproto::unix_seconds now, finding_receiver receiver)
{
    std::make_shared<inquiry>(*this, std::move(site), std::move(address), now, std::move(receiver))->begin_again(found);
}

bool has_lost(const xproto::identity_answer& before, const xproto::identity_answer& now)
{
    if (now.peer == xproto::standing::refused) return now.code != codes::identity_unchecked;
    return now.peer < before.peer;
}

std::shared_ptr<const site::known_peer> host_validator::admit(site::known_peer made)
{
    auto host = made.settings.host;
    auto& count = (*strangers_)[host];
    if (count >= settings_->limits.sessions_per_unknown_peer) return nullptr;
    ++count;
    const auto leave = [host = std::move(host), all = strangers_](const site::known_peer* gone) {
        delete gone;
        const auto found = all->find(host);
        if (--found->second == 0) all->erase(found);
    };
    return {new site::known_peer(std::move(made)), leave};
}

} // namespace gateway::validity
