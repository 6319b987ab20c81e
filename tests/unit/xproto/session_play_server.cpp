// Plays the driver of a server session, and keeps a ledger: every message the driver was asked about must end in
// exactly one way, and every object must have as many octets as were announced.
#include "tests/unit/xproto/session_player.hpp"

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
        else if (name == "prove")
            c.prove = value == "always" ? prove_self::always : prove_self::to_known;
        else if (name == "clear")
            c.options.set(option::tls, true), c.helo_in_clear = value != "no";
        else if (name != "whole" && name != "prompt" && !is_option(name))
            throw std::runtime_error("unknown setting " + name);
    }
    return c;
}

// "trusted", "known", "unknown"
standing standing_from(const std::string& text)
{
    return text == "trusted" ? standing::trusted : text == "known" ? standing::known : standing::unknown;
}

// "3;550 ERR 99.821.5.1.1 No such user."
recipient_answer recipient_from(const std::string& text)
{
    recipient_answer r;
    const auto parts = words(text, 3, r.text);
    const auto semicolon = parts.at(0).find(';');
    r.number = static_cast<std::uint32_t>(std::stoul(parts[0]));
    if (semicolon != std::string::npos) r.smtp_code = std::stoi(parts[0].substr(semicolon + 1));
    r.accepted = parts.at(1) == "OK";
    r.code = code_from(parts.at(2));
    return r;
}

// "accept", "control", "have", "refuse 99.0.5.27 text", each with "; RECIPIENT" at the end as often as wanted.
finish_answer finish_from(std::string text)
{
    std::vector<recipient_answer> recipients;
    for (auto at = text.rfind("; "); at != text.npos; at = text.rfind("; ")) {
        recipients.insert(recipients.begin(), recipient_from(text.substr(at + 2)));
        text.erase(at);
    }
    std::string rest;
    const auto first = words(text, 2, rest);
    if (first.at(0) == "accept") return finish_answer::accept(recipients);
    if (first.at(0) == "control") return finish_answer::accept_control(recipients);
    if (first.at(0) == "have") return finish_answer::already_have();
    if (first.at(0) != "refuse") throw std::runtime_error("cannot understand = finished " + text);
    auto answer = finish_answer::refuse(code_from(first.at(1)), rest);
    answer.recipients = recipients;
    return answer;
}

object_answer object_from(const std::string& text)
{
    std::string rest;
    const auto first = words(text, 2, rest);
    const bool last = first.size() > 1 && first[1] == "last";
    if (first.size() > 1 && first[1] == "of") return object_answer::permit_whole(std::stoull(rest));
    if (first.at(0) == "permit") return object_answer::permit_leaf(last);
    if (first.at(0) == "here") return object_answer::leaf_here(last);
    if (first.at(0) == "have") return object_answer::already_have();
    if (first.at(0) != "refuse") throw std::runtime_error("cannot understand = object " + text);
    int smtp = 0;
    if (rest.starts_with("(SMTP ")) {
        smtp = std::stoi(rest.substr(6));
        rest.erase(0, rest.find(')') + 2);
    }
    return object_answer::refuse(code_from(first.at(1)), rest, smtp);
}

class server_player final : public player<server_session> {
  public:
    server_player(const script& s, const manner& how) : player(server_session(configure(s)), s, how, kind::client) {}

  private:
    struct object {
        std::string id;
        std::uint64_t announced = 0;
        std::uint64_t appended = 0;
        bool fragments = false;
        bool finishing = false;
        bool last = false;
    };

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
    void on(server_session::check_object& a)
    {
        auto text = "check_object " + std::to_string(a.tag) + ' ' + a.message_id + ' ' + std::string(to_text(a.type)) +
                    " {" + std::to_string(a.octets) + "} {" + std::to_string(a.pending) + '}';
        if (a.from != 0) text += " FROM=" + std::to_string(a.from);
        if (!a.media_type.empty()) text += " TYPE=" + a.media_type;
        if (!a.file_name.empty()) text += " NAME=" + a.file_name;
        if (!a.digest.empty()) text += " DIGEST=" + a.digest;
        if (a.unasked) text += " NOW";
        ask(text);
        expect("object " + std::to_string(a.tag));
        EXPECT_EQ(messages_.contains(a.message_id), a.type != object_type::envelope) << a.message_id;
        messages_.insert(a.message_id);
        objects_[a.tag] = {a.message_id, a.octets, 0, a.pending != 0, false, false};
    }
    void on(server_session::append& a)
    {
        EXPECT_FALSE(a.octets.empty());
        ask("append " + std::to_string(a.tag) + ' ' + std::string(a.octets));
        ASSERT_TRUE(objects_.contains(a.tag));
        EXPECT_TRUE(messages_.contains(objects_[a.tag].id)) << "octets of a message that is over";
        objects_[a.tag].appended += a.octets.size();
    }
    void on(server_session::finish_object& a)
    {
        ask("finish_object " + std::to_string(a.tag) + ' ' + a.message_id + ' ' + std::string(to_text(a.type)) +
            (a.last ? " last" : ""));
        expect("finished " + std::to_string(a.tag));
        auto& o = objects_.at(a.tag);
        EXPECT_TRUE(o.fragments || o.appended == o.announced) << a.message_id;
        o.finishing = true;
        o.last = a.last;
    }
    void on(server_session::check_held& a)
    {
        ask("check_held " + std::to_string(a.tag) + ' ' + a.message_id);
        session_.on_held(a.tag, {a.message_id.starts_with("owned"), {{"sha-256:aa", 7}, {"sha-256:bb", 12}}});
    }
    void on(server_session::abort& a)
    {
        ask("abort " + std::to_string(a.tag) + ' ' + a.message_id);
        EXPECT_TRUE(messages_.erase(a.message_id)) << "abort of a message that is over";
    }
    void on(server_session::close& a)
    {
        on_close("close " + a.code.text() + ' ' + a.text);
        for (const auto& [tag, o] : objects_) {
            const bool may_go_on = o.finishing; // the verdict was asked for, and nobody hears it
            if (messages_.contains(o.id) && !may_go_on) continue;
            messages_.erase(o.id);
        }
        EXPECT_TRUE(messages_.empty()) << "neither finished nor aborted: " << *messages_.begin();
        EXPECT_TRUE(std::holds_alternative<server_session::close>(session_.next())) << "nothing may follow close";
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
        const auto tag = static_cast<std::uint32_t>(std::stoul(first.at(1)));
        if (first[0] == "progress") return session_.on_progress(tag);
        if (first[0] == "object") {
            const auto answer = object_from(rest);
            if (rest.starts_with("here")) objects_.at(tag).appended = objects_.at(tag).announced; // nothing will come
            if (answer.permitted || rest.starts_with("here")) return session_.on_object(tag, answer);
            if (objects_.contains(tag)) messages_.erase(objects_[tag].id);
            return session_.on_object(tag, answer);
        }
        if (first[0] != "finished") throw std::runtime_error("cannot understand = " + text);
        const auto answer = finish_from(rest);
        const auto& o = objects_[tag];
        if (!answer.ok || answer.complete || o.last) messages_.erase(o.id);
        session_.on_finished(tag, answer);
    }
    void happen(const std::string& text) override
    {
        if (text == "eof") return session_.on_eof();
        if (text == "timeout") return session_.on_timeout();
        if (text == "shutdown") return session_.on_shutdown();
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

    std::set<std::string> messages_; // that the driver was asked about and that are not over
    std::map<std::uint32_t, object> objects_;
};

} // namespace

outcome play_server(const script& s, const manner& how)
{
    return server_player(s, how).play();
}

} // namespace session_script
