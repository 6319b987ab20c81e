// Drives smtp::server_session over a connection.
#include "gateway/sessions/smtp_server.hpp"

#include "gateway/admission/filter.hpp"
#include "gateway/admission/refusals.hpp"
#include "gateway/admission/relay.hpp"
#include "gateway/intake/legacy_intake.hpp"
#include "gateway/net/pace.hpp"
#include "gateway/site/identity.hpp"
#include "mapping/status_table.hpp"
#include "smtp/server_session.hpp"

#include <charconv>

namespace gateway::sessions {

namespace {

namespace asio = boost::asio;

smtp::newline_policy newline_policy(config::bare_newline policy)
{
    switch (policy) {
    case config::bare_newline::reject: return smtp::newline_policy::reject;
    case config::bare_newline::normalize: return smtp::newline_policy::normalize;
    case config::bare_newline::carry: return smtp::newline_policy::carry;
    }
    return smtp::newline_policy::reject;
}

smtp::server_config session_config(const runtime& gateway)
{
    const auto& settings = *gateway.settings;
    smtp::server_config made;
    made.host = settings.smtp.hostname;
    made.greeting = "ESMTP isthmus";
    made.offer_start_tls = settings.smtp.starttls == config::starttls::offered;
    made.require_tls = true; // what is promised here, the couriers keep
    made.bare_newline = newline_policy(settings.smtp.bare_newline);
    made.limits.command_line = settings.limits.smtp_line_octets;
    made.limits.recipients = settings.limits.recipients;
    made.limits.message_octets = settings.limits.message_octets;
    made.limits.errors = settings.limits.errors_per_session;
    return made;
}

// What the client says of the size; 0: nothing.
std::uint64_t size_of(const smtp::check_sender& question)
{
    const auto* size = smtp::find_parameter(question.parameters, "SIZE");
    std::uint64_t octets = 0;
    if (size != nullptr && size->value) // the session has read it already: these are digits
        std::from_chars(size->value->data(), size->value->data() + size->value->size(), octets);
    return octets;
}

class smtp_server final : public live_session {
  public:
    smtp_server(runtime& gateway, std::unique_ptr<net::stream> connection)
        : gateway_(gateway), settings_(gateway.settings), identity_(gateway.identity), stream_(std::move(connection)),
          pace_(*stream_, settings_->limits.least_rate), session_(session_config(gateway)),
          place_(gateway.sessions, metrics::protocol::smtp, metrics::side::server, stream_->peer_address())
    {
        gateway_.sessions.add(*this);
        trusted_ = settings_->may_relay(stream_->peer_address());
    }

    asio::awaitable<void> run();

    void drain() override
    {
        session_.on_shutdown();
        draining_ = true;
        stream_->interrupt();
    }
    void abort() override { stream_->close(); }

  private:
    asio::awaitable<bool> read(smtp::awaiting what);
    asio::awaitable<void> start_tls();
    asio::awaitable<void> finish();
    asio::awaitable<void> append(std::string_view octets);
    asio::awaitable<smtp::reply> check_sender(const smtp::check_sender& question);
    asio::awaitable<smtp::reply> check_recipient(const smtp::check_recipient& question);
    admission::mail_facts facts_of(const smtp::check_sender& question) const;
    void note_refusal(const smtp::check_sender& of, const admission::refusal& why);
    smtp::reply begin_data(smtp::transaction transaction);
    void log_end(const smtp::close& end);

