// Plays the driver of a client session from a transcript.
#include "tests/unit/smtp/transcript.hpp"

#include "smtp/client_session.hpp"
#include "smtp/command.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <stdexcept>

namespace transcript {
namespace {

smtp::client_config configure(const script& s)
{
    smtp::client_config c;
    c.host = "us.test";
    c.tls = smtp::tls_use::none;
    for (const auto& [name, value] : s.settings) {
        if (name == "tls") {
            c.tls = value == "required" ? smtp::tls_use::required : smtp::tls_use::opportunistic;
        } else if (name == "no_pipelining") {
            c.sending.pipelining = false;
        } else if (name == "no_chunking") {
            c.sending.chunking = false;
        } else if (name == "eight_bit") {
            c.sending.eight_bit = value == "refuse" ? smtp::eight_bit_policy::refuse : smtp::eight_bit_policy::send;
        } else if (name == "eager_octets") {
            c.sending.eager_octets = std::stoull(value);
        } else if (name == "commands_in_flight") {
            c.limits.commands_in_flight = std::stoull(value);
        } else if (name == "chunks_in_flight") {
            c.limits.chunks_in_flight = std::stoull(value);
        } else if (name != "whole" && name != "piece") {
            throw std::runtime_error("unknown setting " + name);
        }
    }
    return c;
}

// What the driver is told to do once the session is ready.
struct order {
    smtp::transaction mail;
    std::string content;
    smtp::content_facts facts;
    bool quit = false;
    dialogue lines; // as written
};

// Reads the answers and content after each `? ready`.
std::vector<order> read_orders(const script& s)
{
    std::vector<order> orders;
    for (const auto& e : s.lines) {
        if (e.what == kind::question && e.text == "ready") orders.emplace_back();
        if (orders.empty() || (e.what != kind::answer && e.what != kind::content)) continue;
        auto& current = orders.back();
        add(current.lines, e.what, e.text);
        if (e.what == kind::content) {
            current.content = e.text;
            smtp::content_scan scan;
            scan.push(current.content);
            const bool utf8 = current.facts.smtputf8;
            current.facts = scan.facts();
            current.facts.smtputf8 = utf8;
        } else if (e.text == "quit") {
            current.quit = true;
        } else if (e.text == "utf8") {
            current.facts.smtputf8 = true;
        } else if (e.text == "lie") { // the facts do not tell of the bare newline
            current.facts.bare_newline = false;
        } else if (e.text == "lie about length") {
            ++current.facts.octets;
        } else if (const auto mail = smtp::parse_mail(e.text)) {
            current.mail.reverse_path = mail->reverse_path;
            current.mail.parameters = mail->parameters;
        } else if (e.text.starts_with("raw to:")) { // an address no command line could have brought
            current.mail.recipients.push_back({e.text.substr(7), {}});
        } else if (e.text.starts_with("raw from:")) {
            current.mail.reverse_path = e.text.substr(9);
        } else if (const auto rcpt = smtp::parse_rcpt(e.text)) {
            current.mail.recipients.push_back(rcpt->recipient);
        } else {
            throw std::runtime_error("cannot understand = " + e.text);
        }
    }
    return orders;
}

std::string describe(const smtp::reply& r)
{
    if (r.code == 0) return "";
    auto text = format(smtp::reply(r.code, r.enhanced, r.text()));
    return text.substr(0, text.size() - 2);
}

std::string describe(smtp::delivery_stage stage)
{
    switch (stage) {
    case smtp::delivery_stage::not_sent: return "not_sent";
    case smtp::delivery_stage::mail: return "mail";
    case smtp::delivery_stage::recipient: return "recipient";
    case smtp::delivery_stage::data: return "data";
    case smtp::delivery_stage::content: return "content";
    }
    return "";
}

class player {
  public:
    player(const script& s, const manner& how)
        : session_(configure(s)), how_(how), input_(s.lines, {kind::server, kind::event}), orders_(read_orders(s)),
          piece_(s.settings.contains("piece") ? std::stoull(s.settings.at("piece")) : 0)
    {
    }

