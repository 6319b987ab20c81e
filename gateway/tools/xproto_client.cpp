#include "gateway/tools/xproto_client.hpp"

#include "gateway/net/dial.hpp"
#include "gateway/runtime/random.hpp"
#include "xproto/extensions.hpp"
#include "xproto/identity.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include <algorithm>

namespace gateway::tools {

namespace asio = boost::asio;
using session = xproto::client_session;

namespace {

constexpr std::size_t nonce_characters = 32; // 160 random bits
// Octets that wait to be written; above this no more are handed over.
constexpr std::size_t max_unsent_octets = 512 * 1024;
// How much of a session's own limits a test tool observes: the server's are what counts.
constexpr std::uint64_t no_limit = std::uint64_t{1} << 40;

xproto::extension_table tool_extensions()
{
    auto table = xproto::core_extensions();
    table.install(xproto::tls_extension);
    table.install(xproto::trace_extension);
    table.install(xproto::now_extension);
    table.install(xproto::split_extension);
    table.install(xproto::zstd_extension);
    return table;
}

xproto::client_config session_config(const client_setup& setup)
{
    xproto::client_config made;
    made.host = setup.who->host;
    made.server_host = setup.peer_host;
    made.nonce = random_text(nonce_characters);
    made.limits.envelope = no_limit;
    made.limits.headers = no_limit;
    made.limits.body = no_limit;
    static const auto extensions = tool_extensions();
    made.extensions = &extensions;
    made.want = setup.options;
    if (setup.on_hop) made.want.set(xproto::option::trace, true);
    if (setup.in_clear) made.tls = xproto::use_tls::required;
    made.require_server_proof = setup.require_proof;
    made.messages = setup.messages;
    return made;
}

} // namespace

xproto_client::xproto_client(workbench& bench, const client_setup& setup, supply next, report done)
    : bench_(bench), setup_(setup), next_(std::move(next)), done_(std::move(done)), session_(session_config(setup)),
      wake_(bench.context().get_executor()), words_([this](std::string_view line) { setup_.show(line); })
{
}

asio::awaitable<session_report> xproto_client::run()
{
    const bool connected = co_await connect();
    if (connected) co_await converse();
    if (stream_) stream_->close();
    co_return report_;
}

void xproto_client::look_for_parcels()
{
    if (!report_.ready || closed_) return;
    take_parcels();
    if (pump() == next_step::close) stream_->interrupt();
}

void xproto_client::abort()
{
    if (stream_) stream_->close();
    if (out_) out_->close();
    wake_.notify();
}

asio::awaitable<bool> xproto_client::connect()
{
    auto dialled = co_await net::dial(bench_.dog(), setup_.to.host, setup_.to.port, setup_.patience);
    if (!dialled.connection) {
        report_.what = dialled.what;
        co_return false;
    }
    stream_ = std::move(dialled.connection);
    if (setup_.in_clear) co_return true;
    const bool encrypted = co_await begin_tls();
    co_return encrypted;
}

// The session in clear is over. Nothing that was said in it counts for the one that begins under TLS.
asio::awaitable<bool> xproto_client::change_to_tls()
{
    co_await out_->drained(0);
    session_ = session(session_config(setup_));
    closed_ = !co_await begin_tls();
    co_return !closed_;
}

asio::awaitable<bool> xproto_client::begin_tls()
{
    stream_->expires_after(setup_.patience);
    const auto failed = co_await stream_->connect_tls(*setup_.tls, setup_.peer_host);
    if (failed) {
        report_.what = "TLS with " + setup_.peer_host + ": " +
                       (stream_->tls().verify_text.empty() ? failed.message() : stream_->tls().verify_text);
        co_return false;
    }
    if (stream_->tls().alpn != "xproto/1") {
        report_.what = "the server does not speak xproto (ALPN)";
        co_return false;
    }
    if (setup_.show) setup_.show("** " + stream_->tls().version + " " + stream_->tls().cipher);
    xproto::tls_facts facts;
    facts.active = true;
    facts.exporter = stream_->tls().exporter;
    session_.on_tls(std::move(facts));
    co_return true;
}

asio::awaitable<void> xproto_client::converse()
{
    out_.emplace(*stream_, bench_.context().get_executor());
    const auto self = shared_from_this();
    out_->on_sent([this] { content_room(); });
    auto writer = [](std::shared_ptr<xproto_client> kept) -> asio::awaitable<void> { co_await kept->out_->send(); };
    asio::co_spawn(bench_.context(), writer(self), asio::detached);
    if (setup_.raw_early) send_raw();
    while (!raw_) {
        const auto step = pump();
        if (step == next_step::close) break;
        if (raw_) break;
        if (step == next_step::start_tls)
            co_await change_to_tls();
        else if (step == next_step::read)
            co_await read();
        else
            co_await wake_.wait();
    }
    while (raw_ && !closed_) co_await read_raw();
    stream_->expires_after(setup_.patience);
    out_->close();
    co_await out_->ended();
    co_await stream_->linger();
}

asio::awaitable<void> xproto_client::read()
{
    if (setup_.on_ready && report_.ready)
        stream_->expires_never();
    else if (empty_ && sending_.empty() && !later_.all_arrived())
        stream_->expires_after(setup_.trace_patience);
    else
        stream_->expires_after(setup_.patience);
    const auto got = co_await stream_->read_some();
    if (closed_) co_return;
    const auto octets = got.octets;
    if (got.error == asio::error::timed_out && empty_ && sending_.empty() && !later_.all_arrived()) {
        session_.quit();
        later_ = {};
    } else if (got.error == asio::error::timed_out) {
        session_.on_error("the server did not answer in time", xproto::codes::timed_out);
    } else if (got.error == asio::error::operation_aborted && stream_->open()) {
        co_return;
    } else if (got.error) {
        session_.on_error(got.error.message());
    } else if (got.eof()) {
        session_.on_eof();
    } else {
        if (setup_.show) words_.received(octets);
        session_.on_bytes(octets);
    }
}

// From here on the octets are the user's, and what answers them is shown and not judged.
void xproto_client::send_raw()
{
    if (setup_.raw.empty()) return;
    raw_ = true;
    report_.ready = true;
    for (const auto& octets : setup_.raw) {
        if (setup_.show) words_.sent(octets);
        out_->add(octets);
    }
}

asio::awaitable<void> xproto_client::read_raw()
{
    stream_->expires_after(setup_.silence);
    const auto got = co_await stream_->read_some();
    closed_ = got.error || got.eof();
    report_.orderly = closed_;
    if (!closed_ && setup_.show) words_.received(got.octets);
}

xproto_client::next_step xproto_client::pump()
{
    for (;;) {
        if (closed_) return next_step::close;
        auto action = session_.next();
        if (std::holds_alternative<session::read_more>(action)) {
            if (std::exchange(dropping_, false)) {
                session_.on_error("we closed the connection");
                continue;
            }
            const auto before = last_handle_;
            const bool was_empty = empty_;
            take_parcels();
            if (last_handle_ != before || empty_ != was_empty) continue;
            return next_step::read;
        }
        if (std::holds_alternative<session::wait>(action)) return next_step::wait;
        if (std::holds_alternative<session::start_tls>(action)) return next_step::start_tls;
        if (auto* octets = std::get_if<session::write>(&action)) {
            if (setup_.show) words_.sent(octets->octets);
            out_->add(std::move(octets->octets));
        } else if (auto* later = std::get_if<session::later_hop>(&action)) {
            setup_.on_hop(later->what);
            later_.hear(later->what);
            leave_when_done();
        } else if (auto* content = std::get_if<session::want_content>(&action)) {
            give_content(*content);
        } else if (auto* result = std::get_if<session::result>(&action)) {
            take_result(*result);
        } else if (std::holds_alternative<session::ready>(action)) {
            report_.ready = true;
            report_.pipelined = session_.pipelined();
            report_.options = session_.active();
            report_.peer = session_.peer();
            send_raw();
            if (raw_) return next_step::wait;
            if (setup_.on_ready) setup_.on_ready();
            take_parcels();
        } else if (auto* who = std::get_if<session::check_identity>(&action)) {
            check_identity(*who);
        } else if (auto* sign = std::get_if<session::make_proof>(&action)) {
            make_proof(sign->transcript);
        } else if (auto* end = std::get_if<session::close>(&action)) {
            closed_ = true;
            report_.orderly = end->code == xproto::codes::goodbye;
            report_.code = end->code;
            if (!report_.orderly) report_.what = end->text;
        }
    }
}

void xproto_client::take_parcels()
{
    while (!empty_ && session_.can_send()) {
        const auto next = next_();
        if (!next) {
            if (setup_.on_ready) return;
            empty_ = true;
            return leave_when_done();
        }
        const auto handle = ++last_handle_;
        sending_.emplace(handle, next);
        session_.send(next->outgoing(handle, session_.split()));
    }
}

// With TRACE, the session stays until it is known what became of everything, or nothing is heard any more.
void xproto_client::leave_when_done()
{
    const bool traces = setup_.on_hop && session_.active().has(xproto::option::trace);
    if (empty_ && (!traces || (sending_.empty() && later_.all_arrived()))) session_.quit();
}

void xproto_client::give_content(const session::want_content& wanted)
{
    const bool body = wanted.type == xproto::object_type::body;
    if (dropping_ || (body && wanted.offset >= setup_.stall_after)) return;
    if (is_enough(wanted)) {
        stopped_ = wanted.handle;
        return session_.cancel(wanted.handle);
    }
    if (out_->size() > max_unsent_octets) return put_off_.push_back(wanted);
    const auto found = sending_.find(wanted.handle);
    if (found == sending_.end()) return;
    const auto most = body ? std::min<std::uint64_t>(wanted.max, setup_.stall_after - wanted.offset) : wanted.max;
    const auto all = found->second->octets(wanted.type, wanted.leaf);
    const auto piece = all.substr(wanted.offset, most);
    session_.on_content(wanted.handle, wanted.type, piece);
    const bool last_leaf =
        wanted.type == xproto::object_type::leaf && wanted.leaf + 1 == found->second->split->leaves.size();
    const auto ended = last_leaf ? xproto::object_type::body : wanted.type;
    if (setup_.drop_after == ended && wanted.offset + piece.size() == all.size()) {
        stopped_ = wanted.handle;
        dropping_ = true;
    }
}

// Asked for octets of the next object, with quit_after?
bool xproto_client::is_enough(const session::want_content& wanted) const
{
    using xproto::object_type;
    if (!setup_.quit_after || wanted.type == object_type::envelope) return false;
    return *setup_.quit_after == object_type::envelope || wanted.type != object_type::headers;
}

// Octets have left: as long as they do, the server is not silent, and there is room for more.
void xproto_client::content_room()
{
    if (closed_ || raw_) return;
    stream_->expires_after(setup_.patience);
    if (put_off_.empty() || out_->size() > max_unsent_octets) return;
    const auto wanted = std::exchange(put_off_, {});
    for (const auto& one : wanted) give_content(one);
    if (pump() == next_step::close) stream_->interrupt();
}

void xproto_client::take_result(const session::result& result)
{
    const auto done = sending_.extract(result.handle);
    if (done.empty()) return;
    if (stopped_ == result.handle && result.outcome == session::outcome::lost)
        setup_.on_stopped(*done.mapped());
    else
        done_(*done.mapped(), result);
    if (setup_.on_hop && result.outcome == session::outcome::accepted) later_.expect(*done.mapped(), result.recipients);
    leave_when_done();
}

void xproto_client::check_identity(const session::check_identity& question)
{
    using xproto::identity_answer;
    const auto& host = setup_.peer_host;
    const auto refuse = [&](xproto::result_code code, const std::string& why) {
        session_.on_identity(identity_answer::refuse(code, why));
    };
    const auto opened = xproto::open_proof(question.proof, question.transcript);
    if (!opened) return refuse(xproto::codes::invalid_proof, opened.error().what);
    if (!opened->names(host)) return refuse(xproto::codes::host_mismatch, "the certificate does not name " + host);
    const auto valid = setup_.who->anchors.validate_host(opened->leaf, opened->others, host, cli::unix_now());
    if (!valid) return refuse(xproto::codes::invalid_certificate, valid.error().what);
    session_.on_identity(identity_answer::accept(xproto::standing::trusted, host));
}

void xproto_client::make_proof(const std::string& transcript)
{
    auto proof = xproto::make_proof(setup_.who->chain, setup_.who->key, transcript);
    session_.on_proof(proof ? std::move(*proof) : std::string());
}

} // namespace gateway::tools
