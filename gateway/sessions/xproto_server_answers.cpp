// Who the peer of an xproto server is, and whether it is welcome.
#include "gateway/sessions/xproto_server_session.hpp"

#include "gateway/admission/refusals.hpp"
#include "gateway/runtime/options.hpp"
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
    belief_.identify(std::move(shown), [this, claimed = question.host](validity::finding found) {
        if (closed_) return;
        take_identity(claimed, std::move(found));
        go_on();
    });
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
    belief_.found = std::move(found);
    // The identity is valid. Is it welcome?
    belief_.ask_lists([this](xproto::identity_answer answer) {
        if (closed_) return;
        if (answer.peer == xproto::standing::refused) {
            gateway_.counters.messages_refused[metrics::refusal::list].xproto.add();
            belief_.forget();
        } else {
            incoming_.from(belief_.found.peer, belief_.found.reception);
        }
        session_.on_identity(std::move(answer));
        go_on();
        if (belief_.is_stale()) review();
    });
}

void xproto_server::review()
{
    if (closed_) return;
    belief_.review(stream_->peer_address(), true, [this](const xproto::result_code& code, const std::string& why) {
        session_.on_disowned(code, why);
        go_on();
    });
}

void xproto_server::make_proof(const std::string& transcript)
{
    auto proof = xproto::make_proof(identity_->chain(), identity_->host_key(), transcript);
    if (!proof) gateway_.log.error("proof_failed", {{"reason", proof.error().what}});
    session_.on_proof(proof ? std::move(*proof) : std::string());
}

} // namespace gateway::sessions
