// Plays the driver of a client session.
#include "tests/unit/xproto/session_half_player.hpp"

#include "xproto/client_session.hpp"
#include "xproto/extensions.hpp"

namespace session_script {
namespace {

using namespace xproto;

const extension_table& with_tls()
{
    static const extension_table table = [] {
        auto made = core_extensions();
        made.install(tls_extension);
        return made;
    }();
    return table;
}

client_config configure(const script& s)
{
    client_config c;
    c.extensions = &every_extension();
    c.want = options_of(s);
    c.host = "client.test";
    c.server_host = "mx.test";
    c.nonce = "fedcba9876543210";
    for (const auto& [name, value] : s.settings) {
        if (name == "line")
            c.limits.line = std::stoul(value);
        else if (name == "chunk")
            c.limits.chunk = std::stoul(value);
        else if (name == "recipients")
            c.limits.recipients = static_cast<std::uint32_t>(std::stoul(value));
        else if (name == "unsolicited")
            c.limits.unsolicited = std::stoul(value);
        else if (name == "messages")
            c.messages = static_cast<std::uint32_t>(std::stoul(value));
        else if (name == "output")
            c.limits.output = std::stoul(value);
        else if (name == "window")
            c.window = window_from_text(value).value();
        else if (name == "errors")
            c.limits.errors = std::stoul(value);
        else if (name == "takes_unasked")
            c.takes_unasked = true;
        else if (name == "no_pipeline")
            c.want = {};
        else if (name == "server_proof")
            c.require_server_proof = true;
        else if (name == "tls")
            c.extensions = &with_tls(), c.tls = value == "offered" ? use_tls::offered : use_tls::required;
        else if (name == "any_server")
            c.server_host.clear();
        else if (name != "whole" && name != "prompt" && !is_option(name))
            throw std::runtime_error("unknown setting " + name);
    }
    return c;
}

class client_player final : public half_player<client_session> {
  public:
    client_player(const script& s, const manner& how) : half_player(client_session(configure(s)), s, how, kind::server)
    {
    }

  private:
    using half_player::on;
    void tell(client_session::action& action) override
    {
        std::visit([this](auto& a) { on(a); }, action);
    }
    void on(client_session::write& a) { on_write(a.octets); }
    void on(client_session::read_more&) { on_idle(true); }
    void on(client_session::wait&)
    {
        EXPECT_TRUE(cut_ || !outstanding_.empty()) << "wait without a question";
        on_idle(false);
    }
    void on(client_session::write_urgent& a) { ask("urgent " + a.octets.substr(0, a.octets.size() - 2)); }
    void on(client_session::start_tls&)
    {
        on_close("start_tls");
        EXPECT_TRUE(std::holds_alternative<client_session::start_tls>(session_.next()))
            << "nothing may follow in clear";
    }
    void on(client_session::check_identity& a)
    {
        ask("check_identity " + std::to_string(a.tag) + ' ' + a.host + ' ' + a.proof);
        EXPECT_TRUE(a.transcript.starts_with("xproto-helo-v1\nrole 6 server\n"));
        expect("identity");
    }
    void on(client_session::make_proof& a)
    {
        ask("make_proof");
        EXPECT_TRUE(a.transcript.starts_with("xproto-helo-v1\nrole 6 client\n"));
        expect("proof");
    }
    void on(client_session::close& a)
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
        if (first[0] == "identity") return session_.on_identity(identity_answer::accept(standing::known, rest));
        if (first[0] == "proof") return session_.on_proof(text.size() > 6 ? text.substr(6) : "");
        if (first[0] == "quit") return session_.quit();
        if (first[0] == "noop") return session_.keep_alive();
        if (!obey_half(text)) throw std::runtime_error("cannot understand = " + text);
    }
    void happen(const std::string& text) override
    {
        if (text == "eof") return session_.on_eof();
        if (text == "timeout") return session_.on_error("the server took too long", codes::timed_out);
        if (text.starts_with("error ")) return session_.on_error(text.substr(6));
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
        if (key == "identity") return session_.on_identity(identity_answer::accept(standing::known, "mx.test"));
        if (key == "proof") return session_.on_proof("proof");
        done_.complaint = "still wants " + key;
    }
};

} // namespace

outcome play_client(const script& s, const manner& how)
{
    return client_player(s, how).play();
}

} // namespace session_script
