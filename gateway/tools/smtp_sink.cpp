// The SMTP sessions of `isthmus sink`: a server that takes everything, unless told otherwise.
#include "gateway/tools/sink.hpp"
#include "smtp/server_session.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace gateway::tools {

namespace asio = boost::asio;

namespace {

smtp::server_config session_config(const sink_setup& setup)
{
    smtp::server_config made;
    made.host = setup.host;
    made.greeting = "ESMTP isthmus sink";
    made.offer_start_tls = setup.tls.has_value();
    made.chunking = setup.chunking;
    made.smtputf8 = setup.smtputf8;
    made.bare_newline = setup.carry_newlines ? smtp::newline_policy::carry : smtp::newline_policy::reject;
    made.limits.message_octets = 0;
    return made;
}

std::string path_line(std::string_view verb, const std::string& address, const std::vector<smtp::parameter>& parameters)
{
    auto line = std::string(verb) + ":<" + address + ">";
    for (const auto& p : parameters) line += " " + p.keyword + (p.value ? "=" + *p.value : std::string());
    return line + "\n";
}

class smtp_sink final : public sink_session {
  public:
    smtp_sink(sink& shared, std::unique_ptr<net::stream> connection)
        : shared_(shared), stream_(std::move(connection)), session_(session_config(shared.setup))
    {
        shared_.add(*this);
    }

    asio::awaitable<void> run();
    void drain() override
    {
        session_.on_shutdown();
        stream_->interrupt();
    }
    void leave() { shared_.remove(*this); }

  private:
    asio::awaitable<bool> greet();
    asio::awaitable<void> read();
    asio::awaitable<void> start_tls();
    // Answers the question last asked: as the rules say, else `yes`. False: the connection is dropped.
    asio::awaitable<bool> answer(stage at, std::string address, smtp::reply yes);
    asio::awaitable<bool> finish();
    void begin(const smtp::transaction& transaction);

