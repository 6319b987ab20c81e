// Who the peer of an xproto server is, and whether it is welcome.
#include "gateway/sessions/xproto_server_session.hpp"

#include "gateway/admission/refusals.hpp"
#include "gateway/runtime/options.hpp"
#include "gateway/trust/lists.hpp"
#include "xproto/identity.hpp"

#include <utility>

namespace gateway::sessions {

void xproto_server::check_identity(xproto::server_session::check_identity& question)
{
    validity::claim shown;
    shown.host = question.host;
    shown.address = stream_->peer_address();
    shown.proof = std::move(question.proof);
    shown.transcript = std::move(question.transcript);
    auto take = [weak = weak_from_this(), claimed = question.host](validity::finding found) {
        const auto self = weak.lock();
        if (!self || self->closed_) return;
        self->take_identity(claimed, std::move(found));
        self->go_on();
    };
    believed_by_ = gateway_.identity;
    gateway_.hosts.identify(believed_by_, std::move(shown), gateway_.now(), std::move(take));
}

void xproto_server::take_identity(const std::string& claimed, validity::finding found)
{
    if (found.peer && !stream_->encrypted() && found.peer->settings.tls == config::peer_tls::required) {
        found.answer =
            xproto::identity_answer::refuse(xproto::codes::tls_required, found.answer.host + " must not come in clear");
        found.peer.reset();
    }
    if (!found.peer) {
        const auto& why = found.answer.text;
        gateway_.log.info("peer_refused",
                          {{"peer", claimed}, {"peer_address", stream_->peer_address()}, {"reason", why}});
        gateway_.counters.messages_refused[admission::reason_of(found.answer.code)].xproto.add();
        return session_.on_identity(found.answer);
    }
    validity::log_proved(gateway_.log, found, stream_->peer_address());
    found.answer.options = options_for(*settings_, found.peer->settings, gateway_.extensions);
    found_ = std::move(found);
    ask_lists(found_.answer, found_.issuers);
}

// The identity is valid. Is it welcome?
void xproto_server::ask_lists(const xproto::identity_answer& valid, const std::vector<std::string>& issuers)
{
    const trust::subject about{valid.host, stream_->peer_address(), {}, issuers};
    gateway_.lists.judge_host(valid, about, [weak = weak_from_this()](xproto::identity_answer answer) {
        const auto self = weak.lock();
        if (!self || self->closed_) return;
        if (answer.peer == xproto::standing::refused)
            self->gateway_.counters.messages_refused[metrics::refusal::list].xproto.add();
        if (answer.peer == xproto::standing::known)
            self->found_.reception.standing = config::to_text(config::trust::known);
        self->found_.answer.peer = answer.peer;
        const bool welcome = answer.peer != xproto::standing::refused;
        self->incoming_.from(self->found_.peer, self->found_.reception);
        self->session_.on_identity(std::move(answer));
        self->go_on();
        // What was read again meanwhile has not been looked at.
        if (welcome && self->believed_by_ != self->gateway_.identity) self->review();
    });
}

void xproto_server::review()
{
    if (closed_ || !found_.peer || found_.answer.peer == xproto::standing::refused) return;
    believed_by_ = gateway_.identity;
    auto listed = [weak = weak_from_this()](const xproto::identity_answer& now) {
        const auto self = weak.lock();
        if (self && !self->closed_) self->take_review(now);
    };
    auto valid = [weak = weak_from_this(), listed](const validity::finding& now) {
        const auto self = weak.lock();
        if (!self || self->closed_) return;
        if (!now.peer) return self->take_review(now.answer);
        const trust::subject about{now.answer.host, self->stream_->peer_address(), {}, now.issuers};
        self->gateway_.lists.judge_host(now.answer, about, listed);
    };
    gateway_.hosts.review(gateway_.identity, found_, stream_->peer_address(), gateway_.now(), std::move(valid));
}

void xproto_server::take_review(const xproto::identity_answer& now)
{
    if (!validity::has_lost(found_.answer, now)) return;
    const auto& code = now.peer == xproto::standing::refused ? now.code : xproto::codes::identity_refused;
    const auto why = now.text.empty() ? "not as trusted as before" : now.text;
    validity::log_disowned(gateway_.log, found_, stream_->peer_address(), "server", code, why);
    session_.on_disowned(code, why);
    go_on();
}

void xproto_server::make_proof(const std::string& transcript)
{
    auto proof = xproto::make_proof(identity_->chain(), identity_->host_key(), transcript);
    if (!proof) gateway_.log.error("proof_failed", {{"reason", proof.error().what}});
    session_.on_proof(proof ? std::move(*proof) : std::string());
}

} // namespace gateway::sessions