    runtime& gateway_;
    std::shared_ptr<const config::settings> settings_;
    std::shared_ptr<const site::identity> identity_;
    std::unique_ptr<net::stream> stream_;
    net::pace pace_;
    smtp::server_session session_;
    registry::place place_;
    std::optional<intake::legacy_intake> intake_;
    std::uint64_t messages_ = 0;
    std::optional<admission::mail_facts> mail_; // of the transaction; none: the filter has exempted it
    bool trusted_ = false;
    bool draining_ = false;
};

asio::awaitable<void> smtp_server::run()
{
    for (;;) {
        auto action = session_.next();
        if (auto* wanted = std::get_if<smtp::read_more>(&action)) {
            const bool more = co_await read(wanted->what);
            if (!more) session_.on_eof();
        } else if (auto* out = std::get_if<smtp::write>(&action)) {
            stream_->expires_after(settings_->timeouts.reply);
            const auto failed = co_await stream_->write(out->octets);
            pace_.progress(); // something was answered
            if (failed) session_.on_eof();
        } else if (auto* sender = std::get_if<smtp::check_sender>(&action)) {
            auto answer = co_await check_sender(*sender);
            session_.on_reply(std::move(answer));
        } else if (auto* to = std::get_if<smtp::check_recipient>(&action)) {
            auto answer = co_await check_recipient(*to);
            session_.on_reply(std::move(answer));
        } else if (auto* data = std::get_if<smtp::begin_data>(&action)) {
            session_.on_reply(begin_data(std::move(data->transaction)));
        } else if (auto* content = std::get_if<smtp::append>(&action)) {
            co_await append(content->octets);
        } else if (std::holds_alternative<smtp::finish>(action)) {
            co_await finish();
        } else if (std::holds_alternative<smtp::discard>(action)) {
            intake_.reset();
        } else if (std::holds_alternative<smtp::start_tls>(action)) {
            co_await start_tls();
        } else if (auto* end = std::get_if<smtp::close>(&action)) {
            log_end(*end);
            co_await stream_->linger();
            co_return;
        }
    }
}

// False: nothing more will come.
asio::awaitable<bool> smtp_server::read(smtp::awaiting what)
{
    const bool content = what == smtp::awaiting::content;
    pace_.expect(content ? 1 : 0, content ? settings_->timeouts.data : settings_->timeouts.idle);
    const auto got = co_await stream_->read_some();
    if (got.error == asio::error::timed_out) {
        session_.on_timeout();
        co_return true;
    }
    if (got.error == asio::error::operation_aborted && draining_ && stream_->open()) co_return true;
    if (got.error || got.eof()) co_return false;
    if (content) pace_.received(got.octets.size());
    session_.on_bytes(got.octets);
    co_return true;
}

asio::awaitable<void> smtp_server::start_tls()
{
    stream_->expires_after(settings_->timeouts.helo);
    const auto failed = co_await stream_->accept_tls(identity_->smtp_server_tls());
    if (failed) {
        gateway_.counters.tls_failures.smtp.server.add();
        gateway_.log.info("tls_failed", {{"client", stream_->peer_address()}, {"reason", stream_->tls().verify_text}});
        session_.on_eof();
        co_return;
    }
    gateway_.counters.tls_handshakes.smtp.server.add();
    smtp::tls_facts facts;
    facts.version = stream_->tls().version;
    facts.cipher = stream_->tls().cipher;
    session_.on_tls(std::move(facts));
}

asio::awaitable<smtp::reply> smtp_server::check_sender(const smtp::check_sender& question)
{
    if (settings_->limits.messages_per_session != 0 && messages_ >= settings_->limits.messages_per_session)
        co_return smtp::reply(421, {4, 7, 0}, "too many messages in one session (limits.messages_per_session)");
    const auto health = gateway_.spool.health();
    if (health.state != spool::health_report::condition::ok) {
        gateway_.counters.messages_put_off.smtp.add();
        gateway_.log.warning(
            "mail_put_off",
            {{"client", stream_->peer_address()}, {"sender", question.reverse_path}, {"reason", health.text}});
        co_return smtp::reply(452, {4, 3, 1}, "mail cannot be stored at the moment, please try again later");
    }
    mail_ = facts_of(question);
    for (const auto now : {admission::stage::envelope_announced, admission::stage::envelope}) {
        const auto said = co_await admission::ask(gateway_.filter, now, *mail_);
        if (said.exempt) {
            mail_.reset();
            break;
        }
        if (!said.message) continue;
        note_refusal(question, *said.message);
        co_return mapping::to_reply(said.message->verdict);
    }
    co_return smtp::reply(250, {2, 1, 0}, "sender ok");
}

admission::mail_facts smtp_server::facts_of(const smtp::check_sender& question) const
{
    admission::mail_facts mail;
    mail.address = stream_->peer_address();
    mail.trust = trusted_ ? config::trust::trusted : config::trust::unknown;
    mail.tls = stream_->tls().version;
    mail.sender = question.reverse_path;
    mail.octets = size_of(question);
    for (const auto& p : question.parameters) mail.options.push_back(p.keyword);
    return mail;
}

void smtp_server::note_refusal(const smtp::check_sender& of, const admission::refusal& why)
{
    auto& counters = gateway_.counters;
    const bool later = why.verdict.outcome == mapping::verdict::kind::deferred;
    (later ? counters.messages_put_off : counters.messages_rejected).smtp.add();
    counters.messages_refused[admission::reason_of(why.about)].smtp.add();
    counters.octets_refused_unsent.smtp.add(size_of(of));
    gateway_.log.info("message_refused", {{"client", stream_->peer_address()},
                                          {"sender", of.reverse_path},
                                          {"rule", why.rule},
                                          {"reason", why.verdict.text}});
}

asio::awaitable<smtp::reply> smtp_server::check_recipient(const smtp::check_recipient& question)
{
    auto answer = admission::check_recipient(*settings_, trusted_, question.recipient.address);
    auto about = admission::subject::recipient;
    if (answer.outcome == mapping::verdict::kind::delivered && mail_) {
        auto mail = *mail_;
        mail.recipients = {question.recipient.address};
        for (const auto& p : question.recipient.parameters) mail.options.push_back(p.keyword);
        const auto said = co_await admission::ask(gateway_.filter, admission::stage::envelope, mail);
        const auto* refused = said.message ? &*said.message : nullptr;
        if (!said.recipients.empty()) refused = &said.recipients.front().second;
        if (refused != nullptr) {
            answer = refused->verdict;
            about = refused->about;
        }
    }
    if (answer.outcome != mapping::verdict::kind::delivered) {
        gateway_.counters.recipients_rejected.smtp.add();
        gateway_.counters.messages_refused[admission::reason_of(about)].smtp.add();
        gateway_.log.info("recipient_refused", {{"client", stream_->peer_address()},
                                                {"rcpt", question.recipient.address},
                                                {"rule", answer.detail},
                                                {"text", answer.text}});
    }
    co_return mapping::to_reply(answer);
}

smtp::reply smtp_server::begin_data(smtp::transaction transaction)
{
    intake::client_facts client;
    client.hello = session_.hello().name;
    client.address = stream_->peer_address();
    const bool utf8 = smtp::find_parameter(transaction.parameters, "SMTPUTF8") != nullptr;
    client.protocol = smtp::received_with(session_.hello(), utf8);
    client.tls.version = stream_->tls().version;
    client.tls.cipher = stream_->tls().cipher;
    client.trusted = trusted_;
    client.mail = std::move(mail_);
    mail_.reset();
    if (client.mail)
        for (const auto& to : transaction.recipients) client.mail->recipients.push_back(to.address);
    intake_.emplace(gateway_, std::move(client), std::move(transaction));
    return {354, "go ahead, end with <CRLF>.<CRLF>"};
}

asio::awaitable<void> smtp_server::append(std::string_view octets)
{
    if (!intake_) co_return;
    intake_->append(octets);
    if (!intake_->congested()) co_return;
    stream_->expires_never();
    co_await intake_->drained();
    pace_.progress();
}

asio::awaitable<void> smtp_server::finish()
{
    stream_->expires_never();
    const auto outcome = co_await intake_->commit();
    intake_.reset();
    ++messages_;
    session_.on_reply(mapping::to_reply(outcome));
}

void smtp_server::log_end(const smtp::close& end)
{
    if (end.why == smtp::close_reason::quit || end.why == smtp::close_reason::peer_left) {
        gateway_.log.debug("smtp_closed", {{"client", stream_->peer_address()}, {"reason", smtp::to_string(end.why)}});
        return;
    }
    if (end.why != smtp::close_reason::shutdown) gateway_.counters.session_errors.smtp.server.add();
    gateway_.log.info("smtp_closed", {{"client", stream_->peer_address()},
                                      {"helo", session_.hello().name},
                                      {"messages", messages_},
                                      {"reason", smtp::to_string(end.why)}});
}

} // namespace

asio::awaitable<void> serve_smtp(runtime& gateway, std::unique_ptr<net::stream> connection)
{
    auto session = std::make_unique<smtp_server>(gateway, std::move(connection));
    try {
        co_await session->run();
    } catch (const std::exception& bug) {
        // A bug of ours: it ends this session, not the gateway. What was not committed is still the client's.
        gateway.log.error("smtp_session_failed", {{"error", bug.what()}});
    }
}

} // namespace gateway::sessions
