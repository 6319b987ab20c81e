// What a session of an xproto server is answered: who the peer is, which objects may travel, what became of them.
#include "gateway/sessions/xproto_server_session.hpp"

#include "gateway/admission/refusals.hpp"
#include "gateway/intake/held_words.hpp"
#include "gateway/runtime/options.hpp"
#include "gateway/trust/lists.hpp"
#include "xproto/identity.hpp"

#include <boost/asio/post.hpp>

#include <utility>

namespace gateway::sessions {

namespace asio = boost::asio;

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
        self->resume();
    };
    gateway_.hosts.identify(identity_, std::move(shown), gateway_.now(), std::move(take));
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
    peer_ = std::move(found.peer);
    found.answer.options = options_for(*settings_, peer_->settings, gateway_.extensions);
    ask_lists(found.answer, found.issuers);
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
        self->session_.on_identity(std::move(answer));
        self->resume();
    });
}

void xproto_server::make_proof(const std::string& transcript)
{
    auto proof = xproto::make_proof(identity_->chain(), identity_->host_key(), transcript);
    if (!proof) gateway_.log.error("proof_failed", {{"reason", proof.error().what}});
    session_.on_proof(proof ? std::move(*proof) : std::string());
}

void xproto_server::check_object(const xproto::server_session::check_object& question)
{
    using xproto::object_type;
    if (question.type == object_type::envelope) {
        if (gateway_.spool.health().state != spool::health_report::condition::ok) {
            gateway_.counters.messages_put_off.xproto.add();
            return session_.on_object(question.tag, xproto::object_answer::refuse(xproto::codes::storage_failed));
        }
        auto peer = intake::proved_peer(*stream_, session_.peer(), peer_);
        peer.resumes = session_.active().has(xproto::option::stat);
        messages_[question.message_id] =
            std::make_shared<intake::native_intake>(gateway_, identity_, std::move(peer), question.message_id);
    }
    const auto found = messages_.find(question.message_id);
    if (found == messages_.end()) // the session asks for no object whose envelope was not accepted
        return session_.on_object(question.tag, xproto::object_answer::refuse(xproto::codes::local_error));
    by_tag_[question.tag] = found->second;
    found->second->check_object(question, [weak = weak_from_this(), question](xproto::object_answer answer) {
        const auto self = weak.lock();
        if (self) self->filter_object(question, std::move(answer));
    });
}

// An object that may travel as far as its message is concerned: does the filter want it?
void xproto_server::filter_object(const xproto::server_session::check_object& question, xproto::object_answer answer)
{
    const auto found = messages_.find(question.message_id);
    if (closed_ || found == messages_.end()) return; // gone while it was judged
    if (!answer.permitted || question.type == xproto::object_type::leaf)
        return answer_object(question, std::move(answer));
    const auto whole = answer.whole;
    found->second->filter_announced(question.type,
                                    [weak = weak_from_this(), question, whole](xproto::object_answer said) {
                                        said.whole = whole;
                                        if (const auto self = weak.lock())
                                            self->answer_object(question, std::move(said));
                                    });
}

void xproto_server::answer_object(const xproto::server_session::check_object& question, xproto::object_answer answer)
{
    const auto found = messages_.find(question.message_id);
    if (closed_ || found == messages_.end()) return; // gone while it was judged
    const bool here = answer.code == xproto::codes::already_have;
    if (!answer.permitted && !(here && answer.last)) by_tag_.erase(question.tag);
    if (!answer.permitted && !here) {
        found->second->count_unsent(question.type, question.unasked ? 0 : question.octets);
        messages_.erase(found);
    }
    session_.on_object(question.tag, std::move(answer));
    resume();
}

