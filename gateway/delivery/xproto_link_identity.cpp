// Who the peer of an xproto_link is, whether its mail is welcome, and the proof of who we are.
#include "gateway/delivery/xproto_link.hpp"
#include "gateway/site/identity.hpp"
#include "xproto/identity.hpp"

#include <utility>

namespace gateway::delivery {

using session = xproto::client_session;

void xproto_link::check_identity(session::check_identity& question)
{
    validity::claim shown{host_, {}, std::move(question.proof), std::move(question.transcript)};
    belief_.identify(std::move(shown), [this](validity::finding found) {
        if (closed_) return;
        take_identity(std::move(found));
        go_on();
    });
}

void xproto_link::take_identity(validity::finding found)
{
    if (!found.peer)
        gateway_.log.warning("peer_not_proved", {{"peer", host_}, {"reason", found.answer.text}});
    else
        validity::log_proved(gateway_.log, found, stream_->peer_address());
    belief_.found = std::move(found);
    const auto* known = settings_->peer_by_host(host_);
    if (belief_.found.peer && known != nullptr && known->duplex) return ask_lists();
    session_.on_identity(belief_.found.answer);
    if (belief_.is_stale()) review();
}

// From a peer that sends mail here the lists may keep us, as they would if it had come by itself. What we send it is
// not their affair.
void xproto_link::ask_lists()
{
    belief_.ask_lists([this](const xproto::identity_answer& said) {
        if (closed_) return;
        incoming_.from(belief_.found.peer, belief_.found.reception);
        auto answer = belief_.found.answer;
        answer.options.set(xproto::option::duplex, said.peer != xproto::standing::refused);
        session_.on_identity(std::move(answer));
        go_on();
        if (belief_.is_stale()) review();
    });
}

void xproto_link::review()
{
    if (closed_ || draining_) return;
    const bool by_lists = session_.active().has(xproto::option::duplex);
    belief_.review({}, by_lists, [this](const auto&, const auto&) { drain(); });
}

void xproto_link::make_proof(const std::string& transcript)
{
    auto proof = xproto::make_proof(identity_->chain(), identity_->host_key(), transcript);
    if (!proof) gateway_.log.error("proof_failed", {{"reason", proof.error().what}});
    session_.on_proof(proof ? std::move(*proof) : std::string());
}

} // namespace gateway::delivery
