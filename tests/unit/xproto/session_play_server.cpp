// Plays the driver of a server session.
#include "tests/unit/xproto/session_half_player.hpp"

#include "xproto/extensions.hpp"
#include "xproto/server_session.hpp"

namespace session_script {
namespace {

using namespace xproto;

server_config configure(const script& s)
{
    server_config c;
    c.extensions = &every_extension();
    c.options = options_of(s);
    c.host = "mx.test";
    c.nonce = "0123456789abcdef";
    for (const auto& [name, value] : s.settings) {
        if (name == "line")
            c.limits.line = std::stoul(value);
        else if (name == "chunk")
            c.limits.chunk = std::stoul(value);
        else if (name == "body")
            c.limits.body = std::stoul(value);
        else if (name == "unasked")
            c.limits.unasked = std::stoul(value);
        else if (name == "errors")
            c.limits.errors = std::stoul(value);
        else if (name == "fragments")
            c.limits.fragments = std::stoul(value);
        else if (name == "octets_before_helo")
            c.limits.octets_before_helo = std::stoul(value);
        else if (name == "window")
            c.window = window_from_text(value).value();
        else if (name == "trusted_window")
            c.trusted_window = window_from_text(value).value();
        else if (name == "prove")
            c.prove = value == "always" ? prove_self::always : prove_self::to_known;
        else if (name == "clear")
            c.options.set(option::tls, true), c.helo_in_clear = value != "no";
        else if (name != "whole" && name != "prompt" && !is_option(name))
            throw std::runtime_error("unknown setting " + name);
    }
    if (s.has("duplex")) c.prove = prove_self::always;
    return c;
}

// "trusted", "known", "unknown"
standing standing_from(const std::string& text)
{
    return text == "trusted" ? standing::trusted : text == "known" ? standing::known : standing::unknown;
}

class server_player final : public half_player<server_session> {
  public:
    server_player(const script& s, const manner& how) : half_player(server_session(configure(s)), s, how, kind::client)
    {
        if (s.has("duplex")) session_.on_tls({true, "exporter"});
    }

  private:
    using half_player::on;
    void tell(server_session::action& action) override
    {
        std::visit([this](auto& a) { on(a); }, action);
    }
    void on(server_session::write& a) { on_write(a.octets); }
    void on(server_session::read_more&) { on_idle(true); }
    void on(server_session::wait&)
    {
        EXPECT_TRUE(cut_ || !outstanding_.empty()) << "wait without a question";
        on_idle(false);
    }
    void on(server_session::start_tls&)
    {
        on_close("start_tls");
        EXPECT_TRUE(std::holds_alternative<server_session::start_tls>(session_.next()))
            << "nothing may follow in clear";
    }
    void on(server_session::check_identity& a)
    {
        ask("check_identity " + std::to_string(a.tag) + ' ' + a.host + ' ' + a.proof);
        EXPECT_TRUE(a.transcript.starts_with("xproto-helo-v1\nrole 6 client\n"));
        expect("identity");
    }
    void on(server_session::make_proof& a)
    {
        ask("make_proof");
        EXPECT_TRUE(a.transcript.starts_with("xproto-helo-v1\nrole 6 server\n"));
        expect("proof");
    }
    void on(server_session::close& a)
    {
        on_close("close " + a.code.text() + ' ' + a.text);
        expect_all_over();
    }

    void obey(const std::string& text) override
    {
        std::string rest;
        const auto first = words(text, 2, rest);
        if (first.at(0) == "identity" && first.at(1) == "refused") {
            std::string why;
            const auto code = words(rest, 1, why);
            return session_.on_identity(identity_answer::refuse(code_from(code.at(0)), why));
        }
        if (first[0] == "identity")
            return session_.on_identity(identity_answer::accept(standing_from(first.at(1)), rest));
        if (first[0] == "proof") return session_.on_proof(text.size() > 6 ? text.substr(6) : "");
        if (!obey_half(text)) throw std::runtime_error("cannot understand = " + text);
    }
    void happen(const std::string& text) override
    {
        if (text == "eof") return session_.on_eof();
        if (text == "timeout") return session_.on_timeout();
        if (text == "shutdown") return session_.on_shutdown();
        if (text == "disowned") return session_.on_disowned(codes::invalid_certificate, "no path to a CA");
        throw std::runtime_error("unexpected ! " + text);
    }
    void answer_somehow() override
    {
        if (outstanding_.empty()) {
            done_.complaint = "waits for nothing";
            return;
        }
        const auto key = *outstanding_.begin();
        outstanding_.erase(outstanding_.begin());
        if (key == "identity") return session_.on_identity(identity_answer::accept(standing::trusted, "client.test"));
        if (key == "proof") return session_.on_proof("proof");
        obey(key + (key.starts_with("object") ? " permit" : " accept"));
    }
};

} // namespace

outcome play_server(const script& s, const manner& how)
{
    return server_player(s, how).play();
}

} // namespace session_script
