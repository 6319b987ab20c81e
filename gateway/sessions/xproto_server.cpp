// Drives xproto::server_session over a TLS connection.
#include "gateway/sessions/xproto_server.hpp"

#include "gateway/runtime/limits.hpp"
#include "gateway/runtime/random.hpp"
#include "gateway/sessions/mail_events.hpp"
#include "gateway/sessions/xproto_server_session.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include <algorithm>
#include <utility>

namespace gateway::sessions {

namespace {

namespace asio = boost::asio;

constexpr std::size_t nonce_characters = 32; // 160 random bits
// Answers that a peer has not read. Reading stops above this, so that a peer that only talks cannot fill our memory.
constexpr std::size_t max_unread_octets = 1 << 20;
// Beside them, what the sending of our own messages may put there before it waits, and a chunk or two.
constexpr std::size_t max_own_octets = 256 * 1024;

xproto::server_config session_config(const runtime& gateway)
{
    const auto& settings = *gateway.settings;
    xproto::server_config made;
    made.host = settings.host;
    made.nonce = random_text(nonce_characters);
    made.limits = session_limits(settings);
    made.window.messages = static_cast<std::uint32_t>(settings.limits.window_transfers);
    made.window.octets = settings.limits.window_octets;
    made.trusted_window = made.window;
    made.trusted_window->messages = static_cast<std::uint32_t>(settings.limits.window_transfers_trusted);
    made.prove = xproto::prove_self::always;
    made.extensions = &gateway.extensions;
    made.helo_in_clear = std::ranges::count(settings.peers, config::peer_tls::optional, &config::peer::tls) != 0;
    return made;
}

} // namespace

xproto_server::xproto_server(runtime& gateway, std::unique_ptr<net::stream> connection, config::start start)
    : gateway_(gateway), settings_(gateway.settings), identity_(gateway.identity), stream_(std::move(connection)),
      pace_(*stream_, settings_->limits.least_rate), session_(session_config(gateway)), start_(start),
      out_(*stream_, gateway.context.get_executor()), wake_(gateway.context.get_executor()),
      place_(gateway.sessions, metrics::protocol::xproto, metrics::side::server, stream_->peer_address()),
      belief_(gateway, *this, "server"), incoming_(gateway, settings_, identity_, session_, *this)
{
    gateway_.sessions.add(*this);
}

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
    // Content of our own does not count: two ends that both wait for the other to read are a deadlock.
    const auto content = outgoing_ ? max_own_octets + 2 * settings_->limits.chunk_octets : 0;
    co_await out_.drained(max_unread_octets + content);
    const bool waited = co_await incoming_.has_room();
    if (waited) pace_.progress();
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
    case phase::permission: return pace_.expect(kind, limits.reply);
    case phase::answer: return pace_.expect(kind, std::max(limits.reply, limits.data));
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
            incoming_.count_discarded();
            // Whoever is to answer has not done so by saying something else.
            const bool answered = session_.answers() != std::exchange(answers_, session_.answers());
            if (answered && awaits_answers()) pace_.progress();
            if (outgoing_ && outgoing_->take_jobs()) continue;
            return next_step::read;
        }
        if (std::holds_alternative<session::wait>(action)) return next_step::wait;
        if (std::holds_alternative<session::start_tls>(action)) return next_step::start_tls;
        if (auto* octets = std::get_if<session::write>(&action)) {
            out_.add(std::move(octets->octets));
            // Something was answered, unless these may be octets of our own.
            const bool ours = outgoing_ && (phase_ == session::phase::octets || awaits_answers());
            if (phase_ != session::phase::helo && !ours) pace_.progress();
        } else if (auto* who = std::get_if<session::check_identity>(&action)) {
            check_identity(*who);
        } else if (auto* sign = std::get_if<session::make_proof>(&action)) {
            make_proof(sign->transcript);
        } else if (std::holds_alternative<session::ready>(action)) {
            welcome();
        } else if (auto* end = std::get_if<session::close>(&action)) {
            end_ = std::move(*end);
            closed_ = true;
            belief_.forget();
            incoming_.end();
            return next_step::close;
        } else {
            std::visit(mail_events{incoming_, outgoing_.get()}, action);
        }
    }
}

// From now on the client takes mail, if there is any for it.
void xproto_server::welcome()
{
    if (outgoing_) return; // it has switched that off and on
    outgoing_ = gateway_.guests->welcome(session_.peer(), session_, *this, settings_, identity_);
    out_.on_sent([kept = shared_from_this()] {
        if (kept->closed_) return;
        if (kept->awaits_answers()) { // as long as octets leave, the peer is not silent
            kept->pace_.progress();
            kept->set_deadline();
        }
        kept->outgoing_->content_room();
    });
}

bool xproto_server::awaits_answers() const
{
    using phase = xproto::server_session::phase;
    return phase_ == phase::permission || phase_ == phase::answer;
}

void xproto_server::go_on()
{
    if (pumping_ || closed_) return;
    if (pump() == next_step::close) stream_->interrupt();
    wake_.notify();
    // A read that waits keeps the deadline it began with, which may be that of an idle session.
    if (awaits_answers()) set_deadline();
}

void xproto_server::leave()
{
    closed_ = true;
    belief_.forget();
    incoming_.end();
    if (outgoing_) outgoing_->leave();
}

void xproto_server::log_end() const
{
    const bool orderly = end_.code == xproto::codes::goodbye;
    if (!orderly) gateway_.counters.session_errors.xproto.server.add();
    const auto code = end_.code.text();
    gateway_.log.event(orderly ? log::level::debug : log::level::info, "xproto_closed",
                       {{"peer", session_.peer()},
                        {"peer_address", stream_->peer_address()},
                        {"messages", incoming_.accepted()},
                        {"code", code},
                        {"reason", end_.text}});
}

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
    session->leave();
}

} // namespace gateway::sessions
