// What playing the drivers of both sessions has in common about messages: hands messages in, gives their octets and
// sees that each has one result; and keeps a ledger of those that arrive: every message the driver was asked about must
// end in exactly one way, and every object must have as many octets as were announced.
#pragma once

#include "tests/unit/xproto/session_player.hpp"

#include "xproto/transfers.hpp"

#include <map>

namespace session_script {

using xproto::finish_answer;
using xproto::object_answer;
using xproto::object_type;
using xproto::object_type_from_text;
using xproto::outgoing;
namespace receiving = xproto::receiving;
using xproto::recipient_answer;
using xproto::resumption;
namespace sending = xproto::sending;
using xproto::to_text;

// "3;550 ERR 99.821.5.1.1 No such user."
inline recipient_answer recipient_from(const std::string& text)
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
inline finish_answer finish_from(std::string text)
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

inline object_answer object_from(const std::string& text)
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

// "1 n23@est.com 10 20 30 TYPE=text/plain DIGEST=sha-256:..." (of the envelope); "1 id 10" is a control message;
// "SKELETON=5 LEAF=6 LEAF=7" splits the body, "FRAGMENT=3" breaks up what is large.
inline outgoing outgoing_from(const std::string& text)
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

inline std::string describe(sending::outcome how)
{
    switch (how) {
    case sending::outcome::accepted: return "accepted";
    case sending::outcome::refused: return "refused";
    case sending::outcome::lost: return "lost";
    }
    return "";
}

template <class Session> class half_player : public player<Session> {
  public:
    using player<Session>::player;

  protected:
    using player<Session>::ask;
    using player<Session>::expect;
    using player<Session>::session_;
    using player<Session>::outstanding_;
    using player<Session>::cut_;

    struct object {
        std::string id;
        std::uint64_t announced = 0;
        std::uint64_t appended = 0;
        bool fragments = false;
        bool finishing = false;
        bool last = false;
    };

    // --- what is taken
    void on(receiving::check_object& a)
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
    void on(receiving::append& a)
    {
        EXPECT_FALSE(a.octets.empty());
        ask("append " + std::to_string(a.tag) + ' ' + std::string(a.octets));
        ASSERT_TRUE(objects_.contains(a.tag));
        EXPECT_TRUE(messages_.contains(objects_[a.tag].id)) << "octets of a message that is over";
        objects_[a.tag].appended += a.octets.size();
    }
    void on(receiving::finish_object& a)
    {
        ask("finish_object " + std::to_string(a.tag) + ' ' + a.message_id + ' ' + std::string(to_text(a.type)) +
            (a.last ? " last" : ""));
        expect("finished " + std::to_string(a.tag));
        auto& o = objects_.at(a.tag);
        EXPECT_TRUE(o.fragments || o.appended == o.announced) << a.message_id;
        o.finishing = true;
        o.last = a.last;
    }
    void on(receiving::check_held& a)
    {
        ask("check_held " + std::to_string(a.tag) + ' ' + a.message_id);
        session_.on_held(a.tag, {a.message_id.starts_with("owned"), {{"sha-256:aa", 7}, {"sha-256:bb", 12}}});
    }
    void on(receiving::abort& a)
    {
        ask("abort " + std::to_string(a.tag) + ' ' + a.message_id);
        EXPECT_TRUE(messages_.erase(a.message_id)) << "abort of a message that is over";
    }

    // --- what is sent
    void on(typename Session::ready&)
    {
        ask("ready");
        EXPECT_TRUE(cut_ || session_.can_send());
    }
    void on(sending::later_hop& a)
    {
        ask("later_hop " + a.what.message_id + ' ' + std::to_string(a.what.hop) + ' ' + a.what.host + ' ' +
            a.what.next);
    }
    void on(sending::want_content& a)
    {
        ask("want_content " + std::to_string(a.handle) + ' ' + std::string(to_text(a.type)) + ' ' +
            std::to_string(a.offset) + ' ' + std::to_string(a.max) +
            (a.leaf != 0 ? " leaf " + std::to_string(a.leaf) : ""));
        EXPECT_TRUE(sent_.contains(a.handle)) << "content of a message that is over";
        expect("content " + std::to_string(a.handle));
    }
    void on(sending::held& a)
    {
        auto text = "held " + std::to_string(a.handle);
        if (a.answer.owned) text += " OWNED";
        for (const auto& one : a.answer.objects) text += ' ' + one.digest + ' ' + std::to_string(one.octets);
        ask(text);
        expect("on " + std::to_string(a.handle));
    }
    void on(sending::result& a)
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

    // False: the answer is about something else.
    bool obey_half(const std::string& text)
    {
        std::string rest;
        const auto first = words(text, 2, rest);
        if (first.at(0) == "full") {
            EXPECT_FALSE(session_.can_send());
            return true;
        }
        if (first.size() < 2 || first[0] == "identity" || first[0] == "proof") return false;
        if (first[0] == "object" || first[0] == "finished" || first[0] == "progress")
            return obey_taking(first[0], static_cast<std::uint32_t>(std::stoul(first[1])), rest);
        const auto handle = std::stoull(first[1]);
        if (first[0] == "cancel") {
            outstanding_.erase("content " + first[1]);
            session_.cancel(handle);
        } else if (first[0] == "send") {
            EXPECT_TRUE(session_.can_send());
            auto message = outgoing_from(text.substr(5));
            sent_.insert(message.handle);
            session_.send(std::move(message));
        } else if (first[0] == "on") {
            resumption how;
            how.from = std::stoull(rest);
            how.beginning = "sha-256:00";
            session_.resume(handle, how);
        } else if (first[0] == "content") {
            std::string piece;
            const auto type = object_type_from_text(words(rest, 1, piece).at(0));
            session_.on_content(handle, type.value(), piece);
        } else {
            return false;
        }
        return true;
    }
    bool obey_taking(const std::string& what, std::uint32_t tag, const std::string& rest)
    {
        if (what == "progress") {
            session_.on_progress(tag);
        } else if (what == "object") {
            const auto answer = object_from(rest);
            if (rest.starts_with("here")) objects_.at(tag).appended = objects_.at(tag).announced; // nothing will come
            const bool goes_on = answer.permitted || rest.starts_with("here");
            if (!goes_on && objects_.contains(tag)) messages_.erase(objects_[tag].id);
            session_.on_object(tag, answer);
        } else {
            const auto answer = finish_from(rest);
            const auto& o = objects_[tag];
            if (!answer.ok || answer.complete || o.last) messages_.erase(o.id);
            session_.on_finished(tag, answer);
        }
        return true;
    }
    // At close.
    void expect_all_over()
    {
        EXPECT_TRUE(sent_.empty()) << "a message without result";
        EXPECT_FALSE(session_.can_send());
        for (const auto& [tag, o] : objects_) {
            const bool may_go_on = o.finishing; // the verdict was asked for, and nobody hears it
            if (messages_.contains(o.id) && !may_go_on) continue;
            messages_.erase(o.id);
        }
        EXPECT_TRUE(messages_.empty()) << "neither finished nor aborted: " << *messages_.begin();
        EXPECT_TRUE(std::holds_alternative<typename Session::close>(session_.next())) << "nothing may follow close";
    }

    std::set<std::string> messages_; // that the driver was asked about and that are not over
    std::map<std::uint32_t, object> objects_;
    std::set<std::uint64_t> sent_; // without a result
};

} // namespace session_script
