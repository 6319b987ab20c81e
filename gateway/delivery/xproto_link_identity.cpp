// Who the peer of an xproto_link is, whether its mail is welcome, and the proof of who we are.
#include "gateway/delivery/xproto_link.hpp"
#include "gateway/site/identity.hpp"
#include "gateway/trust/lists.hpp"
#include "xproto/identity.hpp"

#include <utility>

namespace gateway::delivery {

using session = xproto::client_session;

void xproto_link::check_identity(session::check_identity& question)
{
    validity::claim shown{host_, {}, std::move(question.proof), std::move(question.transcript)};
    auto take = [weak = weak_from_this()](const validity::finding& found) {
        const auto self = weak.lock();
        if (!self || self->closed_) return;
        self->take_identity(found);
        self->go_on();
    };
    believed_by_ = gateway_.identity;
    gateway_.hosts.identify(believed_by_, std::move(shown), gateway_.now(), std::move(take));
}

void xproto_link::take_identity(const validity::finding& found)
{
    if (!found.peer)
        gateway_.log.warning("peer_not_proved", {{"peer", host_}, {"reason", found.answer.text}});
    else
        validity::log_proved(gateway_.log, found, stream_->peer_address());
    found_ = found;
    const auto* known = settings_->peer_by_host(host_);
    if (!found.peer || known == nullptr || !known->duplex) {
        session_.on_identity(found.answer);
        return review_if_stale();
    }
    ask_lists(found);
}

// From a peer that sends mail here the lists may keep us, as they would if it had come by itself. What we send it is
// not their affair.
void xproto_link::ask_lists(const validity::finding& found)
{
    const trust::subject about{found.answer.host, stream_->peer_address(), {}, found.issuers};
    gateway_.lists.judge_host(found.answer, about, [weak = weak_from_this(), valid = found.answer](const auto& said) {
        const auto self = weak.lock();
        if (!self || self->closed_) return;
        if (said.peer == xproto::standing::known)
            self->found_.reception.standing = config::to_text(config::trust::known);
        if (said.peer != xproto::standing::refused) self->found_.answer.peer = said.peer;
        self->incoming_.from(self->found_.peer, self->found_.reception);
        auto answer = valid;
        answer.options.set(xproto::option::duplex, said.peer != xproto::standing::refused);
        self->session_.on_identity(std::move(answer));
        self->go_on();
        self->review_if_stale();
    });
}

// What was read again while the peer was being identified has not been looked at.
void xproto_link::review_if_stale()
{
    if (found_.peer && believed_by_ != gateway_.identity) review();
}

void xproto_link::review()
{
    if (closed_ || draining_ || !found_.peer) return;
    believed_by_ = gateway_.identity;
    auto listed = [weak = weak_from_this()](const xproto::identity_answer& now) {
        if (const auto self = weak.lock()) self->take_review(now);
    };
    auto valid = [weak = weak_from_this(), listed](const validity::finding& now) {
        const auto self = weak.lock();
        if (!self || self->closed_) return;
        if (!now.peer || !self->session_.active().has(xproto::option::duplex)) return self->take_review(now.answer);
        const trust::subject about{now.answer.host, self->stream_->peer_address(), {}, now.issuers};
        self->gateway_.lists.judge_host(now.answer, about, listed);
    };
    gateway_.hosts.review(gateway_.identity, found_, {}, gateway_.now(), std::move(valid));
}

void xproto_link::take_review(const xproto::identity_answer& now)
{
    if (closed_ || draining_ || !validity::has_lost(found_.answer, now)) return;
    const auto& code = now.peer == xproto::standing::refused ? now.code : xproto::codes::identity_refused;
    const auto why = now.text.empty() ? "not as trusted as before" : now.text;
    validity::log_disowned(gateway_.log, found_, stream_->peer_address(), "client", code, why);
    drain();
}

void xproto_link::make_proof(const std::string& transcript)
{
    auto proof = xproto::make_proof(identity_->chain(), identity_->host_key(), transcript);
    if (!proof) gateway_.log.error("proof_failed", {{"reason", proof.error().what}});
    session_.on_proof(proof ? std::move(*proof) : std::string());
}

} // namespace gateway::delivery
