// The messages that come in one xproto session.
#include "gateway/sessions/incoming_mail.hpp"

#include "gateway/intake/held_words.hpp"

#include <boost/asio/post.hpp>

#include <utility>

namespace gateway::sessions {

namespace asio = boost::asio;

incoming_mail::incoming_mail(runtime& gateway, std::shared_ptr<const config::settings> settings,
                             std::shared_ptr<const site::identity> identity, xproto::receiving_half& session,
                             session_driver& driver)
    : gateway_(gateway), settings_(std::move(settings)), identity_(std::move(identity)), session_(session),
      driver_(driver), followed_(gateway.traces)
{
}

void incoming_mail::from(std::shared_ptr<const site::known_peer> peer, xproto::reception how)
{
    peer_ = std::move(peer);
    reception_ = std::move(how);
}

void incoming_mail::drop(const xproto::receiving::abort& gone)
{
    messages_.erase(gone.message_id);
    by_tag_.erase(gone.tag);
}

void incoming_mail::end()
{
    ended_ = true;
    messages_.clear();
    by_tag_.clear();
}

asio::awaitable<bool> incoming_mail::has_room()
{
    for (const auto& [id, message] : messages_)
        if (message->congested()) {
            const auto kept = message; // the map may change while we wait
            co_await kept->drained();
            co_return true;
        }
    co_return false;
}

void incoming_mail::check_object(const xproto::receiving::check_object& question)
{
    using xproto::object_type;
    if (question.type == object_type::envelope) {
        if (gateway_.spool.health().state != spool::health_report::condition::ok) {
            gateway_.counters.messages_put_off.xproto.add();
            return session_.on_object(question.tag, xproto::object_answer::refuse(xproto::codes::storage_failed));
        }
        auto peer = intake::proved_peer(driver_.connection(), session_.peer(), peer_);
        peer.reception = reception_;
        peer.resumes = session_.active().has(xproto::option::stat);
        messages_[question.message_id] =
            std::make_shared<intake::native_intake>(gateway_, identity_, std::move(peer), question.message_id);
    }
    const auto found = messages_.find(question.message_id);
    if (found == messages_.end()) // the session asks for no object whose envelope was not accepted
        return session_.on_object(question.tag, xproto::object_answer::refuse(xproto::codes::local_error));
    by_tag_[question.tag] = found->second;
    found->second->check_object(question,
                                [this, weak = std::weak_ptr(driver_.kept()), question](xproto::object_answer answer) {
                                    if (const auto kept = weak.lock()) filter_object(question, std::move(answer));
                                });
}

// An object that may travel as far as its message is concerned: does the filter want it?
void incoming_mail::filter_object(const xproto::receiving::check_object& question, xproto::object_answer answer)
{
    const auto found = messages_.find(question.message_id);
    if (ended_ || found == messages_.end()) return; // gone while it was judged
    if (!answer.permitted || question.type == xproto::object_type::leaf)
        return answer_object(question, std::move(answer));
    const auto whole = answer.whole;
    found->second->filter_announced(
        question.type, [this, weak = std::weak_ptr(driver_.kept()), question, whole](xproto::object_answer said) {
            said.whole = whole;
            if (const auto kept = weak.lock()) answer_object(question, std::move(said));
        });
}

void incoming_mail::answer_object(const xproto::receiving::check_object& question, xproto::object_answer answer)
{
    const auto found = messages_.find(question.message_id);
    if (ended_ || found == messages_.end()) return; // gone while it was judged
    const bool here = answer.code == xproto::codes::already_have;
    if (!answer.permitted && !(here && answer.last)) by_tag_.erase(question.tag);
    if (!answer.permitted && !here) {
        found->second->count_unsent(question.type, question.unasked ? 0 : question.octets);
        messages_.erase(found);
    }
    session_.on_object(question.tag, std::move(answer));
    driver_.go_on();
}

// A peer learns of nothing but what it has sent itself.
void incoming_mail::check_held(const xproto::receiving::check_held& question)
{
    const auto& peer = session_.peer();
    xproto::held_answer answer;
    answer.owned = !gateway_.spool.already_have(peer, question.message_id).empty();
    const auto found =
        gateway_.held.partials(intake::held_word(peer), intake::held_word(std::string_view(question.message_id)));
    for (const auto& one : found) answer.objects.push_back({"sha-256:" + one.digest, one.octets});
    session_.on_held(question.tag, answer);
}

void incoming_mail::append(const xproto::receiving::append& piece)
{
    const auto found = by_tag_.find(piece.tag);
    if (found != by_tag_.end()) found->second->append(piece.octets);
}

void incoming_mail::finish_object(const xproto::receiving::finish_object& question)
{
    const auto found = by_tag_.find(question.tag);
    if (found == by_tag_.end())
        return session_.on_finished(question.tag, xproto::finish_answer::refuse(xproto::codes::local_error));
    const auto message = found->second;
    by_tag_.erase(found);
    auto answer = message->finish_object(question.type);
    const bool read_by_filter = question.type <= xproto::object_type::headers;
    if (!answer.ok || answer.complete || !read_by_filter) return answer_finished(question, std::move(answer));
    message->filter_received(question.type,
                             [this, weak = std::weak_ptr(driver_.kept()), question](xproto::finish_answer said) {
                                 if (const auto kept = weak.lock()) answer_finished(question, std::move(said));
                             });
}

void incoming_mail::answer_finished(const xproto::receiving::finish_object& question, xproto::finish_answer answer)
{
    const auto found = messages_.find(question.message_id);
    if (ended_ || found == messages_.end()) return; // gone while it was judged
    if (answer.ok && found->second->ready_to_commit()) return commit(question.tag, question.message_id);
    if (!answer.ok) found->second->count_unsent_after(question.type);
    if (!answer.ok || answer.complete) messages_.erase(found);
    session_.on_finished(question.tag, std::move(answer));
    driver_.go_on();
}

void incoming_mail::commit(std::uint32_t tag, const std::string& message_id)
{
    const auto message = messages_.extract(message_id).mapped();
    committing_.insert(tag);
    watch_progress();
    // The message outlives the session if need be: its peer will ask again, and be told that we have it.
    auto stored = [this, weak = std::weak_ptr(driver_.kept()), message, tag, id = message_id](auto answer) {
        const auto kept = weak.lock();
        if (!kept || ended_) return;
        if (answer.ok) ++accepted_;
        committing_.erase(tag);
        const bool told = config::includes(settings_->xproto.trace, peer_->settings.trust);
        if (answer.ok && told && session_.active().has(xproto::option::trace))
            followed_.add({session_.peer(), id}, std::shared_ptr<trace_feed::listener>(kept, this));
        session_.on_finished(tag, std::move(answer));
        driver_.go_on();
    };
    message->commit(std::move(stored));
}

// Said when whoever tells it has had its turn.
void incoming_mail::on_hop(const xproto::hop_notice& what)
{
    session_.on_hop(what);
    asio::post(gateway_.context, [this, weak = std::weak_ptr(driver_.kept())] {
        if (const auto kept = weak.lock()) driver_.go_on();
    });
}

void incoming_mail::count_discarded()
{
    const auto all = session_.discarded_octets();
    gateway_.counters.octets_discarded.xproto.add(all - std::exchange(discarded_, all));
}

// Whoever waits for a message to be stored hears from time to time that it goes on.
void incoming_mail::watch_progress()
{
    if (watching_ || committing_.empty()) return;
    watching_ = true;
    if (!progress_) progress_.emplace(gateway_.context);
    progress_->expires_after(settings_->timeouts.progress);
    progress_->async_wait([this, weak = std::weak_ptr(driver_.kept())](const boost::system::error_code& ec) {
        const auto kept = weak.lock();
        if (ec || !kept) return;
        watching_ = false;
        if (ended_) return;
        for (const auto tag : committing_) session_.on_progress(tag);
        driver_.go_on();
        watch_progress();
    });
}

} // namespace gateway::sessions
