// The frame of the server session: what next() gives, what answers do, how it ends. The commands are in
// server_commands.cpp, the content in server_content.cpp.
#include "smtp/server_session.hpp"

#include <cassert>
#include <utility>

namespace smtp {

std::string_view received_with(const hello_facts& client, bool smtputf8)
{
    if (smtputf8) return client.tls ? "UTF8SMTPS" : "UTF8SMTP";
    if (!client.extended) return "SMTP";
    return client.tls ? "ESMTPS" : "ESMTP";
}

server_session::server_session(server_config config) : config_(std::move(config)), reader_(config_.limits.command_line)
{
    say({220, config_.host + " " + config_.greeting});
}

server_session::action server_session::next()
{
    for (;;) {
        if (!due_.empty()) {
            auto first = std::move(due_.front());
            due_.pop_front();
            return first;
        }
        if (question_ != question::none || phase_ == phase::handshake) return wait{};

        const bool held_back = phase_ == phase::command || phase_ == phase::data || phase_ == phase::chunk;
        if (!replies_.empty() && (!held_back || write_now_ || replies_.size() >= config_.limits.reply_batch)) {
            return flush();
        }
        if (phase_ == phase::closed) return close{why_, {}, false};
        if (phase_ == phase::start_tls) {
            phase_ = phase::handshake;
            return start_tls{};
        }
        if (phase_ == phase::command && draining_ && !mail_ && !content_) {
            say({421, {4, 3, 2}, config_.host + " is closing down"});
            end(close_reason::shutdown);
            continue;
        }

        const bool progress = phase_ == phase::command ? read_command()
                              : phase_ == phase::data  ? read_data()
                                                       : read_chunk();
        if (progress) continue;
        if (!replies_.empty()) return flush();
        return read_more{phase_ == phase::command ? awaiting::command : awaiting::content};
    }
}

void server_session::on_bytes(std::string_view octets)
{
    assert(input_.empty());
    if (phase_ != phase::closed) input_ = octets;
}

void server_session::on_eof()
{
    if (phase_ == phase::closed) return;
    replies_.clear();
    end(close_reason::peer_left);
}

void server_session::on_timeout()
{
    if (phase_ == phase::closed) return;
    if (phase_ == phase::handshake) return on_eof();
    say({421, {4, 4, 2}, config_.host + " has waited too long"});
    end(close_reason::timeout);
}

void server_session::on_shutdown()
{
    draining_ = true;
}

void server_session::on_tls(tls_facts facts)
{
    assert(phase_ == phase::handshake);
    if (phase_ != phase::handshake) return;
    hello_.tls = std::move(facts);
    phase_ = phase::command;
}

void server_session::on_reply(reply answer)
{
    const auto asked = std::exchange(question_, question::none);
    const bool begin = asked == question::data || asked == question::chunk;
    const bool refusal = answer.transient() || answer.permanent();
    const bool consent = begin ? answer.code == 354 : asked != question::none && answer.positive();
    if (!refusal && !consent) answer = reply(451, {4, 3, 0}, "internal error");

    switch (asked) {
    case question::none:
        if (content_ && phase_ != phase::closed) refuse_content(std::move(answer));
        return;
    case question::sender: answer_sender(answer); break;
    case question::recipient: answer_recipient(answer); break;
    case question::data: answer_begin(answer, phase::data); break;
    case question::chunk: answer_begin(answer, phase::chunk); break;
    case question::finish: settle(answer); break;
    }
    if (answer.code == 421 && asked != question::chunk) end(close_reason::policy); // a chunk is swallowed first
}

void server_session::answer_sender(const reply& answer)
{
    say(answer);
    just_refused_ = !answer.positive();
    if (answer.positive()) mail_ = std::move(asked_);
    asked_.reset();
}

void server_session::answer_recipient(const reply& answer)
{
    say(answer);
    if (answer.positive()) mail_->mail.recipients.push_back(std::move(*asked_recipient_));
    if (!answer.positive()) mail_->refused_any = true;
    asked_recipient_.reset();
}

void server_session::answer_begin(const reply& answer, phase then)
{
    phase_ = then;
    entry_open_ = answer.code == 354;
    if (then == phase::chunk) { // no reply before the chunk's end
        if (!entry_open_) content_->refusal = answer;
        return;
    }
    if (!entry_open_) return settle(answer);
    say(answer);
    write_now_ = true;
}

void server_session::settle(reply answer)
{
    const bool client_error = content_ && content_->client_error;
    just_refused_ = !answer.positive();
    entry_open_ = false;
    mail_.reset();
    content_.reset();
    phase_ = phase::command;
    if (client_error) return complain(answer);
    say(answer);
    if (answer.code == 421) end(close_reason::policy);
}

void server_session::complain(const reply& r)
{
    write_now_ = true;
    if (++errors_ < config_.limits.errors) return say(r);
    say({421, {4, 7, 0}, "too many errors (" + std::to_string(errors_) + ")"});
    end(close_reason::too_many_errors);
}

void server_session::ask(question q, action a)
{
    question_ = q;
    due_.push_back(std::move(a));
}

void server_session::drop_mail()
{
    mail_.reset();
    content_.reset();
    if (entry_open_) due_.push_back(discard{});
    entry_open_ = false;
}

// Nothing is read any more; replies go out, then the connection is closed.
void server_session::end(close_reason why)
{
    for (const auto& a : due_) {
        if (std::holds_alternative<begin_data>(a)) entry_open_ = false; // the driver has not heard of it
    }
    std::erase_if(due_, [](const action& a) { return !std::holds_alternative<discard>(a); });
    question_ = question::none;
    drop_mail();
    phase_ = phase::closed;
    why_ = why;
    input_ = {};
}

server_session::action server_session::flush()
{
    write_now_ = false;
    return write{std::exchange(replies_, {})};
}

} // namespace smtp