    sink& shared_;
    std::unique_ptr<net::stream> stream_;
    smtp::server_session session_;
    std::unique_ptr<message_folder::entry> content_;
    receipt receipt_;
};

asio::awaitable<void> smtp_sink::run()
{
    const bool greeted = co_await greet();
    if (!greeted) co_return;
    for (;;) {
        auto action = session_.next();
        bool stays = true;
        if (std::holds_alternative<smtp::read_more>(action)) {
            co_await read();
        } else if (auto* out = std::get_if<smtp::write>(&action)) {
            stream_->expires_after(shared_.setup.idle);
            const auto failed = co_await stream_->write(out->octets);
            if (failed) session_.on_eof();
        } else if (std::holds_alternative<smtp::check_sender>(action)) {
            smtp::reply yes(250, {2, 1, 0}, "sender ok");
            stays = co_await answer(stage::mail, std::string(), std::move(yes));
        } else if (auto* to = std::get_if<smtp::check_recipient>(&action)) {
            smtp::reply yes(250, {2, 1, 5}, "recipient ok");
            stays = co_await answer(stage::rcpt, to->recipient.address, std::move(yes));
        } else if (auto* data = std::get_if<smtp::begin_data>(&action)) {
            begin(data->transaction);
            smtp::reply yes(354, "go ahead, end with <CRLF>.<CRLF>");
            stays = co_await answer(stage::data, std::string(), std::move(yes));
        } else if (auto* content = std::get_if<smtp::append>(&action)) {
            receipt_.octets += content->octets.size();
            if (content_) content_->write("eml", content->octets);
        } else if (std::holds_alternative<smtp::finish>(action)) {
            stays = co_await finish();
        } else if (std::holds_alternative<smtp::discard>(action)) {
            content_.reset();
        } else if (std::holds_alternative<smtp::start_tls>(action)) {
            co_await start_tls();
        } else if (std::holds_alternative<smtp::close>(action)) {
            co_await stream_->linger();
            co_return;
        }
        if (!stays) co_return stream_->close();
    }
}

// The session has no question before its greeting: what is to be done at `connect` is done before it begins.
asio::awaitable<bool> smtp_sink::greet()
{
    const auto what = shared_.rules.at(stage::connect);
    if (what.delay.count() > 0) co_await pause(shared_.bench, what.delay);
    if (!what.drop && !what.refuse) co_return true;
    shared_.received.refused();
    if (what.refuse) {
        const auto octets = smtp::format(what.refuse->reply);
        stream_->expires_after(shared_.setup.idle);
        co_await stream_->write(octets);
        co_await stream_->linger();
    }
    stream_->close();
    co_return false;
}

asio::awaitable<void> smtp_sink::read()
{
    stream_->expires_after(shared_.setup.idle);
    const auto got = co_await stream_->read_some();
    if (got.error == asio::error::timed_out)
        session_.on_timeout();
    else if (got.error == asio::error::operation_aborted && stream_->open())
        co_return; // asked to drain
    else if (got.error || got.eof())
        session_.on_eof();
    else
        session_.on_bytes(got.octets);
}

asio::awaitable<void> smtp_sink::start_tls()
{
    stream_->expires_after(shared_.setup.idle);
    const auto failed = co_await stream_->accept_tls(*shared_.setup.tls);
    if (failed) {
        shared_.log.info("tls_failed", {{"client", stream_->peer_address()}, {"reason", stream_->tls().verify_text}});
        session_.on_eof();
        co_return;
    }
    smtp::tls_facts facts;
    facts.version = stream_->tls().version;
    facts.cipher = stream_->tls().cipher;
    session_.on_tls(std::move(facts));
}

asio::awaitable<bool> smtp_sink::answer(stage at, std::string address, smtp::reply yes)
{
    const auto what = shared_.rules.at(at, address);
    if (what.delay.count() > 0) co_await pause(shared_.bench, what.delay);
    if (what.drop || what.refuse) shared_.received.refused();
    if (what.drop) co_return false;
    session_.on_reply(what.refuse ? what.refuse->reply : std::move(yes));
    co_return true;
}

void smtp_sink::begin(const smtp::transaction& transaction)
{
    receipt_ = {};
    receipt_.peer = session_.hello().name;
    receipt_.peer_address = stream_->peer_endpoint();
    receipt_.sender = transaction.reverse_path;
    auto envelope = "CLIENT " + receipt_.peer_address + "\n" + (session_.hello().extended ? "EHLO " : "HELO ") +
                    receipt_.peer + "\n" + path_line("MAIL FROM", transaction.reverse_path, transaction.parameters);
    for (const auto& to : transaction.recipients) {
        receipt_.recipients.push_back(to.address);
        envelope += path_line("RCPT TO", to.address, to.parameters);
    }
    content_ = shared_.received.begin();
    if (!content_) return;
    content_->write("envelope", envelope);
    content_->write("eml", {}); // there is a file even of an empty message
}

asio::awaitable<bool> smtp_sink::finish()
{
    const auto what = shared_.rules.at(stage::end);
    if (what.delay.count() > 0) co_await pause(shared_.bench, what.delay);
    if (what.drop || what.refuse) {
        shared_.received.refused();
        content_.reset();
        if (what.drop) co_return false;
        session_.on_reply(what.refuse->reply);
        co_return true;
    }
    const bool kept = shared_.received.take(receipt_, std::move(content_));
    smtp::reply yes(250, {2, 0, 0}, "taken");
    smtp::reply no(452, {4, 3, 1}, "it could not be written");
    session_.on_reply(kept ? std::move(yes) : std::move(no));
    co_return true;
}

} // namespace

asio::awaitable<void> serve_smtp_sink(sink& shared, std::unique_ptr<net::stream> connection)
{
    shared.received.session_opened();
    const auto session = std::make_unique<smtp_sink>(shared, std::move(connection));
    co_await session->run();
    session->leave();
}

void sink::remove(sink_session& one)
{
    sessions.erase(&one);
    if (closing && sessions.empty()) bench.finish();
}

void sink::close()
{
    closing = true;
    if (sessions.empty()) return bench.finish();
    for (auto* one : std::set<sink_session*>(sessions)) one->drain();
}

asio::awaitable<void> pause(workbench& bench, std::chrono::milliseconds time)
{
    asio::steady_timer timer(bench.context(), time);
    boost::system::error_code ignored;
    co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
}

} // namespace gateway::tools
