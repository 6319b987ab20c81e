// One session of an xproto_courier.
#include "gateway/delivery/xproto_link.hpp"

#include "gateway/delivery/xproto_courier.hpp"
#include "gateway/net/dial.hpp"
#include "gateway/runtime/limits.hpp"
#include "gateway/runtime/options.hpp"
#include "gateway/runtime/random.hpp"
#include "gateway/sessions/mail_events.hpp"
#include "gateway/site/identity.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include <algorithm>

namespace gateway::delivery {

namespace asio = boost::asio;
using session = xproto::client_session;

namespace {

constexpr std::size_t nonce_characters = 32; // 160 random bits
// What a delivery has use for, where the peer offers it.
const xproto::option_set wanted_options{xproto::option::pipe,  xproto::option::now,   xproto::option::zstd,
                                        xproto::option::split, xproto::option::stat,  xproto::option::trace,
                                        xproto::option::urg,   xproto::option::duplex};
// What a peer that sends mail has not read of our answers. One that has more of them, and yet does not read, wants our
// memory. Reading does not stop for this: two ends that both wait for the other to read are a deadlock.
constexpr std::size_t max_unread_octets = 1 << 20;
constexpr std::size_t max_unread_octets_each = 128 * 1024; // and so much for each message that it may have open
// How long a session is kept without work.
constexpr std::chrono::seconds keep_idle{60};

// How many messages a peer may have open that sends its mail in our sessions.
std::uint64_t messages_taken(const config::settings& settings, const config::peer* peer)
{
    const bool trusted = peer != nullptr && peer->trust == config::trust::trusted;
    return trusted ? settings.limits.window_transfers_trusted : settings.limits.window_transfers;
}

xproto::client_config session_config(const runtime& gateway, const std::string& host)
{
    const auto& settings = *gateway.settings;
    const auto* peer = settings.peer_by_host(host);
    const auto& words = peer != nullptr ? peer->extensions : settings.xproto.extensions;
    xproto::client_config made;
    made.host = settings.host;
    made.server_host = host;
    made.nonce = random_text(nonce_characters);
    made.limits = session_limits(settings);
    made.messages = static_cast<std::uint32_t>(settings.limits.window_transfers_trusted);
    made.require_server_proof = true;
    made.extensions = &gateway.extensions;
    made.want = options_named(words, gateway.extensions) & wanted_options;
    // Mail comes back only from those it is wanted of; in a session that anybody could have changed it never does.
    if (peer == nullptr || !peer->duplex) made.want.set(xproto::option::duplex, false);
    made.window.messages = static_cast<std::uint32_t>(messages_taken(settings, peer));
    made.window.octets = settings.limits.window_octets;
    made.takes_unasked = peer != nullptr && peer->trust == config::trust::trusted;
    if (settings.xproto.trace == config::audience::off) made.want.set(xproto::option::trace, false);
    made.want.set(xproto::option::split, made.want.has(xproto::option::split) && settings.xproto.split_octets != 0);
    made.want.set(xproto::option::zstd, made.want.has(xproto::option::zstd) && settings.xproto.compress);
    return made;
}

// In clear goes only what a route sends to a clear port of a peer that need not have TLS.
session new_session(const runtime& gateway, const std::string& host, config::start start)
{
    auto made = session_config(gateway, host);
    const auto* peer = gateway.settings->peer_by_host(host);
    const bool optional = peer != nullptr && peer->tls == config::peer_tls::optional;
    if (start == config::start::clear) made.tls = optional ? xproto::use_tls::offered : xproto::use_tls::required;
    return session(std::move(made));
}

} // namespace

xproto_link::xproto_link(runtime& gateway, xproto_courier& owner, config::endpoint to, std::string host,
                         config::start start)
    : gateway_(gateway), settings_(gateway.settings), identity_(gateway.identity), owner_(&owner), to_(std::move(to)),
      host_(std::move(host)), start_(start), session_(new_session(gateway_, host_, start)),
      wake_(gateway.context.get_executor()), belief_(gateway, *this, "client"),
      mail_(gateway, owner, host_, session_, *this, settings_, identity_),
      incoming_(gateway, settings_, identity_, session_, *this)
{
    gateway_.sessions.add(*this);
}

void xproto_link::start()
{
    auto body = [](std::shared_ptr<xproto_link> kept) -> asio::awaitable<void> {
        try {
            co_await kept->run();
        } catch (const std::exception& bug) {
            kept->gateway_.log.error("xproto_delivery_failed", {{"error", bug.what()}});
            kept->failure_ = "internal error";
            kept->abort();
        }
        kept->leave();
    };
    asio::co_spawn(gateway_.context, body(shared_from_this()), asio::detached);
}

void xproto_link::drain()
{
    draining_ = true;
    if (opening_ || closed_) return abort();
    session_.quit();
    go_on();
}

void xproto_link::abort()
{
    draining_ = true;
    if (stream_) stream_->close();
    if (out_) out_->close();
    wake_.notify();
}

asio::awaitable<void> xproto_link::run()
{
    const bool connected = co_await connect();
    if (!connected) co_return;
    if (start_ == config::start::tls) {
        const bool encrypted = co_await begin_tls();
        if (!encrypted) co_return;
    }
    out_.emplace(*stream_, gateway_.context.get_executor());
    out_->on_sent([kept = shared_from_this()] {
        if (kept->closed_) return;
        // As long as octets leave, the peer is not silent.
        if (kept->phase_ != session::phase::octets) kept->pace_->progress();
        kept->set_deadline();
        kept->mail_.content_room();
    });
    auto writer = [](std::shared_ptr<xproto_link> kept) -> asio::awaitable<void> { co_await kept->out_->send(); };
    asio::co_spawn(gateway_.context, writer(shared_from_this()), asio::detached);
    for (;;) {
        const auto step = pump();
        if (step == next_step::close) break;
        if (step == next_step::start_tls) {
            const bool encrypted = co_await change_to_tls();
            if (!encrypted) break;
        } else if (step == next_step::read) {
            co_await read();
        } else {
            co_await wake_.wait();
        }
    }
    stream_->expires_after(settings_->timeouts.reply);
    out_->close();
    co_await out_->ended();
    co_await stream_->linger();
}

asio::awaitable<bool> xproto_link::connect()
{
    auto dialled = co_await net::dial(gateway_.dog, to_.host, to_.port, settings_->timeouts.connect);
    if (!dialled.connection) {
        fail(dialled.what);
        co_return false;
    }
    stream_ = std::move(dialled.connection);
    pace_.emplace(*stream_, settings_->limits.least_rate);
    if (draining_) co_return false;
    place_.emplace(gateway_.sessions, metrics::protocol::xproto, metrics::side::client, stream_->peer_address());
    co_return true;
}

asio::awaitable<bool> xproto_link::begin_tls()
{
    // A host without [[peer]] proves itself by its HELO alone, which is bound to the channel.
    const auto* peer = identity_->peer(host_);
    const auto& tls = peer == nullptr ? identity_->unproved_client_tls() : peer->client_tls;
    stream_->expires_after(settings_->timeouts.helo);
    const auto failed = co_await stream_->connect_tls(tls, host_);
    if (failed) {
        gateway_.counters.tls_failures.xproto.client.add();
        fail("TLS with " + host_ + ": " + stream_->tls().verify_text);
        co_return false;
    }
    if (stream_->tls().alpn != "xproto/1") {
        fail(host_ + " does not speak xproto (ALPN)");
        co_return false;
    }
    gateway_.counters.tls_handshakes.xproto.client.add();
    xproto::tls_facts facts;
    facts.active = true;
    facts.exporter = stream_->tls().exporter;
    session_.on_tls(std::move(facts));
    co_return true;
}

// The session in clear is over. Nothing that was said in it counts for the one that begins under TLS.
asio::awaitable<bool> xproto_link::change_to_tls()
{
    co_await out_->drained(0);
    session_ = new_session(gateway_, host_, start_);
    const bool encrypted = co_await begin_tls();
    co_return encrypted && !draining_;
}

// The session never became ready.
void xproto_link::fail(const std::string& what)
{
    failure_ = what;
    gateway_.log.info("connect_failed", {{"to", config::to_text(to_)}, {"host", host_}, {"reason", what}});
}

asio::awaitable<void> xproto_link::read()
{
    const bool waited = co_await incoming_.has_room();
    if (waited) pace_->progress();
    if (closed_) co_return;
    set_deadline();
    const auto got = co_await stream_->read_some();
    if (closed_) co_return;
    const auto taken = messages_taken(*settings_, settings_->peer_by_host(host_));
    const auto most = max_unread_octets + max_unread_octets_each * taken;
    if (session_.active().has(xproto::option::duplex) && out_->size() > most)
        co_return session_.on_error("the peer does not read its answers", xproto::codes::too_many_octets);
    if (got.error == asio::error::timed_out) {
        if (phase_ == session::phase::idle && owner_ != nullptr && owner_->kept())
            session_.keep_alive();
        else if (phase_ == session::phase::idle)
            session_.quit();
        else
            session_.on_error("the peer did not answer in time", xproto::codes::timed_out);
    } else if (got.error == asio::error::operation_aborted && stream_->open()) {
        co_return; // interrupted: look again
    } else if (got.error) {
        session_.on_error(got.error.message());
    } else if (got.eof()) {
        session_.on_eof();
    } else {
        if (phase_ == session::phase::octets) pace_->received(got.octets.size());
        session_.on_bytes(got.octets);
    }
}

void xproto_link::set_deadline()
{
    using phase = session::phase;
    const auto& times = settings_->timeouts;
    const bool waits = phase_ == phase::permission || phase_ == phase::answer;
    if (!waits && phase_ != phase::octets) pace_->progress(); // the deadline is another's
    switch (phase_) {
    case phase::greeting:
    case phase::helo: return stream_->expires_after(times.helo);
    case phase::permission: return await_answer(times.reply);
    case phase::answer: return await_answer(std::max(times.reply, times.data));
    case phase::octets: return pace_->expect(static_cast<int>(phase_), times.data);
    case phase::owed: return stream_->expires_never();
    case phase::idle: return stream_->expires_after(std::min<std::chrono::seconds>(keep_idle, times.idle));
    case phase::goodbye: return stream_->expires_after(times.helo);
    }
}

// A peer that sends mail has not answered by saying something else.
void xproto_link::await_answer(std::chrono::seconds patience)
{
    const bool duplex = session_.active().has(xproto::option::duplex);
    if (!duplex || session_.answers() != std::exchange(answers_, session_.answers())) pace_->progress();
    pace_->expect(static_cast<int>(phase_), patience);
}

void xproto_link::go_on()
{
    if (pumping_ || closed_) return;
    if (pump() == next_step::close) stream_->interrupt();
    wake_.notify();
    // A read that waits keeps the deadline it began with, which may be that of an idle session.
    if (!closed_) set_deadline();
}

// Does what the session wants until it waits for something. Answers given meanwhile are heard in the same round.
xproto_link::next_step xproto_link::pump()
{
    if (closed_) return next_step::close;
    pumping_ = true;
    const auto step = obey();
    pumping_ = false;
    return step;
}

xproto_link::next_step xproto_link::obey()
{
    for (;;) {
        auto action = session_.next();
        if (auto* wanted = std::get_if<session::read_more>(&action)) {
            phase_ = wanted->waiting_for;
            incoming_.count_discarded();
            if (mail_.take_jobs()) continue;
            return next_step::read;
        }
        if (std::holds_alternative<session::wait>(action)) return next_step::wait;
        if (std::holds_alternative<session::start_tls>(action)) return next_step::start_tls;
        if (auto* octets = std::get_if<session::write>(&action)) {
            out_->add(std::move(octets->octets));
        } else if (auto* urgent = std::get_if<session::write_urgent>(&action)) {
            out_->add_urgent(std::move(urgent->octets));
        } else if (std::holds_alternative<session::ready>(action)) {
            opening_ = false;
            gateway_.log.debug("xproto_ready",
                               {{"peer", host_}, {"options", words_of(session_.active(), gateway_.extensions)}});
            if (owner_ != nullptr) owner_->join(mail_);
            mail_.take_jobs();
        } else if (auto* who = std::get_if<session::check_identity>(&action)) {
            check_identity(*who);
        } else if (auto* sign = std::get_if<session::make_proof>(&action)) {
            make_proof(sign->transcript);
        } else if (auto* end = std::get_if<session::close>(&action)) {
            note_end(*end);
            return next_step::close;
        } else {
            std::visit(sessions::mail_events{incoming_, &mail_}, action);
        }
    }
}

void xproto_link::note_end(const session::close& end)
{
    closed_ = true;
    belief_.forget();
    incoming_.end();
    const bool orderly = end.code == xproto::codes::goodbye;
    if (opening_) return fail(end.text.empty() ? end.code.text() : end.text);
    if (orderly) return;
    gateway_.counters.session_errors.xproto.client.add();
    const auto code = end.code.text();
    gateway_.log.info("xproto_delivery_closed",
                      {{"peer", host_}, {"messages", mail_.completed()}, {"code", code}, {"reason", end.text}});
}

void xproto_link::leave()
{
    closed_ = true;
    belief_.forget();
    incoming_.end();
    mail_.failed(failure_);
    mail_.leave();
    if (owner_ == nullptr) return;
    auto* const owner = std::exchange(owner_, nullptr);
    std::erase_if(owner->links_, [this](const auto& link) { return link.get() == this; });
    std::optional<mapping::verdict> why;
    if (opening_)
        why =
            mapping::verdict::deferred({4, 4, 1}, "no session with " + host_ + " at " + config::to_text(to_), failure_);
    owner->link_left(why);
}

} // namespace gateway::delivery
