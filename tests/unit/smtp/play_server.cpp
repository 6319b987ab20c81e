// Plays the driver of a server session from a transcript.
#include "tests/unit/smtp/transcript.hpp"

#include "smtp/server_session.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <stdexcept>

namespace transcript {
namespace {

smtp::server_config configure(const script& s)
{
    smtp::server_config c;
    c.host = "mx.test";
    for (const auto& [name, value] : s.settings) {
        if (name == "bare_newline") {
            c.bare_newline = value == "carry"       ? smtp::newline_policy::carry
                             : value == "normalize" ? smtp::newline_policy::normalize
                                                    : smtp::newline_policy::reject;
        } else if (name == "start_tls") {
            c.offer_start_tls = true;
        } else if (name == "require_tls") {
            c.require_tls = true;
        } else if (name == "no_smtputf8") {
            c.smtputf8 = false;
        } else if (name == "no_chunking") {
            c.chunking = false;
        } else if (name == "message_octets") {
            c.limits.message_octets = std::stoull(value);
        } else if (name == "recipients") {
            c.limits.recipients = std::stoull(value);
        } else if (name == "errors") {
            c.limits.errors = std::stoull(value);
        } else if (name == "command_line") {
            c.limits.command_line = std::stoull(value);
        } else if (name != "whole") {
            throw std::runtime_error("unknown setting " + name);
        }
    }
    return c;
}

// "MAIL FROM:<a@b> SIZE=1" without the words before the path.
std::string without_verb(const std::string& line)
{
    return line.substr(line.find('<'));
}

smtp::reply parse_answer(const std::string& text)
{
    smtp::reply_parser parser;
    const std::string line = text + "\r\n";
    std::string_view rest = line;
    const auto read = parser.read(rest);
    if (!read || !*read) throw std::runtime_error("no reply: " + text);
    return **read;
}

class player {
  public:
    player(const script& s, const manner& how)
        : session_(configure(s)), how_(how), input_(s.lines, {kind::client, kind::event}),
          answers_(s.lines, {kind::answer})
    {
        // An answer right after content refuses the append.
        for (std::size_t i = 1; i < s.lines.size(); ++i) {
            if (s.lines[i].what == kind::content) appended_before_ += s.lines[i].text.size();
            if (s.lines[i].what == kind::answer && s.lines[i - 1].what == kind::content)
                refuse_at_.push_back(appended_before_);
        }
    }

    outcome play()
    {
        while (!done_.closed && done_.complaint.empty() && done_.actions < 100000) {
            if (done_.actions == how_.cut_after) {
                cut_ = true;
                session_.on_eof();
            }
            auto action = session_.next();
            ++done_.actions;
            std::visit([this](auto& a) { on(a); }, action);
        }
        return done_;
    }

  private:
    void ask(const std::string& text) { add(done_.lines, kind::question, text); }

    void answer()
    {
        if (how_.deferred) {
            for (int i = 0; i < 3; ++i) EXPECT_TRUE(std::holds_alternative<smtp::wait>(session_.next()));
        }
        if (done_.actions == how_.cut_after) return;
        if (answers_.empty()) {
            done_.complaint = "no answer left";
            return;
        }
        add(done_.lines, kind::answer, answers_.front().text);
        session_.on_reply(parse_answer(answers_.front().text));
        answers_.pop();
    }

    void on(smtp::wait&) { done_.complaint = "wait without a question"; }
    void on(smtp::write& w) { add(done_.lines, kind::server, w.octets); }
    void on(smtp::start_tls&)
    {
        ask("start_tls");
        if (done_.actions == how_.cut_after) return;
        if (input_.empty() || input_.front().what != kind::event) {
            done_.complaint = "no ! tls";
            return;
        }
        happen();
    }
    void on(smtp::check_sender& q)
    {
        EXPECT_EQ(q.hello, session_.hello());
        ask("check_sender " + without_verb(smtp::format_mail(q.reverse_path, q.parameters)));
        answer();
    }
    void on(smtp::check_recipient& q)
    {
        ask("check_recipient " + without_verb(smtp::format_rcpt(q.recipient)));
        answer();
    }
    void on(smtp::begin_data& q)
    {
        auto text =
            "begin_data " + without_verb(smtp::format_mail(q.transaction.reverse_path, q.transaction.parameters));
        for (const auto& to : q.transaction.recipients) text += "; " + without_verb(smtp::format_rcpt(to));
        ask(text);
        answer();
    }
    void on(smtp::append& a)
    {
        EXPECT_FALSE(a.octets.empty());
        add(done_.lines, kind::content, std::string(a.octets));
        appended_ += a.octets.size();
        if (!refuse_at_.empty() && appended_ >= refuse_at_.front()) {
            refuse_at_.erase(refuse_at_.begin());
            answer_append();
        }
    }
    void answer_append()
    {
        if (cut_ || answers_.empty()) return;
        add(done_.lines, kind::answer, answers_.front().text);
        session_.on_reply(parse_answer(answers_.front().text));
        answers_.pop();
    }
    void on(smtp::finish&)
    {
        ask("finish");
        answer();
    }
    void on(smtp::discard&) { ask("discard"); }
    void on(smtp::close& c)
    {
        ask("close " + std::string(to_string(c.why)));
        done_.closed = true;
        EXPECT_TRUE(std::holds_alternative<smtp::close>(session_.next())) << "nothing may follow close";
    }
    void on(smtp::read_more&)
    {
        if (done_.actions == how_.cut_after) return;
        if (input_.empty()) {
            done_.complaint = "nothing left to read";
            return;
        }
        if (input_.front().what == kind::event) {
            happen();
            return;
        }
        // In memory of its own and of exact size, so that a sanitizer sees a view that was kept for too long.
        buffer_ = std::make_unique<std::string>(input_.take(how_.split));
        buffer_->shrink_to_fit();
        add(done_.lines, kind::client, *buffer_);
        session_.on_bytes(*buffer_);
    }

    void happen()
    {
        const auto event = input_.front().text;
        input_.pop();
        add(done_.lines, kind::event, event);
        if (event == "eof") return session_.on_eof();
        if (event == "timeout") return session_.on_timeout();
        if (event == "shutdown") return session_.on_shutdown();
        if (event == "tls") return session_.on_tls({"TLSv1.3", "TLS_AES_256_GCM_SHA384", "", false});
        done_.complaint = "unexpected ! " + event;
    }

    smtp::server_session session_;
    manner how_;
    feed input_;
    feed answers_;
    std::vector<std::size_t> refuse_at_; // octets of content after which an append is refused
    std::size_t appended_before_ = 0;
    std::size_t appended_ = 0;
    std::unique_ptr<std::string> buffer_;
    bool cut_ = false;
    outcome done_;
};

} // namespace

outcome play_server(const script& s, const manner& how)
{
    return player(s, how).play();
}

} // namespace transcript
