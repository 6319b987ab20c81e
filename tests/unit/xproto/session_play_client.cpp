// Plays the driver of a client session: hands messages in, gives their octets, and sees that each has one result.
#include "tests/unit/xproto/session_player.hpp"

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

// "1 n23@est.com 10 20 30 TYPE=text/plain DIGEST=sha-256:..." (of the envelope); "1 id 10" is a control message;
// "SKELETON=5 LEAF=6 LEAF=7" splits the body, "FRAGMENT=3" breaks up what is large.
outgoing outgoing_from(const std::string& text)
{
    outgoing o;
    std::string rest;
    for (const auto& word : words(text, 99, rest)) {
        if (o.handle == 0)
            o.handle = std::stoull(word);
        else if (o.message_id.empty())
            o.message_id = word;
        else if (word.starts_with("TYPE="))
            o.media_type = word.substr(5);
        else if (word.starts_with("DIGEST="))
            o.digests[0] = word.substr(7);
        else if (word.starts_with("SKELETON="))
            o.skeleton_octets = std::stoull(word.substr(9));
        else if (word.starts_with("LEAF="))
            o.leaves.push_back({std::stoull(word.substr(5)), "sha-256:" + word.substr(5), "image/png", "a b.png"});
        else if (word.starts_with("FRAGMENT="))
            o.fragment_octets = std::stoull(word.substr(9));
        else if (word == "STAT")
            o.ask_held = true;
        else if (o.envelope_octets == 0)
            o.envelope_octets = std::stoull(word), o.envelope_only = true;
        else if (o.envelope_only)
            o.headers_octets = std::stoull(word), o.envelope_only = false;
        else
            o.body_octets = std::stoull(word);
    }
    return o;
}

std::string describe(client_session::outcome how)
{
    switch (how) {
    case client_session::outcome::accepted: return "accepted";
    case client_session::outcome::refused: return "refused";
    case client_session::outcome::lost: return "lost";
    }
    return "";
}

class client_player final : public player<client_session> {
  public:
    client_player(const script& s, const manner& how) : player(client_session(configure(s)), s, how, kind::server) {}

  private:
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
    void on(client_session::later_hop& a)
    {
        ask("later_hop " + a.what.message_id + ' ' + std::to_string(a.what.hop) + ' ' + a.what.host + ' ' +
            a.what.next);
    }
    void on(client_session::ready&)
    {
        ask("ready");
        EXPECT_TRUE(cut_ || session_.can_send());
    }
    void on(client_session::want_content& a)
    {
        ask("want_content " + std::to_string(a.handle) + ' ' + std::string(to_text(a.type)) + ' ' +
            std::to_string(a.offset) + ' ' + std::to_string(a.max) +
            (a.leaf != 0 ? " leaf " + std::to_string(a.leaf) : ""));
        EXPECT_TRUE(sent_.contains(a.handle)) << "content of a message that is over";
        expect("content " + std::to_string(a.handle));
    }
    void on(client_session::held& a)
    {
        auto text = "held " + std::to_string(a.handle);
        if (a.answer.owned) text += " OWNED";
        for (const auto& one : a.answer.objects) text += ' ' + one.digest + ' ' + std::to_string(one.octets);
        ask(text);
        expect("on " + std::to_string(a.handle));
    }
    void on(client_session::result& a)
    {
        auto text = "result " + std::to_string(a.handle) + ' ' + describe(a.outcome) + ' ' + a.code.text();
        for (const auto& r : a.recipients) {
            text += " (RCPT=" + std::to_string(r.number) + ';' + std::to_string(r.smtp_code);
            text += (r.accepted ? " OK " : " ERR ") + r.code.text() + ' ' + r.text + ')';
        }
        if (a.smtp_code != 0) text += " (SMTP " + std::to_string(a.smtp_code) + ')';
        text += ' ' + a.text;
        if (a.already_had) text += " ALREADY HAD";
        if (a.answer_lost) text += " ANSWER LOST";
        ask(text);
        EXPECT_TRUE(sent_.erase(a.handle)) << "a second result";
        outstanding_.erase("content " + std::to_string(a.handle));
    }
    void on(client_session::close& a)
    {
        on_close("close " + a.code.text() + ' ' + a.text);
        EXPECT_TRUE(sent_.empty()) << "a message without result";
        EXPECT_FALSE(session_.can_send());
        EXPECT_TRUE(std::holds_alternative<client_session::close>(session_.next())) << "nothing may follow close";
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
        if (first[0] == "full") {
            EXPECT_FALSE(session_.can_send());
            return;
        }
        const auto handle = std::stoull(first.at(1));
        if (first[0] == "cancel") {
            outstanding_.erase("content " + first[1]);
            return session_.cancel(handle);
        }
        if (first[0] == "send") {
            ASSERT_TRUE(session_.can_send());
            auto message = outgoing_from(text.substr(5));
            sent_.insert(message.handle);
            return session_.send(std::move(message));
        }
        if (first[0] == "on") {
            resumption how;
            how.from = std::stoull(rest);
            how.beginning = "sha-256:00";
            return session_.on_held(handle, how);
        }
        if (first[0] != "content") throw std::runtime_error("cannot understand = " + text);
        std::string piece;
        const auto type = object_type_from_text(words(rest, 1, piece).at(0));
        session_.on_content(handle, type.value(), piece);
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

    std::set<std::uint64_t> sent_; // without a result
};

} // namespace

outcome play_client(const script& s, const manner& how)
{
    return client_player(s, how).play();
}

} // namespace session_script
