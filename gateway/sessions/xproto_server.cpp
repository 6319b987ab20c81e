// Drives xproto::server_session over a TLS connection.
#include "gateway/sessions/xproto_server.hpp"

#include "gateway/admission/refusals.hpp"
#include "gateway/intake/held_words.hpp"
#include "gateway/intake/native_intake.hpp"
#include "gateway/net/pace.hpp"
#include "gateway/runtime/limits.hpp"
#include "gateway/runtime/options.hpp"
#include "gateway/runtime/random.hpp"
#include "gateway/sessions/outbox.hpp"
#include "gateway/site/identity.hpp"
#include "gateway/trust/lists.hpp"
#include "gateway/validity/host_validator.hpp"
#include "xproto/identity.hpp"
#include "xproto/server_session.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/steady_timer.hpp>

#include <algorithm>
#include <optional>
#include <set>
#include <unordered_map>
#include <utility>

namespace gateway::sessions {

namespace {

namespace asio = boost::asio;

constexpr std::size_t nonce_characters = 32; // 160 random bits
// Answers that a peer has not read. Reading stops above this, so that a peer that only talks cannot fill our memory.
constexpr std::size_t max_unread_octets = 1 << 20;

xproto::server_config session_config(const runtime& gateway)
{
    const auto& settings = *gateway.settings;
    xproto::server_config made;
    made.host = settings.host;
    made.nonce = random_text(nonce_characters);
    made.limits = session_limits(settings);
    made.window.messages = static_cast<std::uint32_t>(settings.limits.window_transfers);
    made.window.octets = settings.limits.window_octets;
    made.prove = xproto::prove_self::always;
    made.extensions = &gateway.extensions;
    made.helo_in_clear = std::ranges::count(settings.peers, config::peer_tls::optional, &config::peer::tls) != 0;
    return made;
}

class xproto_server final : public live_session,
                            public trace_feed::listener,
                            public std::enable_shared_from_this<xproto_server> {
  public:
    xproto_server(runtime& gateway, std::unique_ptr<net::stream> connection, config::start start)
        : gateway_(gateway), settings_(gateway.settings), identity_(gateway.identity), stream_(std::move(connection)),
          pace_(*stream_, settings_->limits.least_rate), session_(session_config(gateway)), start_(start),
          out_(*stream_, gateway.context.get_executor()), wake_(gateway.context.get_executor()),
          followed_(gateway.traces),
          place_(gateway.sessions, metrics::protocol::xproto, metrics::side::server, stream_->peer_address())
    {
        gateway_.sessions.add(*this);
    }

    asio::awaitable<void> run();

    void on_hop(const xproto::hop_notice& what) override;
    void drain() override
    {
        if (shaking_hands_) return abort();
        session_.on_shutdown();
        if (pump() == next_step::close) stream_->interrupt();
    }
    void abort() override
    {
        stream_->close();
        out_.close();
        wake_.notify();
    }

  private:
    enum class next_step { read, wait, start_tls, close };

    asio::awaitable<bool> begin_tls();
    asio::awaitable<void> change_to_tls();
    asio::awaitable<void> read();
    next_step pump();
    next_step obey();
    void check_identity(xproto::server_session::check_identity& question);
    void take_identity(const std::string& claimed, validity::finding found);
    void ask_lists(const xproto::identity_answer& valid, const std::vector<std::string>& issuers);
    void make_proof(const std::string& transcript);
    void check_object(const xproto::server_session::check_object& question);
    void append(const xproto::server_session::append& piece);
    void check_held(const xproto::server_session::check_held& question);
    void finish_object(const xproto::server_session::finish_object& question);
    void filter_object(const xproto::server_session::check_object& question, xproto::object_answer answer);
    void answer_object(const xproto::server_session::check_object& question, xproto::object_answer answer);
    void answer_finished(const xproto::server_session::finish_object& question, xproto::finish_answer answer);
    void resume();
    void commit(std::uint32_t tag, const std::string& message_id);
    void set_deadline();
    void count_discarded();
    void watch_progress();
    void log_end() const;

    // A message on its way in, and the tag its current object goes by.
    using messages = std::unordered_map<std::string, std::shared_ptr<intake::native_intake>>;

    runtime& gateway_;
    std::shared_ptr<const config::settings> settings_;
    std::shared_ptr<const site::identity> identity_;
    std::unique_ptr<net::stream> stream_;
    net::pace pace_;
    xproto::server_session session_;
    config::start start_;
    outbox out_;
    net::wakeup wake_;
    trace_following followed_;
    registry::place place_;
    std::shared_ptr<const site::known_peer> peer_;
    messages messages_;
    std::unordered_map<std::uint32_t, std::shared_ptr<intake::native_intake>> by_tag_;
    xproto::server_session::phase phase_ = xproto::server_session::phase::helo;
    xproto::server_session::close end_;
    std::uint64_t accepted_ = 0;
    std::uint64_t discarded_ = 0;
    std::set<std::uint32_t> committing_; // tags of objects whose messages are being stored
    std::optional<asio::steady_timer> progress_;
    bool watching_ = false;
    bool shaking_hands_ = false, pumping_ = false, closed_ = false;
};

asio::awaitable<void> xproto_server::run()
{
    if (start_ == config::start::clear) stream_->keep_urgent();
    if (start_ == config::start::tls) {
        const bool encrypted = co_await begin_tls();
        if (!encrypted) co_return;
    }
    const auto self = shared_from_this();
    auto writer = [](std::shared_ptr<xproto_server> kept) -> asio::awaitable<void> { co_await kept->out_.send(); };
    asio::co_spawn(gateway_.context, writer(self), asio::detached);
    for (;;) {
        const auto step = pump();
        if (step == next_step::close) break;
        if (step == next_step::start_tls)
            co_await change_to_tls();
        else if (step == next_step::read)
            co_await read();
        else
            co_await wake_.wait();
    }
    log_end();
    stream_->expires_after(settings_->timeouts.reply);
    out_.close();
    co_await out_.ended();
    co_await stream_->linger();
}

asio::awaitable<bool> xproto_server::begin_tls()
{
    stream_->expires_after(settings_->timeouts.helo);
    shaking_hands_ = true;
    const auto failed = co_await stream_->accept_tls(identity_->xproto_server_tls());
    shaking_hands_ = false;
    if (failed) {
        gateway_.counters.tls_failures.xproto.server.add();
        gateway_.log.info("tls_failed",
                          {{"peer_address", stream_->peer_address()}, {"reason", stream_->tls().verify_text}});
        stream_->close();
        co_return false;
    }
    gateway_.counters.tls_handshakes.xproto.server.add();
    xproto::tls_facts facts;
    facts.active = true;
    facts.exporter = stream_->tls().exporter;
    session_.on_tls(std::move(facts));
    co_return true;
}

// The session in clear is over. Nothing that was said in it counts for the one that begins under TLS.
asio::awaitable<void> xproto_server::change_to_tls()
{
    shaking_hands_ = true;
    co_await out_.drained(0);
    session_ = xproto::server_session(session_config(gateway_));
    closed_ = !co_await begin_tls();
    if (closed_) end_ = {xproto::codes::connection_lost, "TLS failed: " + stream_->tls().verify_text};
}

asio::awaitable<void> xproto_server::read()
{
    co_await out_.drained(max_unread_octets);
    for (const auto& [id, message] : messages_)
        if (message->congested()) {
            const auto kept = message; // the map may change while we wait
            co_await kept->drained();
            pace_.progress();
            break;
        }
    set_deadline();
    const auto got = co_await stream_->read_some();
    if (closed_) co_return;
    if (got.error == asio::error::timed_out) {
        session_.on_timeout();
    } else if (got.error == asio::error::operation_aborted && stream_->open()) {
        co_return; // interrupted: look again
    } else if (got.error || got.eof()) {
        session_.on_eof();
    } else {
        if (phase_ == xproto::server_session::phase::octets) pace_.received(got.octets.size());
        if (got.at_mark) session_.on_mark();
        session_.on_bytes(got.octets);
    }
}

void xproto_server::set_deadline()
{
    using phase = xproto::server_session::phase;
    const auto& limits = settings_->timeouts;
    const auto kind = static_cast<int>(phase_);
    switch (phase_) {
    case phase::helo: return pace_.expect(kind, limits.helo);
    case phase::idle: return pace_.expect(kind, limits.idle);
    case phase::octets: return pace_.expect(kind, limits.data);
    case phase::owed: pace_.progress(); return stream_->expires_never();
    }
}

// Does what the session wants until it waits for something. Answers given meanwhile are heard in the same round.
xproto_server::next_step xproto_server::pump()
{
    if (closed_) return next_step::close;
    pumping_ = true;
    const auto step = obey();
    pumping_ = false;
    return step;
}

xproto_server::next_step xproto_server::obey()
{
    using session = xproto::server_session;
    for (;;) {
        auto action = session_.next();
        if (auto* wanted = std::get_if<session::read_more>(&action)) {
            phase_ = wanted->waiting_for;
            count_discarded();
            return next_step::read;
        }
        if (std::holds_alternative<session::wait>(action)) return next_step::wait;
        if (std::holds_alternative<session::start_tls>(action)) return next_step::start_tls;
        if (auto* octets = std::get_if<session::write>(&action)) {
            out_.add(std::move(octets->octets));
            if (phase_ != session::phase::helo) pace_.progress(); // something was answered
        } else if (auto* piece = std::get_if<session::append>(&action)) {
            append(*piece);
        } else if (auto* object = std::get_if<session::check_object>(&action)) {
            check_object(*object);
        } else if (auto* done = std::get_if<session::finish_object>(&action)) {
            finish_object(*done);
        } else if (auto* who = std::get_if<session::check_identity>(&action)) {
            check_identity(*who);
        } else if (auto* sign = std::get_if<session::make_proof>(&action)) {
            make_proof(sign->transcript);
        } else if (auto* status = std::get_if<session::check_held>(&action)) {
            check_held(*status);
        } else if (auto* gone = std::get_if<session::abort>(&action)) {
            messages_.erase(gone->message_id);
            by_tag_.erase(gone->tag);
        } else if (auto* end = std::get_if<session::close>(&action)) {
            end_ = std::move(*end);
            closed_ = true;
            messages_.clear();
            by_tag_.clear();
            return next_step::close;
        }
    }
}

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
    found->second->filter_announced(question.type, [weak = weak_from_this(), question](xproto::object_answer said) {
        if (const auto self = weak.lock()) self->answer_object(question, std::move(said));
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

void xproto_server::log_end() const
{
    const bool orderly = end_.code == xproto::codes::goodbye;
    if (!orderly) gateway_.counters.session_errors.xproto.server.add();
    const auto code = end_.code.text();
    gateway_.log.event(orderly ? log::level::debug : log::level::info, "xproto_closed",
                       {{"peer", session_.peer()},
                        {"peer_address", stream_->peer_address()},
                        {"messages", accepted_},
                        {"code", code},
                        {"reason", end_.text}});
}

} // namespace

asio::awaitable<void> serve_xproto(runtime& gateway, std::unique_ptr<net::stream> connection, config::start start)
{
    auto session = std::make_shared<xproto_server>(gateway, std::move(connection), start);
    try {
        co_await session->run();
    } catch (const std::exception& bug) {
        // A bug of ours: it ends this session, not the gateway. What was not committed is still the peer's.
        gateway.log.error("xproto_session_failed", {{"error", bug.what()}});
        session->abort();
    }
}

} // namespace gateway::sessions
