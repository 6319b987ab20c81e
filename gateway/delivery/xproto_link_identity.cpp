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
    gateway_.hosts.identify(identity_, std::move(shown), gateway_.now(), std::move(take));
}

void xproto_link::take_identity(const validity::finding& found)
{
    if (!found.peer)
        gateway_.log.warning("peer_not_proved", {{"peer", host_}, {"reason", found.answer.text}});
    else
        validity::log_proved(gateway_.log, found, stream_->peer_address());
    const auto* known = settings_->peer_by_host(host_);
    if (!found.peer || known == nullptr || !known->duplex) return session_.on_identity(found.answer);
    incoming_.from(found.peer);
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
        auto answer = valid;
        answer.options.set(xproto::option::duplex, said.peer != xproto::standing::refused);
        self->session_.on_identity(std::move(answer));
        self->go_on();
    });
}

void xproto_link::make_proof(const std::string& transcript)
{
    auto proof = xproto::make_proof(identity_->chain(), identity_->host_key(), transcript);
    if (!proof) gateway_.log.error("proof_failed", {{"reason", proof.error().what}});
    session_.on_proof(proof ? std::move(*proof) : std::string());
}

} // namespace gateway::delivery