    outcome play()
    {
        while (!done_.closed && done_.complaint.empty() && done_.actions < 100000) {
            if (done_.actions == how_.cut_after) session_.on_eof();
            auto action = session_.next();
            ++done_.actions;
            std::visit([this](auto& a) { on(a); }, action);
        }
        return done_;
    }

  private:
    bool cut() const { return done_.actions == how_.cut_after; }
    void tell(const std::string& text) { add(done_.lines, kind::question, text); }

    void on(smtp::write& w) { add(done_.lines, kind::client, w.octets); }
    void on(smtp::start_tls&)
    {
        tell("start_tls");
        if (cut()) return;
        if (input_.empty() || input_.front().what != kind::event) {
            done_.complaint = "no ! tls";
            return;
        }
        happen();
    }
    void on(smtp::ready&)
    {
        if (idle_ && !input_.empty() && input_.front().what == kind::server) return read(); // a reply comes in pieces
        tell("ready");
        if (cut()) return;
        if (orders_.empty()) {
            done_.complaint = "no orders left";
            return;
        }
        current_ = orders_.front();
        orders_.erase(orders_.begin());
        for (const auto& line : current_.lines) add(done_.lines, line.what, line.text);
        given_ = 0;
        idle_ = current_.lines.empty();
        if (idle_) return input_.front().what == kind::event ? happen() : read();
        if (current_.quit) return session_.quit();
        session_.begin(current_.mail, current_.facts);
    }
    void on(smtp::want_content&)
    {
        if (cut()) return;
        if (!input_.empty() && input_.front().what == kind::event && input_.front().text == "break") return happen();
        const auto left = current_.content.size() - given_;
        const auto size = piece_ == 0 ? left : std::min(piece_, left);
        buffer_ = std::make_unique<std::string>(current_.content.substr(given_, size));
        given_ += size;
        session_.on_content(*buffer_, given_ == current_.content.size());
        buffer_.reset();
    }
    void on(smtp::result& r)
    {
        EXPECT_EQ(r.recipients.size(), current_.mail.recipients.size());
        for (const auto& one : r.recipients) {
            tell("result " + describe(one.stage) + (one.from_peer ? " " : " local ") + describe(one.answer));
        }
        if (r.content_sent_answer_lost) tell("answer lost");
    }
    void on(smtp::close& c)
    {
        std::string text = "close " + std::string(to_string(c.why));
        if (c.failure.code != 0) text += (c.from_peer ? " " : " local ") + describe(c.failure);
        tell(text);
        done_.closed = true;
        EXPECT_TRUE(std::holds_alternative<smtp::close>(session_.next())) << "nothing may follow close";
    }
    void on(smtp::read_more&)
    {
        if (cut()) return;
        if (input_.empty()) {
            done_.complaint = "nothing left to read";
            return;
        }
        if (input_.front().what == kind::event) return happen();
        read();
    }

    void read()
    {
        buffer_ = std::make_unique<std::string>(input_.take(how_.split));
        buffer_->shrink_to_fit();
        add(done_.lines, kind::server, *buffer_);
        session_.on_bytes(*buffer_);
    }

    void happen()
    {
        const auto event = input_.front().text;
        input_.pop();
        add(done_.lines, kind::event, event);
        if (event == "eof") return session_.on_eof();
        if (event == "timeout") return session_.on_timeout();
        if (event == "tls") return session_.on_tls({"TLSv1.3", "TLS_AES_256_GCM_SHA384", "mx.test", true});
        if (event.starts_with("error ")) return session_.on_error(event.substr(6));
        if (event == "break") return session_.on_error("connection reset");
        done_.complaint = "unexpected ! " + event;
    }

    smtp::client_session session_;
    manner how_;
    feed input_;
    std::vector<order> orders_;
    std::size_t piece_;
    order current_;
    std::size_t given_ = 0;
    bool idle_ = false; // ready, and nothing to send
    std::unique_ptr<std::string> buffer_;
    outcome done_;
};

} // namespace

outcome play_client(const script& s, const manner& how)
{
    return player(s, how).play();
}

} // namespace transcript
