// The frame of the client session: greeting, EHLO, STARTTLS, what next() gives, how it ends. The transaction is in
// client_transaction.cpp.
#include "smtp/client_session.hpp"

#include <cassert>
#include <utility>

namespace smtp {

client_session::client_session(client_config config) : config_(std::move(config)), parser_(config_.limits.reply)
{
    expected_.push_back({awaiting::greeting, 0});
}

client_session::action client_session::next()
{
    for (;;) {
        if (result_) {
            auto found = std::move(*result_);
            result_.reset();
            return found;
        }
        if (close_) {
            if (!out_.empty()) return flush();
            return *close_;
        }
        if (!input_.empty()) {
            take_reply();
            continue;
        }
        if (handshake_) return start_tls{};
        if (current_) advance();
        if (wants_content() && out_.size() < config_.limits.write_octets) return want_content{};
        if (!out_.empty()) return flush();
        if (!expected_.empty()) return read_more{expected_.front().what};
        if (!current_) return ready{transactions_};
        conclude();
    }
}

void client_session::quit()
{
    assert(!current_ && expected_.empty());
    if (!close_) send("QUIT", awaiting::quit);
}

void client_session::on_bytes(std::string_view octets)
{
    assert(input_.empty() && !handshake_);
    if (!close_) input_ = octets;
}

void client_session::on_eof()
{
    fail(close_reason::peer_left, {451, {4, 4, 2}, "the server closed the connection"}, true);
}

void client_session::on_timeout()
{
    const auto what = expected_.empty() ? awaiting::content : expected_.front().what;
    fail(close_reason::timeout,
         {451, {4, 4, 2}, "the server was silent for too long (" + std::string(to_string(what)) + ")"}, true);
}

void client_session::on_error(std::string text)
{
    const enhanced_code code = handshake_ ? enhanced_code{4, 7, 5} : enhanced_code{4, 4, 2};
    fail(close_reason::failed, {451, code, std::move(text)}, true);
}

void client_session::on_tls(tls_facts facts)
{
    assert(handshake_);
    if (!handshake_ || close_) return;
    handshake_ = false;
    tls_ = std::move(facts);
    offered_ = {};
    said_helo_ = false;
    send("EHLO " + config_.host, awaiting::hello); // what was said before TLS counts no more (RFC 3207 4.2)
}

void client_session::send(std::string_view line, awaiting what, std::size_t recipient)
{
    out_.append(line).append("\r\n");
    expected_.push_back({what, recipient});
    ++unsent_;
}

client_session::action client_session::flush()
{
    unsent_ = 0;
    if (current_) current_->handed_out = current_->complete;
    return write{std::exchange(out_, {})};
}

void client_session::take_reply()
{
    auto read = parser_.read(input_);
    if (!read) return misbehaved(read.error().message());
    if (!*read) return;
    const reply& answer = **read;
    if (expected_.size() <= unsent_) return take_unasked(answer); // it cannot be the reply to what was not sent

    const auto due = expected_.front();
    expected_.pop_front();
    if (due.what == awaiting::quit) return fail(close_reason::quit, {}, false);
    if (answer.code == 421) return refuse(answer, due.what);
    switch (due.what) {
    case awaiting::greeting: return take_greeting(answer);
    case awaiting::hello: return take_hello(answer);
    case awaiting::start_tls: return take_start_tls(answer);
    default: return take_answer(due, answer);
    }
}

// A server that goes away says 421 whenever it likes (RFC 5321 3.8), and some refuse content before its end.
void client_session::take_unasked(const reply& answer)
{
    const bool in_content = current_ && current_->at == step::content;
    const bool refusal = answer.transient() || answer.permanent();
    if (answer.code == 421 || (in_content && refusal)) return refuse(answer, awaiting::data);
    misbehaved("a reply to no command");
}

void client_session::take_greeting(const reply& answer)
{
    if (answer.positive()) return send("EHLO " + config_.host, awaiting::hello);
    refuse(answer, awaiting::greeting);
}

void client_session::take_hello(const reply& answer)
{
    if (answer.positive()) {
        offered_ = said_helo_ ? extensions{} : parse_ehlo(answer);
        return after_hello();
    }
    if (!answer.permanent() || said_helo_) return refuse(answer, awaiting::hello);
    said_helo_ = true;
    send("HELO " + config_.host, awaiting::hello);
}

void client_session::after_hello()
{
    if (tls_ || config_.tls == tls_use::none) return;
    if (offered_.start_tls) return send("STARTTLS", awaiting::start_tls);
    if (config_.tls == tls_use::opportunistic) return;
    send("QUIT", awaiting::quit);
    close_ = close{close_reason::failed, {451, {4, 7, 4}, "TLS is required and the server does not offer it"}, false};
}

void client_session::take_start_tls(const reply& answer)
{
    if (answer.positive()) {
        if (!input_.empty()) return misbehaved("octets between the answer to STARTTLS and TLS");
        handshake_ = true;
        return;
    }
    if (config_.tls == tls_use::required) refuse(answer, awaiting::start_tls);
}

// The server will not go on; whatever is open gets its words.
void client_session::refuse(const reply& answer, awaiting what)
{
    if (!answer.transient() && !answer.permanent()) return misbehaved("reply " + std::to_string(answer.code));
    const bool inside_data = current_ && !current_->plan.chunked && current_->octets > 0 && !current_->complete;
    if (current_) {
        resolve(answer, stage_of(what), true);
        conclude();
    }
    out_.clear();
    if (answer.code != 421 && !inside_data) out_ = "QUIT\r\n";
    input_ = {};
    close_ = close{close_reason::refused, answer, true};
}

void client_session::fail(close_reason why, reply failure, bool answer_may_be_lost)
{
    if (close_) return;
    if (!expected_.empty() && expected_.front().what == awaiting::quit) why = close_reason::quit;
    if (why == close_reason::quit) failure = {};
    if (current_) {
        const bool lost = answer_may_be_lost && current_->handed_out && !all_resolved();
        resolve(failure, std::nullopt, false);
        conclude();
        result_->content_sent_answer_lost = lost;
    }
    out_.clear();
    input_ = {};
    close_ = close{why, std::move(failure), false};
}

void client_session::misbehaved(std::string_view what)
{
    fail(close_reason::misbehaviour, {451, {4, 5, 0}, "the server's answer makes no sense: " + std::string(what)},
         true);
}

} // namespace smtp
