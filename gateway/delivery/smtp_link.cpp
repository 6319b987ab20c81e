// One connection of an smtp_courier.
#include "gateway/delivery/smtp_link.hpp"

#include "gateway/delivery/job_parts.hpp"
#include "gateway/delivery/smtp_courier.hpp"
#include "gateway/net/dial.hpp"
#include "gateway/site/identity.hpp"
#include "mapping/status_table.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include <algorithm>

namespace gateway::delivery {

namespace asio = boost::asio;

namespace {

// How long a connection is kept without work: long enough for the next message of a burst, short enough not to be a
// burden on the server.
constexpr std::chrono::seconds keep_idle{15};

smtp::client_config session_config(const config::settings& settings, bool use_tls)
{
    smtp::client_config made;
    made.host = settings.smtp.hostname;
    const bool wanted = use_tls && settings.smtp.client_tls != config::client_tls::none;
    made.tls = wanted ? smtp::tls_use::opportunistic : smtp::tls_use::none;
    if (settings.smtp.client_tls == config::client_tls::required) made.tls = smtp::tls_use::required;
    return made;
}

} // namespace

smtp_link::smtp_link(runtime& gateway, smtp_courier& owner, config::endpoint to)
    : gateway_(gateway), settings_(gateway.settings), identity_(gateway.identity), owner_(&owner), to_(std::move(to)),
      session_(session_config(*settings_, owner.may_use_tls()))
{
    gateway_.sessions.add(*this);
}

void smtp_link::start()
{
    auto body = [](std::shared_ptr<smtp_link> kept) -> asio::awaitable<void> {
        try {
            co_await kept->run();
        } catch (const std::exception& bug) {
            kept->gateway_.log.error("smtp_delivery_failed", {{"error", bug.what()}});
        }
        // Whatever happened: no job is left without an answer, no pool with a dead link.
        if (kept->current_) {
            auto job = std::move(*kept->current_);
            kept->current_.reset();
            job.finish(mapping::verdict::deferred({4, 3, 0}, "internal error", "the delivery session failed"));
        }
        auto* const owner = kept->owner_;
        kept->leave();
        if (owner != nullptr && !kept->draining_) owner->open_link_for_waiting();
    };
    asio::co_spawn(gateway_.context, body(shared_from_this()), asio::detached);
}

void smtp_link::wake()
{
    idle_ = false;
    stream_->interrupt();
}

void smtp_link::drain()
{
    draining_ = true;
    if (idle_) wake();
}

// SMTP knows no other way to give a message up: a server forgets what has no end when the connection has one.
void smtp_link::withdraw(spool::entry_id id)
{
    if (!current_ || current_->message->id != id || content_given_) return;
    broken_ = true; // this session takes no other
    stream_->close();
}

void smtp_link::abort()
{
    draining_ = true;
    broken_ = true;
    if (stream_) stream_->close();
}

asio::awaitable<void> smtp_link::run()
{
    const bool connected = co_await connect();
    if (!connected) co_return;
    co_await converse();
    co_await stream_->linger();
}

asio::awaitable<bool> smtp_link::connect()
{
    auto dialled = co_await net::dial(gateway_.dog, to_.host, to_.port, settings_->timeouts.connect);
    if (!dialled.connection) {
        gateway_.log.info("connect_failed", {{"to", config::to_text(to_)}, {"reason", dialled.what}});
        if (owner_ != nullptr) {
            auto* const owner = owner_;
            leave();
            const auto why =
                mapping::verdict::deferred({4, 4, 1}, "cannot connect to " + config::to_text(to_), dialled.what);
            if (owner->links_.empty()) owner->fail_waiting(why);
        }
        co_return false;
    }
    stream_ = std::move(dialled.connection);
    place_.emplace(gateway_.sessions, metrics::protocol::smtp, metrics::side::client, stream_->peer_address());
    co_return true;
}

asio::awaitable<void> smtp_link::converse()
{
    for (;;) {
        auto action = session_.next();
        if (auto* wanted = std::get_if<smtp::read_more>(&action)) {
            co_await read(wanted->what);
        } else if (auto* out = std::get_if<smtp::write>(&action)) {
            stream_->expires_after(settings_->timeouts.data);
            const auto failed = co_await stream_->write(out->octets);
            if (failed) session_.on_error(failed.message());
        } else if (std::holds_alternative<smtp::want_content>(action)) {
            give_content();
        } else if (auto* result = std::get_if<smtp::result>(&action)) {
            take_result(std::move(*result));
        } else if (std::holds_alternative<smtp::ready>(action)) {
            co_await wait_for_work();
        } else if (std::holds_alternative<smtp::start_tls>(action)) {
            co_await start_tls();
        } else if (auto* end = std::get_if<smtp::close>(&action)) {
            ended(*end);
            co_return;
        }
    }
}

asio::awaitable<void> smtp_link::read(smtp::awaiting what)
{
    using smtp::awaiting;
    const auto& times = settings_->timeouts;
    // RFC 5321 4.5.3.2: the answer to the content takes longest, for the server is making it durable.
    stream_->expires_after(what == awaiting::final_reply ? std::max(times.data, times.reply) : times.reply);
    const auto got = co_await stream_->read_some();
    if (got.error == asio::error::timed_out)
        session_.on_timeout();
    else if (got.error == asio::error::operation_aborted && stream_->open())
        co_return;
    else if (got.error)
        session_.on_error(got.error.message());
    else if (got.eof())
        session_.on_eof();
    else
        session_.on_bytes(got.octets);
}

// The session is ready: gives it the next job, or waits for one while listening whether the server hangs up.
asio::awaitable<void> smtp_link::wait_for_work()
{
    if (opening_ && owner_ != nullptr) {
        opening_ = false;
        --owner_->opening_;
    }
    if (draining_ || owner_ == nullptr || broken_) {
        session_.quit();
        co_return;
    }
    while (auto next = owner_->take())
        if (begin(std::move(*next))) co_return;
    idle_ = true;
    stream_->expires_after(keep_idle);
    const auto got = co_await stream_->read_some();
    idle_ = false;
    if (got.error == asio::error::operation_aborted && stream_->open()) co_return; // woken: look again
    if (got.error == asio::error::timed_out) {
        session_.quit();
        co_return;
    }
    if (got.error || got.eof())
        session_.on_eof();
    else
        session_.on_bytes(got.octets);
}

bool smtp_link::begin(job next)
{
    if (const auto failed = legacy_content::open(gateway_, *identity_, next, to_.host, content_)) {
        gateway_.log.error("message_unreadable", {{"id", next.message->id.text()}, {"reason", failed->detail}});
        next.finish(*failed);
        return false;
    }
    if (content_->covered().size() < next.recipients.size()) {
        auto [now, later] = divide(std::move(next), content_->covered());
        owner_->put_next(std::move(later));
        next = std::move(now);
    }
    current_ = std::move(next);
    content_given_ = false;
    session_.begin(content_->transaction(), content_->facts());
    return true;
}

void smtp_link::give_content()
{
    const auto piece = content_->next();
    if (piece) {
        content_given_ = piece->last;
        return session_.on_content(piece->octets, piece->last);
    }
    gateway_.log.error("message_unreadable",
                       {{"id", current_->message->id.text()}, {"reason", piece.error().message()}});
    session_.on_error("the message cannot be read from the spool: " + piece.error().message());
}

void smtp_link::take_result(smtp::result result)
{
    auto job = std::move(*current_);
    current_.reset();
    content_.reset();
    // A server may close a connection at the moment we use it again: nothing was refused, so nothing is reported.
    const bool stale = completed_ > 0 && !result.content_sent_answer_lost && owner_ != nullptr && !draining_ &&
                       std::all_of(result.recipients.begin(), result.recipients.end(), [](const auto& r) {
                           return !r.from_peer && r.answer.transient() && r.stage <= smtp::delivery_stage::mail;
                       });
    if (stale) return owner_->put_back(std::move(job));
    ++completed_;
    outcome made;
    for (auto& one : result.recipients) {
        auto verdict = mapping::to_verdict(one.answer);
        if (one.from_peer) verdict.remote = to_.host;
        verdict.maybe_duplicate = result.content_sent_answer_lost;
        verdict.reports_success = session_.offered().dsn;
        made.verdicts.push_back(std::move(verdict));
    }
    job.done(std::move(made));
}

void smtp_link::ended(const smtp::close& end)
{
    const bool orderly = end.why == smtp::close_reason::quit || end.why == smtp::close_reason::peer_left;
    if (orderly && !opening_) return;
    if (tls_failed_ && owner_ != nullptr) {
        // Opportunistic (RFC 7435): what cannot be encrypted goes in clear, on a new connection.
        auto* const owner = owner_;
        leave();
        owner->tls_failed();
        return owner->open_link_for_waiting();
    }
    gateway_.counters.session_errors.smtp.client.add();
    gateway_.log.info("smtp_delivery_closed", {{"to", config::to_text(to_)},
                                               {"messages", completed_},
                                               {"reason", smtp::to_string(end.why)},
                                               {"reply", end.failure.text()}});
    // Refused before it was ready: those that wait for this server will hear the same.
    if (!opening_ || owner_ == nullptr) return;
    auto* const owner = owner_;
    leave();
    auto why = mapping::to_verdict(end.failure);
    if (why.outcome != mapping::verdict::kind::deferred)
        why = mapping::verdict::deferred({4, 4, 1}, end.failure.text());
    if (why.text.empty()) why.text = "the server ended the session before it began";
    if (end.from_peer) why.remote = to_.host;
    if (owner->links_.empty()) owner->fail_waiting(why);
}

asio::awaitable<void> smtp_link::start_tls()
{
    stream_->expires_after(settings_->timeouts.helo);
    const auto failed = co_await stream_->connect_tls(identity_->smtp_client_tls(), to_.host);
    if (failed) {
        gateway_.counters.tls_failures.smtp.client.add();
        gateway_.log.info("tls_failed", {{"to", config::to_text(to_)}, {"reason", stream_->tls().verify_text}});
        tls_failed_ = true;
        session_.on_error("TLS: " + stream_->tls().verify_text);
        co_return;
    }
    gateway_.counters.tls_handshakes.smtp.client.add();
    smtp::tls_facts facts;
    facts.version = stream_->tls().version;
    facts.cipher = stream_->tls().cipher;
    facts.peer = to_.host;
    facts.verified = stream_->tls().peer_verified;
    session_.on_tls(std::move(facts));
}

void smtp_link::leave()
{
    if (owner_ == nullptr) return;
    auto* const owner = owner_;
    owner_ = nullptr;
    if (opening_) --owner->opening_;
    std::erase_if(owner->links_, [this](const auto& link) { return link.get() == this; });
}

} // namespace gateway::delivery
