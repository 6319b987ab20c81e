#include "gateway/tools/xproto_sink.hpp"

#include "gateway/runtime/random.hpp"
#include "xproto/identity.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

namespace gateway::tools {

namespace asio = boost::asio;
using session = xproto::server_session;

namespace {

constexpr std::size_t nonce_characters = 32;       // 160 random bits
constexpr std::size_t max_unread_octets = 1 << 20; // answers that the peer has not read

xproto::server_config session_config(const sink_setup& setup)
{
    xproto::server_config made;
    made.host = setup.who->host;
    made.nonce = random_text(nonce_characters);
    made.window = setup.window;
    made.prove = setup.prove_self ? xproto::prove_self::always : xproto::prove_self::never;
    if (!setup.pipelining) made.options.set(xproto::option::pipe, false);
    return made;
}

} // namespace

xproto_sink::xproto_sink(sink& shared, std::unique_ptr<net::stream> connection)
    : shared_(shared), stream_(std::move(connection)), session_(session_config(shared.setup)),
      out_(*stream_, shared.bench.context().get_executor()), wake_(shared.bench.context().get_executor()),
      words_([this](std::string_view line) { shared_.setup.show(line); })
{
    shared_.add(*this);
}

asio::awaitable<void> xproto_sink::run()
{
    begun_ = co_await begin();
    if (!begun_) co_return stream_->close();
    auto writer = [](std::shared_ptr<xproto_sink> kept) -> asio::awaitable<void> { co_await kept->out_.send(); };
    asio::co_spawn(shared_.bench.context(), writer(shared_from_this()), asio::detached);
    for (;;) {
        const auto step = pump();
        if (step == next_step::close) break;
        if (step == next_step::read)
            co_await read();
        else
            co_await wake_.wait();
    }
    if (stream_->open()) stream_->expires_after(shared_.setup.idle);
    out_.close();
    co_await out_.ended();
    co_await stream_->linger();
}

asio::awaitable<bool> xproto_sink::begin()
{
    const auto what = shared_.rules.at(stage::connect);
    if (what.delay.count() > 0) co_await pause(shared_.bench, what.delay);
    if (what.drop || what.refuse) { // there is no way yet to say no
        shared_.received.refused();
        co_return false;
    }
    stream_->expires_after(shared_.setup.idle);
    const auto failed = co_await stream_->accept_tls(*shared_.setup.tls);
    if (failed) {
        shared_.log.info("tls_failed",
                         {{"peer_address", stream_->peer_address()}, {"reason", stream_->tls().verify_text}});
        co_return false;
    }
    xproto::tls_facts facts;
    facts.active = true;
    facts.exporter = stream_->tls().exporter;
    session_.on_tls(std::move(facts));
    co_return true;
}

asio::awaitable<void> xproto_sink::read()
{
    co_await out_.drained(max_unread_octets);
    set_deadline();
    const auto got = co_await stream_->read_some();
    if (closed_) co_return;
    const auto octets = got.octets;
    if (got.error == asio::error::timed_out) {
        session_.on_timeout();
    } else if (got.error == asio::error::operation_aborted && stream_->open()) {
        co_return;
    } else if (got.error || got.eof()) {
        session_.on_eof();
    } else {
        if (shared_.setup.show) words_.received(octets);
        session_.on_bytes(octets);
    }
}

void xproto_sink::set_deadline()
{
    if (phase_ == session::phase::owed)
        stream_->expires_never();
    else
        stream_->expires_after(shared_.setup.idle);
}

xproto_sink::next_step xproto_sink::pump()
{
    for (;;) {
        if (closed_) return next_step::close;
        auto action = session_.next();
        if (auto* wanted = std::get_if<session::read_more>(&action)) {
            phase_ = wanted->waiting_for;
            return next_step::read;
        }
        if (std::holds_alternative<session::wait>(action)) return next_step::wait;
        if (auto* octets = std::get_if<session::write>(&action)) {
            if (shared_.setup.show) words_.sent(octets->octets);
            out_.add(std::move(octets->octets));
        } else if (auto* piece = std::get_if<session::append>(&action)) {
            const auto found = by_tag_.find(piece->tag);
            auto* const message = found == by_tag_.end() ? nullptr : find(found->second.message_id);
            if (message != nullptr) message->append(found->second.type, piece->octets);
        } else if (auto* asked = std::get_if<session::check_object>(&action)) {
            check_object(*asked);
        } else if (auto* done = std::get_if<session::finish_object>(&action)) {
            finish_object(*done);
        } else if (auto* who = std::get_if<session::check_identity>(&action)) {
            check_identity(*who);
        } else if (auto* sign = std::get_if<session::make_proof>(&action)) {
            make_proof(sign->transcript);
        } else if (auto* gone = std::get_if<session::abort>(&action)) {
            messages_.erase(gone->message_id);
            by_tag_.erase(gone->tag);
        } else if (auto* end = std::get_if<session::close>(&action)) {
            closed_ = true;
            if (end->code == xproto::codes::goodbye) continue;
            const auto code = end->code.text();
            shared_.log.info("closed", {{"peer", session_.peer()}, {"code", code}, {"reason", end->text}});
        }
    }
}

// --- answers, in their time -----------------------------------------------------------------------------------------

void xproto_sink::decide(const interference& what, acceptance yes, rejection no)
{
    if (what.delay.count() == 0) return conclude(what, yes, no);
    auto later = [](std::shared_ptr<xproto_sink> self, interference kept, acceptance accept,
                    rejection refuse) -> asio::awaitable<void> {
        co_await pause(self->shared_.bench, kept.delay);
        if (self->closed_) co_return;
        self->conclude(kept, accept, refuse);
        self->go_on();
    };
    asio::co_spawn(shared_.bench.context(), later(shared_from_this(), what, std::move(yes), std::move(no)),
                   asio::detached);
}

void xproto_sink::conclude(const interference& what, const acceptance& yes, const rejection& no)
{
    if (what.drop || what.refuse) shared_.received.refused();
    if (what.drop) return drop();
    if (what.refuse) return no(*this, *what.refuse);
    yes(*this);
}

// After an answer that came from outside pump(), while the coroutine waits for octets or for this.
void xproto_sink::go_on()
{
    pump();
    set_deadline();
    wake_.notify();
    if (closed_) stream_->interrupt();
}

void xproto_sink::drop()
{
    closed_ = true;
    stream_->close();
}

// --- who
// --------------------------------------------------------------------------------------------------------------

void xproto_sink::check_identity(const session::check_identity& question)
{
    const auto answer = judge(question);
    shared_.log.info("helo", {{"peer", answer.host.empty() ? question.host : answer.host},
                              {"peer_address", stream_->peer_endpoint()},
                              {"accepted", answer.peer != xproto::standing::refused},
                              {"reason", answer.text}});
    if (answer.peer == xproto::standing::refused) return session_.on_identity(answer);
    decide(
        shared_.rules.at(stage::helo), [answer](xproto_sink& self) { self.session_.on_identity(answer); },
        [](xproto_sink& self, const refusal& no) {
            self.session_.on_identity(xproto::identity_answer::refuse(no.result.code, no.result.text));
        });
}

xproto::identity_answer xproto_sink::judge(const session::check_identity& question)
{
    using xproto::identity_answer;
    const auto opened = xproto::open_proof(question.proof, question.transcript);
    if (!opened) return identity_answer::refuse(xproto::codes::invalid_proof, opened.error().what);
    const auto host = question.host.empty() ? opened->hosts.front() : question.host;
    if (!opened->names(host))
        return identity_answer::refuse(xproto::codes::host_mismatch, "the certificate does not name " + host);
    const auto& anchors = shared_.setup.who->anchors;
    const auto valid = anchors.validate_host(opened->leaf, opened->others, host, cli::unix_now());
    if (valid) return identity_answer::accept(xproto::standing::trusted, host);
    if (shared_.setup.any_peer) return identity_answer::accept(xproto::standing::known, host);
    return identity_answer::refuse(xproto::codes::invalid_certificate, valid.error().what);
}

void xproto_sink::make_proof(const std::string& transcript)
{
    const auto& who = *shared_.setup.who;
    auto proof = xproto::make_proof(who.chain, who.key, transcript);
    if (!proof) shared_.log.error("proof_failed", {{"reason", proof.error().what}});
    session_.on_proof(proof ? std::move(*proof) : std::string());
}

asio::awaitable<void> serve_xproto_sink(sink& shared, std::unique_ptr<net::stream> connection)
{
    shared.received.session_opened();
    const auto one = std::make_shared<xproto_sink>(shared, std::move(connection));
    co_await one->run();
    one->leave();
}

} // namespace gateway::tools