// A peer learns of nothing but what it has sent itself.
void xproto_server::check_held(const xproto::server_session::check_held& question)
{
    const auto& peer = session_.peer();
    xproto::held_answer answer;
    answer.owned = !gateway_.spool.already_have(peer, question.message_id).empty();
    const auto found =
        gateway_.held.partials(intake::held_word(peer), intake::held_word(std::string_view(question.message_id)));
    for (const auto& one : found) answer.objects.push_back({"sha-256:" + one.digest, one.octets});
    session_.on_held(question.tag, answer);
}

void xproto_server::append(const xproto::server_session::append& piece)
{
    const auto found = by_tag_.find(piece.tag);
    if (found != by_tag_.end()) found->second->append(piece.octets);
}

void xproto_server::finish_object(const xproto::server_session::finish_object& question)
{
    const auto found = by_tag_.find(question.tag);
    if (found == by_tag_.end())
        return session_.on_finished(question.tag, xproto::finish_answer::refuse(xproto::codes::local_error));
    const auto message = found->second;
    by_tag_.erase(found);
    auto answer = message->finish_object(question.type);
    const bool read_by_filter = question.type <= xproto::object_type::headers;
    if (!answer.ok || answer.complete || !read_by_filter) return answer_finished(question, std::move(answer));
    message->filter_received(question.type, [weak = weak_from_this(), question](xproto::finish_answer said) {
        if (const auto self = weak.lock()) self->answer_finished(question, std::move(said));
    });
}

void xproto_server::answer_finished(const xproto::server_session::finish_object& question, xproto::finish_answer answer)
{
    const auto found = messages_.find(question.message_id);
    if (closed_ || found == messages_.end()) return; // gone while it was judged
    if (answer.ok && found->second->ready_to_commit()) return commit(question.tag, question.message_id);
    if (!answer.ok) found->second->count_unsent_after(question.type);
    if (!answer.ok || answer.complete) messages_.erase(found);
    session_.on_finished(question.tag, std::move(answer));
    resume();
}

// After an answer that came later than its question.
void xproto_server::resume()
{
    if (pumping_) return;
    if (pump() == next_step::close) stream_->interrupt();
    wake_.notify();
}

void xproto_server::commit(std::uint32_t tag, const std::string& message_id)
{
    const auto message = messages_.extract(message_id).mapped();
    committing_.insert(tag);
    watch_progress();
    // The message outlives the session if need be: its peer will ask again, and be told that we have it.
    message->commit([weak = weak_from_this(), message, tag, id = message_id](xproto::finish_answer answer) {
        const auto self = weak.lock();
        if (!self || self->closed_) return;
        if (answer.ok) ++self->accepted_;
        self->committing_.erase(tag);
        if (answer.ok && self->session_.active().has(xproto::option::trace))
            self->followed_.add({self->session_.peer(), id}, weak);
        self->session_.on_finished(tag, std::move(answer));
        self->resume();
    });
}

// Said when whoever tells it has had its turn.
void xproto_server::on_hop(const xproto::hop_notice& what)
{
    session_.on_hop(what);
    asio::post(gateway_.context, [weak = weak_from_this()] {
        const auto self = weak.lock();
        if (self && self->pump() == next_step::close) self->stream_->interrupt();
    });
}

void xproto_server::count_discarded()
{
    const auto all = session_.discarded_octets();
    gateway_.counters.octets_discarded.xproto.add(all - std::exchange(discarded_, all));
}

// Whoever waits for a message to be stored hears from time to time that it goes on.
void xproto_server::watch_progress()
{
    if (watching_ || committing_.empty()) return;
    watching_ = true;
    if (!progress_) progress_.emplace(gateway_.context);
    progress_->expires_after(settings_->timeouts.progress);
    progress_->async_wait([weak = weak_from_this()](const boost::system::error_code& ec) {
        const auto self = weak.lock();
        if (ec || !self) return;
        self->watching_ = false;
        if (self->closed_) return;
        for (const auto tag : self->committing_) self->session_.on_progress(tag);
        if (self->pump() == next_step::close) self->stream_->interrupt();
        self->watch_progress();
    });
}

} // namespace gateway::sessions
